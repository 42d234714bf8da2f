"""Technical terms written as what they are: `terms.toml` applied to recognised words.

Whisper writes what it hears, "ex g boost" or "ray lou". A correction must never touch ordinary English, so there are
two kinds of forms: those that mean nothing else, and ordinary words that count only beside a word of the trade.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, chain
from pathlib import Path

from prompts.errors import UserError
from speech.transcript import Word

TABLE = Path(__file__).with_name("terms.toml")

NEAR = 8
"""An ordinary word is a term when a word of the trade stands at most this many words away."""

_MOST_WORDS = 8
_CONTEXT_WORDS = 3
_PARTS = re.compile(r"([\W_]*)(.*?)((?:['’]s)?[\W_]*)", re.DOTALL)
_GOES_ON = re.compile(r"[^\W_]-?$|\w\.\w\.$")
"""How a word ends when the next belongs to it: without punctuation, unless its letters are ("A.B. test")."""


class BrokenTerms(UserError):
    """A table of terms that contradicts itself, or has another shape."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The table of technical terms {what}", "Put speech/terms.toml right")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What a form becomes: the words between `before` and `after`, which stay, become the one word `written`.

    before, after: letters and digits of the words that form and term have in common at either end.
    """

    term: str
    written: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Terms:
    """A table of terms, as `load` checks it.

    heard: forms that are always rewritten, reduced to letters and digits. breaks: where words may end in each of
    them, in letters; "x g boost" may be heard as "xg boost", "redis" never as "red is". near: forms that need context,
    word for word. context: words of the trade, reduced likewise. longest: most words that a form can have.
    """

    heard: Mapping[str, Rewrite]
    breaks: Mapping[str, frozenset[int]]
    near: Mapping[str, Rewrite]
    context: frozenset[str]
    longest: int


def correct(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words with misheard technical terms put right.

    What becomes one word has the start of its first, the end of its last, and the lowest probability of all; what
    stood around it (quotes, a comma, a full stop, a possessive) stays. Correcting twice changes nothing more.
    """
    return correct_by(_terms(), words)


def correct_by(terms: Terms, words: Sequence[Word]) -> tuple[Word, ...]:
    """`correct` by a table of one's own."""
    before = tuple(words)
    # A term put right is context for others, so once more until nothing changes: each time round, words get fewer or
    # one becomes a term, which `load` sees to it that no form rewrites.
    for _ in words:
        after = _once(terms, before)
        if after == before:
            break
        before = after
    return before


