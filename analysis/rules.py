"""Thresholds and wording of the findings, from `findings.toml`, validated on load."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from prompts.vocabulary import FINDING_CODES, STAGES, TOPICS, FindingCode, Stage, Topic

_FILE = Path(__file__).with_name("findings.toml")


@dataclass(frozen=True, slots=True)
class Rule:
    """One finding's table: numbers are thresholds, texts are wording."""

    code: FindingCode
    numbers: Mapping[str, float]
    texts: Mapping[str, str]

    def text(self, key: str, **fields: object) -> str:
        """Wording with its {fields} filled in."""
        return self.texts[key].format(**fields)


@dataclass(frozen=True, slots=True)
class TopicRule:
    """Where a topic is at home, whether saying it anywhere shows that stage, its name, and what to do about it."""

    stage: Stage
    marks: bool
    name: str
    advice: str


@cache
def _table() -> Mapping[str, Any]:
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    if not set(table) <= {*FINDING_CODES, "topics"} or set(table["topics"]) != set(TOPICS):
        raise ValueError(f"{_FILE.name} may hold tables of findings only, and must hold one for every topic")
    for code in set(table) - {"topics"}:
        if not {"message", "source"} <= set(table[code]):
            raise ValueError(f"{_FILE.name}: [{code}] lacks message or source")
    for topic, row in table["topics"].items():
        if set(row) != {"stage", "marks", "name", "advice"} or row["stage"] not in STAGES:
            raise ValueError(f"{_FILE.name}: [topics.{topic}] needs stage, marks, name and advice")
    return table


@cache
def rule(code: FindingCode) -> Rule:
    """The rule of one finding."""
    row = _table()[code]
    return Rule(
        code,
        {key: float(value) for key, value in row.items() if isinstance(value, int | float)},
        {key: value for key, value in row.items() if isinstance(value, str)},
    )


@cache
def topic_rules() -> Mapping[Topic, TopicRule]:
    """Every topic's rule."""
    return {topic: TopicRule(**_table()["topics"][topic]) for topic in TOPICS}
