"""The phrases and norms of `delivery.toml`, validated on load."""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

_FILE = Path(__file__).with_name("delivery.toml")
_YEAR = re.compile(r"\b(19|20)\d\d$")

PhraseGroup = Literal["hedge", "check_in", "announcement", "stuck"]
Measure = Literal[
    "words_per_minute",
    "fillers_per_hundred",
    "hedges_per_hundred",
    "longest_monologue_seconds",
    "longest_pause_seconds",
]
"""What is compared with a norm: names of `analysis.report.Delivery`'s fields."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of one measure, in its own unit. low: None where less is never too little.

    source: author and year, None where the figure is ours. note: what was counted there, or why ours is what it is.
    """

    low: float | None
    high: float
    source: str | None
    note: str


@dataclass(frozen=True, slots=True)
class DeliveryTable:
    """Phrases by group, the words that make a noun of "kind of", and what is usual of each measure."""

    phrases: Mapping[PhraseGroup, tuple[str, ...]]
    determiners: frozenset[str]
    norms: Mapping[Measure, Usual]


def parse(text: str) -> DeliveryTable:
    """Read the table's text; ValueError names what is wrong with it."""
    table = tomllib.loads(text)
    _expect(set(table) == {"phrases", "words", "norms"}, "must hold exactly [phrases], [words] and [norms]")
    _expect(set(table["phrases"]) == set(get_args(PhraseGroup)), f"[phrases] must hold {get_args(PhraseGroup)}")
    _expect(set(table["words"]) == {"determiner"}, "[words] must hold exactly determiner")
    _expect(set(table["norms"]) == set(get_args(Measure)), f"[norms] must hold {get_args(Measure)}")
    for name, phrases in (*table["phrases"].items(), *table["words"].items()):
        _expect(_is_list_of_phrases(phrases), f"{name} must be a list of phrases, none twice, in lower case")
    return DeliveryTable(
        {group: tuple(phrases) for group, phrases in table["phrases"].items()},
        frozenset(table["words"]["determiner"]),
        {measure: _usual(measure, row) for measure, row in table["norms"].items()},
    )


@cache
def load_delivery_table() -> DeliveryTable:
    """Read `delivery.toml`; ValueError names what is wrong with it."""
    return parse(_FILE.read_text(encoding="utf-8"))


def _expect(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(f"{_FILE.name}: {what}")


def _is_list_of_phrases(phrases: Any) -> bool:
    return (
        isinstance(phrases, list)
        and bool(phrases)
        and all(isinstance(phrase, str) and phrase == phrase.strip().lower() != "" for phrase in phrases)
        and all(phrase.split()[0] != "*" != phrase.split()[-1] for phrase in phrases)
        and len(set(phrases)) == len(phrases)
    )


def _usual(measure: str, row: Any) -> Usual:
    _expect(
        isinstance(row, dict) and {"high", "note"} <= set(row) <= {"low", "high", "source", "note"},
        f"[norms.{measure}] needs high and note, and may have low and source",
    )
    low, high, source, note = row.get("low"), row["high"], row.get("source"), row["note"]
    _expect(_is_number(high) and (low is None or (_is_number(low) and low <= high)), f"[norms.{measure}] low and high")
    _expect(source is None or (isinstance(source, str) and bool(_YEAR.search(source))), f"[norms.{measure}] source")
    _expect(isinstance(note, str) and bool(note), f"[norms.{measure}] note")
    return Usual(None if low is None else float(low), float(high), source, note)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
