"""Labelled single utterances: tab-separated files of stage, topics and text."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from prompts.vocabulary import STAGE_LABELS, TOPICS, StageLabel, Topic


@dataclass(frozen=True, slots=True)
class LabelledUtterance:
    """One utterance outside any session; `group` is its file's name."""

    group: str
    stage: StageLabel
    topics: tuple[Topic, ...]
    text: str


def load_singles(folder: Path) -> list[LabelledUtterance]:
    """Every row of every `*.tsv` in a folder; ValueError names file and line of a wrong one."""
    rows = []
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                stage, topics, text = row["stage"], tuple((row["topics"] or "").split()), row["text"]
                if stage not in STAGE_LABELS or not set(topics) <= set(TOPICS) or not text:
                    raise ValueError(f"{path.name}: wrong row {row}")
                label = LabelledUtterance(path.stem, cast(StageLabel, stage), cast(tuple[Topic, ...], topics), text)
                rows.append(label)
    return rows
