"""Labelled single utterances: tab-separated files of stage, topics and text.

Topics are `?` where a text speaks about designs instead of making one: whether it covers a topic is not for learning.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from prompts.vocabulary import STAGE_LABELS, TOPICS, StageLabel, Topic

_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class LabelledUtterance:
    """One utterance outside any session; `group` is its file's name. advice: nothing is known of its topics."""

    group: str
    stage: StageLabel
    topics: tuple[Topic, ...]
    text: str
    advice: bool = False


def load_singles(folder: Path) -> list[LabelledUtterance]:
    """Every row of every `*.tsv` in a folder; ValueError names file and line of a wrong one."""
    rows = []
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                stage, topics, text = row["stage"], tuple((row["topics"] or "").split()), row["text"]
                advice = topics == (_UNKNOWN,)
                topics = () if advice else topics
                if stage not in STAGE_LABELS or not set(topics) <= set(TOPICS) or not text:
                    raise ValueError(f"{path.name}: wrong row {row}")
                label = cast(StageLabel, stage), cast(tuple[Topic, ...], topics)
                rows.append(LabelledUtterance(path.stem, *label, text, advice))
    return rows
