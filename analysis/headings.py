"""Headings of a written text: each says what the lines under it are about, however vague they are by themselves.

Talk has no headings, and nothing changes there. Found by form alone (numbering, capitals, no full stop), as a reader
finds them; what a heading is about, the stage classifier says, which hears it as if it had been said alone.
"""

import re
from collections.abc import Sequence
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
"""A text with fewer is talk: a recogniser, too, leaves a full stop out now and then."""

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
    found = list(kinds)
    for kind, rows in groupby(range(len(kinds)), key=lambda row: kinds[row]):
        row, *more = rows
        if kind == "title" and len(more) >= LIST - 1:
            found[row : row + 1 + len(more)] = [None] * (1 + len(more))
    return found if sum(kind is not None for kind in found) >= LEAST_HEADINGS else [None] * len(texts)


def with_sections(
    probabilities: NDArray[np.float64], texts: Sequence[str], classifiers: Classifiers
) -> NDArray[np.float64]:
    """The classifier's probabilities of every line, shape (n, 7), with what the headings above it say.

    A numbered heading counts until the next one; any other adds to it until the next heading. One that belongs to no stage,
    and one that sums up, ends what the headings before it say; a label, which introduces a few lines, never does.
    """
    kinds = headings(texts)
    rows = [row for row, kind in enumerate(kinds) if kind is not None]
    if not rows:
        return probabilities
    lines = [Utterance(0, 0, 0, "candidate", texts[row]) for row in rows]
    about = dict(zip(rows, classifiers.stages(alone(lines), [line.text for line in lines]), strict=True))
    odds = np.log(np.maximum(probabilities, 1e-9))
    section = chapter = np.zeros(len(STAGE_LABELS))
    for row, kind in enumerate(kinds):
        if kind in ("numbered", "title") and about[row][OTHER] >= RATHER:
            section = np.where(np.arange(len(STAGE_LABELS)) == OTHER, APART, 0.0)
            chapter = section if kind == "numbered" else chapter
        elif kind is not None and about[row][:-1].max() >= SURE:
            said = _said(about[row], WEIGHT[kind])
            closing = kind != "label" and about[row][WRAP_UP] >= RATHER and row >= LATE * len(texts)
            if closing:
                said[WRAP_UP] += CLOSING
            chapter = said if closing or kind == "numbered" else chapter
            section = said if closing or kind == "numbered" else chapter + said
        odds[row] += section
    return softmax(odds)


def _said(about: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """What a heading about a stage adds to the log odds of each label; of `other` it says nothing."""
    stages = about[:-1] / about[:-1].sum()
    odds = np.log(np.maximum(stages, 1e-3))
    return np.append(np.clip(weight * (odds - odds.mean()), -MOST, MOST), 0.0)
