"""Headings of a written text: each says what the lines under it are about, however vague they are by themselves.

Talk has no headings, and nothing changes there. Found by form alone (numbering, capitals, no full stop), as a reader
finds them; what a heading is about, the stage classifier says, which hears it as if it had been said alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.classifier import Classifiers, softmax
from analysis.features import alone
from prompts.vocabulary import STAGE_LABELS
from speech.transcript import Utterance

Kind = Literal["numbered", "title", "label"]

WRAP_UP, OTHER = STAGE_LABELS.index("wrap_up"), STAGE_LABELS.index("other")

LEAST_HEADINGS = 3
"""A text with fewer is talk: a recogniser, too, leaves a full stop out now and then. And a text with fewer marked as
headings in Markdown is not in Markdown."""

WEIGHT: dict[Kind, float] = {"numbered": 0.8, "title": 0.3, "label": 0.3}
"""Share of a heading's log odds that counts for each line of its section. Chosen on published guides to such
interviews; short lines that only look like a title are many there, numbers hardly ever mislead."""

SURE = 0.3
"""Probability of a heading's likeliest stage from which it says anything."""

MOST = 4.0
"""Bound on what a heading can add to a line's log odds of a stage."""

RATHER = 0.5
"""Probability from which a heading opens a part that belongs to no stage (references, advice, links), or one that sums up
or looks ahead."""

APART, CLOSING = 2.0, 3.0
"""What such a heading adds to the log odds of `other`, and of `wrap_up`, for each line of its part. Lines that sum up
speak of every stage, and lines of advice do, so what they say by themselves counts for little there."""

LATE = 0.5
"""Share of a text's lines before the first that can open what sums up."""

LONGEST, LONGEST_TITLE, LONGEST_LABEL = 12, 9, 4
"""Words of a numbered heading, of a title with capitals, and of any other line without a full stop where sentences lack it."""

LIST = 3
"""Titles in a row from which they are a list; two are a heading and the first one under it."""

CAPITALS = 0.7
"""Share of a title's longer words that begin with a capital."""

STOPPED = 0.4
"""Share of a text's lines that are long sentences with a full stop, from which its sentences do end in one."""

_MARKED = re.compile(r"\s*(#+)\s")
_NUMBER = re.compile(r"\s*\d+(?:\.\d+)*")
_NUMBERED = re.compile(
    r"\s*(?:#+\s|(?:\d+(?:\.\d+)*|[IVX]+)[.):]\s|\d+(?:\.\d+)+\s"
    r"|(?:step|stage|part|phase|section|chapter)\s*"
    r"(?:\d+|[ivx]+\b|one|two|three|four|five|six|seven|eight|nine|ten)\b)",
    re.IGNORECASE,
)
_LITTLE_WORD = 3


def heading(text: str, longest: int = LONGEST_LABEL) -> Kind | None:
    """What kind of heading a line is by itself, None for a sentence. longest: words of one without capitals."""
    text = text.strip()
    words = text.split()
    if not words or len(words) > LONGEST or text.endswith((".", ",", ";", "!")):
        return None
    if _NUMBERED.match(text):
        return "numbered"
    names = re.findall(r"[^\W\d_][\w'-]*", text)
    if not names or not text[0].isupper():
        return None
    longer = [name for name in names if len(name) > _LITTLE_WORD] or names
    capitals = sum(name[0].isupper() for name in longer) / len(longer)
    titled = len(words) <= LONGEST_TITLE and capitals >= CAPITALS
    if not titled and (len(words) > longest or text.endswith("?")):
        return None
    return "label" if text.endswith(":") else "title"


def headings(texts: Sequence[str]) -> list[Kind | None]:
    """Which lines of a text are headings: of many short lines in a row, as in a list, only numbered ones are."""
    stopped = [text.rstrip().endswith((".", "?", "!")) for text in texts if len(text.split()) > LONGEST]
    # Where sentences end in full stops, a line without one is no sentence.
    longest = LONGEST_TITLE if sum(stopped) > STOPPED * len(texts) else LONGEST_LABEL
    kinds = [heading(text, longest) for text in texts]
    marked = [kind is not None and bool(_MARKED.match(text)) for text, kind in zip(texts, kinds, strict=True)]
    if sum(marked) >= LEAST_HEADINGS:
        # Where chapters are marked, a mere number is one of a list, or of a few paragraphs.
        kinds = ["title" if kind == "numbered" and not mark else kind for kind, mark in zip(kinds, marked, strict=True)]
    found = list(kinds)
    for kind, rows in groupby(range(len(kinds)), key=lambda row: kinds[row]):
        row, *more = rows
        if kind == "title" and len(more) >= LIST - 1:
            found[row : row + 1 + len(more)] = [None] * (1 + len(more))
    return found if sum(kind is not None for kind in found) >= LEAST_HEADINGS else [None] * len(texts)