def load(path: Path = TABLE) -> Terms:
    """Read and check a table of terms. Raises BrokenTerms."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BrokenTerms(f"is not TOML ({error})") from error
    if unknown := table.keys() - {"heard", "heard_near", "context"}:
        raise BrokenTerms(f"has an unknown part {min(unknown)!r}")
    context = _checked(table.get("context", []), "context")
    # A term that is always put right is a form itself, however its capitals are set apart.
    always = {term: [term, *_checked(forms, term)] for term, forms in table.get("heard", {}).items()}
    near_context = {term: _checked(forms, term) for term, forms in table.get("heard_near", {}).items()}
    heard, near = _forms(always, _solid), _forms(near_context, _spaced)
    breaks: dict[str, frozenset[int]] = {}
    for form in chain.from_iterable(always.values()):
        breaks[_solid(form)] = breaks.get(_solid(form), frozenset()) | _breaks(
            re.sub(r"(?=[A-Z])|(?<=\D)(?=\d)|(?<=\d)(?=\D)", " ", form)
        )
    for term in [*always, *near_context]:
        again = heard.get(_solid(term)) or near.get(_spaced(term))
        if again and again.term != term:
            raise BrokenTerms(f"would make {again.term!r} of its own {term!r}")
    for form, rewrite in near.items():
        if heard.get(_solid(form), rewrite).term != rewrite.term:
            raise BrokenTerms(f"makes both {heard[_solid(form)].term!r} and {rewrite.term!r} of {form!r}")
    longest = max([1, *(min(len(form), _MOST_WORDS) for form in heard), *(len(form.split()) for form in near)])
    return Terms(heard, breaks, near, frozenset(map(_solid, [*context, *always])), longest)


def _checked(listed: object, of: str) -> list[str]:
    if not isinstance(listed, list) or not all(isinstance(form, str) and _solid(form) for form in listed):
        raise BrokenTerms(f"needs a list of words as {of!r}")
    return listed


def _forms(listed: Mapping[str, Sequence[str]], key: Callable[[str], str]) -> dict[str, Rewrite]:
    found: dict[str, Rewrite] = {}
    for term, forms in listed.items():
        for form in forms:
            other = found.setdefault(key(form), _rewrite(term, form))
            if other.term != term:
                raise BrokenTerms(f"makes both {other.term!r} and {term!r} of {form!r}")
    return found


def _rewrite(term: str, form: str) -> Rewrite:
    written, said = term.split(), form.split()
    before = after = ""
    while len(written) > 1 and len(said) > 1 and _solid(written[-1]) == _solid(said[-1]):
        after = _solid(said.pop()) + after
        written.pop()
    while len(written) > 1 and len(said) > 1 and _solid(written[0]) == _solid(said[0]):
        before += _solid(said.pop(0))
        written.pop(0)
    if len(written) > 1:
        raise BrokenTerms(f"can put right one word of {term!r} only, and {form!r} differs in more")
    return Rewrite(term, written[0], before, after)


@cache
def _terms() -> Terms:
    return load()


def _solid(text: str) -> str:
    return re.sub(r"[\W_]", "", text.lower())


def _spaced(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", re.sub("['’]", "", text.lower())))


def _breaks(text: str) -> frozenset[int]:
    """Where words end in a text, in letters and digits from its start; the last end is not told."""
    return frozenset([*accumulate(map(len, _spaced(text).split()))][:-1])


def _once(terms: Terms, words: Sequence[Word]) -> tuple[Word, ...]:
    done: list[Word] = []
    at = 0
    while at < len(words):
        size = 1
        put_right: Sequence[Word] = words[at : at + 1]
        for longer in range(min(terms.longest, len(words) - at), 0, -1):
            found = _put_right(terms, words, at, longer)
            if found is not None:
                size, put_right = longer, found
                break
        done += put_right
        at += size
    return tuple(done)


def _put_right(terms: Terms, words: Sequence[Word], at: int, size: int) -> Sequence[Word] | None:
    """What the words of a form become, which may be what they are; None where they are no form."""
    found = words[at : at + size]
    texts = [word.text for word in found]
    if not all(_GOES_ON.search(text) for text in texts[:-1]) or not all(text[:1].isalnum() for text in texts[1:]):
        return None
    rewrite = _meant(terms, _said(" ".join(texts)))
    if rewrite is None:
        rewrite = terms.near.get(_spaced(" ".join(texts)))
        if rewrite is None or not _in_context(terms, words, at, size):
            return None
    first = _count(rewrite.before, texts)
    last = _count(rewrite.after[::-1], [_said(text)[::-1] for text in reversed(texts)])
    if first is None or last is None or first + last >= size:
        return None
    core = _merged(found[first : size - last], rewrite.written)
    if last:
        core = replace(core, text=core.text.rstrip("."))
    return [*found[:first], core, *found[size - last :]]


def _said(text: str) -> str:
    return _parts(text)[1]


def _parts(text: str) -> tuple[str, str, str]:
    """What stands before, in and after the words of a text; a possessive stands after."""
    match = _PARTS.fullmatch(text)
    assert match, "every text has these parts, though they may be empty"
    return match[1], match[2], match[3]


def _meant(terms: Terms, said: str) -> Rewrite | None:
    """What a form that needs no context stands for."""
    solid = _solid(said)
    if solid in terms.heard:
        return terms.heard[solid] if _breaks(said) <= terms.breaks[solid] else None
    # Letters take a plural ("LLMs"); that of another term may be an ordinary word.
    singular = terms.heard.get(solid[:-1]) if said.endswith("s") else None
    if singular and not singular.after and singular.written[-1].isupper() and _breaks(said) <= terms.breaks[solid[:-1]]:
        return replace(singular, written=singular.written + "s")
    return None


def _count(kept: str, texts: Sequence[str]) -> int | None:
    """How many of the texts, from the first on, make up these letters."""
    for number, so_far in enumerate(accumulate((_solid(text) for text in texts), initial="")):
        if len(so_far) >= len(kept):
            return number if so_far == kept else None
    return None


def _in_context(terms: Terms, words: Sequence[Word], at: int, size: int) -> bool:
    for side in (words[max(0, at - NEAR) : at], words[at + size : at + size + NEAR]):
        solid = [_solid(_said(word.text)) for word in side]
        for start in range(len(solid)):
            for joined in accumulate(solid[start : start + _CONTEXT_WORDS]):
                if joined in terms.context or (joined.endswith("s") and joined[:-1] in terms.context):
                    return True
    return False


def _merged(found: Sequence[Word], written: str) -> Word:
    before, said, after = _parts(" ".join(word.text for word in found))
    if written.islower() and not re.search(r"\d", written) and said[0].isupper():
        written = written[0].upper() + written[1:]
    if written.endswith("'s"):
        after = after.removeprefix("'s").removeprefix("’s")
    probability = min(word.probability for word in found)
    return Word(found[0].start, found[-1].end, before + written + after, probability)
