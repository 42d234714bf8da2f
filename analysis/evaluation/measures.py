"""Right and wrong by time: accuracy, F1 of each stage, macro-F1, confusion."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from analysis.evaluation.course import Course
from prompts.vocabulary import STAGE_LABELS, StageLabel


def _rows(courses: Sequence[Course]) -> Iterator[tuple[StageLabel, StageLabel, float]]:
    for one in courses:
        yield from zip(one.truth, one.given, one.seconds, strict=True)


def accuracy(courses: Sequence[Course]) -> float:
    """Share of the time with the right label; nan where there is no time."""
    right = sum(seconds for truth, given, seconds in _rows(courses) if truth == given)
    total = sum(seconds for _, _, seconds in _rows(courses))
    return right / total if total else float("nan")


def stage_f1(courses: Sequence[Course], label: StageLabel) -> float:
    """Time-weighted F1 of one label; nan where it is neither true nor given."""
    both = sum(seconds for truth, given, seconds in _rows(courses) if truth == given == label)
    either = sum(seconds * ((truth == label) + (given == label)) for truth, given, seconds in _rows(courses))
    return 2 * both / either if either else float("nan")


def macro_f1(courses: Sequence[Course]) -> float:
    """Mean F1 over the labels that occur, each weighing the same however rare it is; nan where none does."""
    each = [f1 for label in STAGE_LABELS if not np.isnan(f1 := stage_f1(courses, label))]
    return float(np.mean(each)) if each else float("nan")


def confusion(courses: Sequence[Course]) -> dict[tuple[StageLabel, StageLabel], float]:
    """Minutes by true and given label."""
    minutes: dict[tuple[StageLabel, StageLabel], float] = defaultdict(float)
    for truth, given, seconds in _rows(courses):
        minutes[truth, given] += seconds / 60
    return dict(minutes)
