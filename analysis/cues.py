"""The cue phrases and word lists of `cues.toml`, validated on load."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from prompts.vocabulary import STAGE_LABELS, TOPICS

_FILE = Path(__file__).with_name("cues.toml")
_FACTS = ("algorithm", "commitment", "redirect", "tie_back", "check_in", "announced_pause")
_WORDS = (
    *("negation", "contrast", "deferral", "discourse", "auxiliary", "interrogative", "subject", "asking"),
    *("number", "magnitude", "unit", "filler", "filler_phrase"),
)


@dataclass(frozen=True, slots=True)
class Cues:
    """Phrases by group (`topic.labels`, `stage.data`, `algorithm`, …) and single-purpose word lists."""

    groups: Mapping[str, tuple[str, ...]]
    words: Mapping[str, frozenset[str]]


def _phrases(table: Mapping[str, Any], section: str, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    if set(table.get(section, ())) != set(names):
        raise ValueError(f"{_FILE.name}: [{section}] must hold exactly {', '.join(names)}")
    for name, phrases in table[section].items():
        if not phrases or not all(isinstance(phrase, str) and phrase.strip() for phrase in phrases):
            raise ValueError(f"{_FILE.name}: {section}.{name} must be a list of phrases")
    return {name: tuple(phrases) for name, phrases in table[section].items()}


@cache
def load_cues() -> Cues:
    """Read `cues.toml`; ValueError names the section that is wrong."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    groups = {f"topic.{name}": phrases for name, phrases in _phrases(table, "topics", TOPICS).items()}
    groups |= {f"stage.{name}": phrases for name, phrases in _phrases(table, "stages", STAGE_LABELS).items()}
    groups |= _phrases(table, "facts", _FACTS)
    words = {name: frozenset(phrases) for name, phrases in _phrases(table, "words", _WORDS).items()}
    return Cues(groups, words)
