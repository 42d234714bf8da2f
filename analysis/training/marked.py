"""Labelled single utterances that either have a mark or not: minute details, commitments to an algorithm.

Tab-separated columns `group` (the problem domain), `label` (the mark, or what stands for its absence) and `text`.
"""

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MarkedUtterance:
    """One utterance: its problem domain, whether it has the mark, and its text."""

    domain: str
    marked: bool
    text: str


def load_marked(path: Path, mark: str, other: str) -> list[MarkedUtterance]:
    """Every row of a file whose labels are `mark` or `other`; ValueError names file and line of a wrong one."""
    rows = []
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        for row in reader:
            if set(row) != {"group", "label", "text"} or not all(row.values()) or row["label"] not in (mark, other):
                raise ValueError(f"{path.name}:{reader.line_num}: not 'group, {mark} or {other}, text': {row}")
            rows.append(MarkedUtterance(row["group"], row["label"] == mark, row["text"]))
    return rows


def load_details(folder: Path) -> list[MarkedUtterance]:
    """Utterances about a minute detail, and ordinary design talk however technical."""
    return load_marked(folder / "details.tsv", "detail", "design")


def load_commitments(folder: Path) -> list[MarkedUtterance]:
    """Utterances that commit to a concrete algorithm, and ones that name one only, or none."""
    return load_marked(folder / "commitments.tsv", "commit", "none")
