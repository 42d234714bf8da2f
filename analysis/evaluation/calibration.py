"""Whether a label's confidence is the share of such labels that are right.

Expected calibration error after Naeini, Cooper and Hauskrecht 2015 and Guo et al. 2017: labels in bins of equal width by
confidence, the gap between mean confidence and share right in each, averaged by the number of labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.evaluation.course import Course

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Labels whose confidence lies in [low, high), the last bin's including 1: their number, mean, and share right."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


def reliability(courses: Sequence[Course], bins: int = BINS) -> list[Bin]:
    """The bins that hold any label, from the least confident on."""
    held: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for one in courses:
        for truth, given, confidence in zip(one.truth, one.given, one.confidence, strict=True):
            held[min(int(confidence * bins), bins - 1)].append((confidence, truth == given))
    return [
        Bin(
            low=place / bins,
            high=(place + 1) / bins,
            count=len(some),
            confidence=sum(confidence for confidence, _ in some) / len(some),
            right=sum(right for _, right in some) / len(some),
        )
        for place, some in enumerate(held)
        if some
    ]


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Mean gap between confidence and share right, 0 to 1; nan without labels."""
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.confidence - one.right) for one in bins) / total if total else float("nan")
