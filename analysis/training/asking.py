"""Trains what a line of the interviewer's asks for on labelled lines, and on statements for the words of each topic.

`python -m analysis.training.asking` writes `models/asking.npz`. Deterministic: the same lines give the same file.
The lines are in `asking/*.tsv`, tab-separated columns `group` (the problem domain, `any` without one), `asks` (topics and
stages, any of which would answer it, or `-`) and `text`.
"""

import csv
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from analysis.asking import ASKED, NOTHING, WEIGHTS, Asking, store_asking
from analysis.embedding import embed
from analysis.training.singles import LabelledUtterance, load_singles
from analysis.training.train import FOLDER
from analysis.training.words import fit_classes

STRENGTH = 10.0
"""Inverse L2 penalty of the opinion by meaning."""

STATEMENTS, STATEMENT_WEIGHT = 120, 0.1
"""Most statements of each topic that are learned from beside the lines, and how much each counts."""


@dataclass(frozen=True, slots=True)
class AskingLine:
    """One line of an interviewer's: its problem domain, what it asks for, and its text."""

    domain: str
    asks: tuple[str, ...]
    text: str


def load_lines(folder: Path) -> list[AskingLine]:
    """Every line of a folder's files; ValueError names file and line of a wrong one."""
    rows = []
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            for row in reader:
                asks = tuple((row.get("asks") or "").split())
                wrong = set(row) != {"group", "asks", "text"} or not all(row.values())
                if wrong or not set(asks) <= set(ASKED) or (NOTHING in asks and len(asks) > 1):
                    raise ValueError(f"{path.name}:{reader.line_num}: not 'group, names or -, text': {row}")
                rows.append(AskingLine(row["group"], asks, row["text"]))
    return rows


def fit_asking(lines: Sequence[AskingLine], singles: Sequence[LabelledUtterance]) -> Asking:
    """Fit both opinions. A line that asks for several things counts once, in parts."""
    examples = [(line.text, asked, 1 / len(line.asks)) for line in lines for asked in line.asks]
    examples += _statements(singles)
    texts, asked, weights = (list(column) for column in zip(*examples, strict=True))
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(embed(texts), asked, sample_weight=weights)
    order = [list(model.classes_).index(name) for name in ASKED]
    return Asking(
        model.coef_[order].astype(np.float32),
        model.intercept_[order].astype(np.float32),
        fit_classes(texts, asked, ASKED, weights),
    )


def _statements(singles: Sequence[LabelledUtterance]) -> list[tuple[str, str, float]]:
    """Statements of one topic: who asks for a topic uses words of those who talk about it."""
    chosen, taken = [], Counter[str]()
    for single in singles:
        if len(single.topics) == 1 and single.topics[0] in ASKED and not single.advice:
            topic = single.topics[0]
            taken[topic] += 1
            if taken[topic] <= STATEMENTS:
                chosen.append((single.text, str(topic), STATEMENT_WEIGHT))
    return chosen


def main() -> int:
    """Train on everything and write the file."""
    lines = load_lines(FOLDER / "asking")
    with threadpool_limits(1):
        store_asking(fit_asking(lines, load_singles(FOLDER / "utterances")))
    print(f"{WEIGHTS.name}: {len(lines)} lines, {WEIGHTS.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
