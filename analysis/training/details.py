"""Labelled single utterances that are about a minute detail, or are ordinary design talk however technical.

Tab-separated columns `group` (the problem domain), `label` (`detail` or `design`) and `text`.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

_LABELS = ("detail", "design")


@dataclass(frozen=True, slots=True)
class Detail:
    """One utterance: its problem domain, whether it is a minute detail, and its text."""

    domain: str
    minute: bool
    text: str


def load_details(path: Path) -> list[Detail]:
    """Every row of a file; ValueError names file and line of a wrong one."""
    rows = []
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        for row in reader:
            if set(row) != {"group", "label", "text"} or not all(row.values()) or row["label"] not in _LABELS:
                raise ValueError(f"{path.name}:{reader.line_num}: not 'group, detail or design, text': {row}")
            rows.append(Detail(row["group"], row["label"] == "detail", row["text"]))
    return rows