def depth(text: str) -> int:
    """How deep the chapter lies that a numbered heading opens: 1 for a chapter of the whole, 2 for a part of one."""
    if marked := _MARKED.match(text):
        return len(marked[1])
    number = _NUMBER.match(text)
    return number[0].count(".") + 1 if number else 1


def with_sections(
    probabilities: NDArray[np.float64], texts: Sequence[str], classifiers: Classifiers
) -> NDArray[np.float64]:
    """The classifier's probabilities of every line, shape (n, 7), with what the headings above it say."""
    kinds = headings(texts)
    rows = [row for row, kind in enumerate(kinds) if kind is not None]
    if not rows:
        return probabilities
    lines = [Utterance(0, 0, 0, "candidate", texts[row]) for row in rows]
    about = dict(zip(rows, classifiers.stages(alone(lines), [line.text for line in lines]), strict=True))
    depths = {row: depth(texts[row]) for row in rows if kinds[row] == "numbered"}
    outermost = [row for row in depths if depths[row] == min(depths.values())]
    outline = _Outline()
    odds = np.log(np.maximum(probabilities, 1e-9))
    for row, kind in enumerate(kinds):
        if kind is not None:
            late = kind != "label" and row >= LATE * len(texts)
            # The one heading above all others is the text's own title.
            outline.open(_meant(about[row], kind, late, whole=outermost == [row]), depths.get(row))
        odds[row] += outline.odds()
    return softmax(odds)


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a heading adds to the log odds of each label in the lines under it. says: it does so at all. apart: they belong to
    no stage. closes: they sum up the whole."""

    odds: NDArray[np.float64]
    says: bool = True
    apart: bool = False
    closes: bool = False


_VAGUE = _Meant(np.zeros(len(STAGE_LABELS)), says=False)


class _Outline:
    """The headings that count at a line: the chapters it lies in, from the outermost, and the last heading without a number.

    A chapter ends with the next one of its depth, and a heading inside it adds to what it says. What sums up the whole ends
    all before it, and so does what belongs to no stage, save for a part of a chapter: that is about what the chapter is.
    """

    def __init__(self) -> None:
        self._chapters: list[tuple[int, _Meant]] = []
        self._under = _VAGUE

    def open(self, meant: _Meant, depth: int | None) -> None:
        """A heading is met. depth: of its chapter; None when it has no number."""
        if depth is None and not meant.closes:
            if meant.apart:
                self._chapters = []
            self._under = meant if meant.says else self._under
            return
        own = depth or 1
        around = [] if meant.closes else [(deep, chapter) for deep, chapter in self._chapters if deep < own]
        inside = any(chapter.says and not chapter.apart for _, chapter in around)
        if meant.says and not (meant.apart and inside):
            around = [(deep, chapter) for deep, chapter in around if not chapter.apart] + [(own, meant)]
        self._chapters, self._under = around, _VAGUE

    def odds(self) -> NDArray[np.float64]:
        """What is added to the log odds of each label."""
        return self._under.odds + sum(chapter.odds for _, chapter in self._chapters)


def _meant(about: NDArray[np.float64], kind: Kind, late: bool, *, whole: bool) -> _Meant:
    """about: probability of each label for the heading alone. late: it can open what sums up. whole: it is the text's title."""
    if kind != "label" and about[OTHER] >= RATHER:
        return _Meant(np.where(np.arange(len(STAGE_LABELS)) == OTHER, APART, 0.0), apart=True)
    if whole or about[:-1].max() < SURE:
        return _VAGUE
    said = _said(about, WEIGHT[kind])
    closes = late and about[WRAP_UP] >= RATHER
    if closes:
        said[WRAP_UP] += CLOSING
    return _Meant(said, closes=closes)


def _said(about: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """What a heading about a stage adds to the log odds of each label; of `other` it says nothing."""
    stages = about[:-1] / about[:-1].sum()
    odds = np.log(np.maximum(stages, 1e-3))
    return np.append(np.clip(weight * (odds - odds.mean()), -MOST, MOST), 0.0)
