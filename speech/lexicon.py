"""How written terms are said aloud: `lexicon.toml` applied to a prompt before any voice reads it."""

import re
import tomllib
from functools import cache
from pathlib import Path


@cache
def _terms() -> tuple[re.Pattern[str], dict[str, str], re.Pattern[str], dict[str, str]]:
    """The two patterns and what each match is spoken as."""
    table = tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text(encoding="utf-8"))
    words: dict[str, str] = table["words"]
    units: dict[str, str] = table["units"]
    # Longest first, or "PR-AUC" would be met as "AUC". A letter or digit beside a term makes it another word.
    longest_first = sorted(words, key=len, reverse=True)
    word = "|".join(
        (r"(?<![\w-])" if term[0].isalnum() else "") + re.escape(term) + (r"s?(?!\w)" if term[-1].isalnum() else "")
        for term in longest_first
    )
    unit = "|".join(re.escape(name) for name in sorted(units, key=len, reverse=True))
    return re.compile(word), words, re.compile(rf"(?<![\w.])(\d[\d.,]*)\s?({unit})(?!\w)"), units


def spoken_form(text: str) -> str:
    """The text as it should be said: terms of the trade and units spelled for the ear, white space made single."""
    word, words, unit, units = _terms()

    def say(match: re.Match[str]) -> str:
        written = match.group()
        return words[written] if written in words else words[written.removesuffix("s")] + "s"

    said = unit.sub(lambda match: f"{match[1]} {units[match[2]]}", text)
    return " ".join(word.sub(say, said).split())


def split_for_voice(text: str, longest: int = 300) -> list[str]:
    """Pieces of at most `longest` characters, cut after a sentence, else after a clause, else between words."""
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > longest:
        window = rest[: longest + 1]
        cuts = [
            max((match.start() for match in re.finditer(pattern, window)), default=0)
            for pattern in (r"(?<=[.!?])\s", r"(?<=[,;:])\s", r"\s")
        ]
        cut = next((position for position in cuts if position > 0), longest)
        pieces.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [piece for piece in [*pieces, rest] if piece]
