"""Labelled passages that compare options and close the comparison with a choice, or leave it open.

Blocks separated by an empty line; the first line names the problem domain and whether the comparison is closed:

    # group: eta  closed: yes
    modeling [trade_off] | we could retrain every night or stream updates, fresher but somebody gets paged
    production [recommendation_after_trade_off] | nightly, then
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from analysis.training.singles import LabelledUtterance
from prompts.vocabulary import STAGE_LABELS, TOPICS, StageLabel, Topic

_HEAD = re.compile(r"# group: (?P<group>\S+)\s+closed: (?P<closed>yes|no)")
_LINE = re.compile(r"(?P<stage>\w+) \[(?P<topics>[\w ]*)\] \| (?P<text>.+)")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One passage: its problem domain, whether a choice closes it, and its utterances in order."""

    domain: str
    closed: bool
    utterances: tuple[LabelledUtterance, ...]


def load_comparisons(path: Path) -> list[Comparison]:
    """Every passage of a file; ValueError names file and line of a wrong one."""
    found: list[Comparison] = []
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip()):
        head, *lines = block.splitlines()
        match = _HEAD.fullmatch(head.strip())
        if match is None or not lines:
            raise ValueError(f"{path.name}: {head!r} is not '# group: NAME  closed: yes|no' with lines below")
        utterances = tuple(_utterance(line.strip(), path) for line in lines)
        found.append(Comparison(match["group"], match["closed"] == "yes", utterances))
    return found


def _utterance(line: str, path: Path) -> LabelledUtterance:
    match = _LINE.fullmatch(line)
    if match is None or match["stage"] not in STAGE_LABELS or not set(match["topics"].split()) <= set(TOPICS):
        raise ValueError(f"{path.name}: {line!r} is not 'stage [topics] | text'")
    topics = cast(tuple[Topic, ...], tuple(match["topics"].split()))
    return LabelledUtterance(path.stem, cast(StageLabel, match["stage"]), topics, match["text"])
