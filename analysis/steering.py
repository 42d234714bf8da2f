"""Recognises, by the phrases of `steering.toml`, an interviewer who steers and a candidate who carries on."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Move = Literal["redirect", "asking", "change", "carrying_on", "next_subject", "taking_up", "maybe_taking_up"]
"""What somebody does to the course of the conversation."""

_FILE = Path(__file__).with_name("steering.toml")
_NOT_SPOKEN = re.compile(r"[^\w' ]+|(?<!\w)'|'(?!\w)")


def makes(text: str, move: Move) -> bool:
    """Whether the text holds a phrase of that move."""
    return bool(_patterns()[move].search(_plain(text)))


def _plain(text: str) -> str:
    """The words alone, one space around each; apostrophes within words stay."""
    words = _NOT_SPOKEN.sub(" ", text.lower().replace("’", "'")).split()
    return f" {' '.join(words)} "


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    if set(table) != set(get_args(Move)):
        raise ValueError(f"{_FILE.name} must hold exactly {', '.join(get_args(Move))}")
    for move, phrases in table.items():
        if not phrases or not all(isinstance(phrase, str) and phrase.strip() for phrase in phrases):
            raise ValueError(f"{_FILE.name}: {move} must be a list of phrases")
    return {move: re.compile(f" (?:{'|'.join(map(_pattern, phrases))}) ") for move, phrases in table.items()}


def _pattern(phrase: str) -> str:
    return " ".join(map(_word_pattern, phrase.split()))


def _word_pattern(word: str) -> str:
    return r"\S+" if word == "*" else f"(?:{'|'.join(map(re.escape, word.split('|')))})"
