"""Where stages begin: boundary errors in seconds, Pk and WindowDiff.

Pk (Beeferman, Berger and Lafferty 1999) is the share of windows in which truth and hypothesis disagree whether its two
ends lie in one segment; WindowDiff (Pevzner and Hearst 2002) the share in which they count different numbers of
boundaries, so that a near miss costs less than a miss and a boundary too many is not overlooked. Both are 0 for a
perfect segmentation; units are the candidate's utterances, and `other` continues the stage it interrupts.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from analysis.evaluation.course import Course, visits, without_other
from prompts.vocabulary import StageLabel


def boundaries(labels: Sequence[StageLabel]) -> tuple[bool, ...]:
    """For each gap between neighbouring utterances, whether another stage begins there; one fewer than utterances."""
    return tuple(before != after for before, after in pairwise(without_other(labels)))


def window(truth: Sequence[bool]) -> int:
    """The window of both measures: half the mean length of a true segment, in utterances, at least one.

    truth: the gaps of `boundaries`.
    """
    return max(1, round((len(truth) + 1) / (2 * (sum(truth) + 1))))


def pk(truth: Sequence[bool], given: Sequence[bool], width: int) -> float:
    """Beeferman's Pk with windows over so many gaps; nan for texts no longer than the window."""
    return _disagreement(truth, given, width, lambda one, other: (one > 0) != (other > 0))


def window_diff(truth: Sequence[bool], given: Sequence[bool], width: int) -> float:
    """Pevzner and Hearst's WindowDiff with windows over so many gaps; nan for texts no longer than the window."""
    return _disagreement(truth, given, width, lambda one, other: one != other)


def _disagreement(
    truth: Sequence[bool], given: Sequence[bool], width: int, differ: Callable[[int, int], bool]
) -> float:
    if len(truth) != len(given):
        raise ValueError(f"{len(truth)} gaps against {len(given)}")
    windows = range(len(truth) - width + 1)
    if not windows:
        return float("nan")
    wrong = sum(differ(sum(truth[first : first + width]), sum(given[first : first + width])) for first in windows)
    return wrong / len(windows)


def mean_pk(courses: Sequence[Course]) -> float:
    """Pk of each session with its own window, averaged over sessions."""
    return _mean(courses, pk)


def mean_window_diff(courses: Sequence[Course]) -> float:
    """WindowDiff of each session with its own window, averaged over sessions."""
    return _mean(courses, window_diff)


def _mean(courses: Sequence[Course], measure: Callable[[Sequence[bool], Sequence[bool], int], float]) -> float:
    gaps = [(boundaries(one.truth), boundaries(one.given)) for one in courses]
    each = [measure(truth, given, window(truth)) for truth, given in gaps]
    known = [value for value in each if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def boundary_errors(one: Course) -> list[float]:
    """Seconds between a stage's true first utterance and its first utterance as given, for the stages both have."""
    return [
        abs(one.start[one.truth.index(stage)] - one.start[one.given.index(stage)])
        for stage in dict.fromkeys(one.truth)
        if stage != "other" and stage in one.given
    ]


def stages_found(one: Course) -> tuple[int, int, int]:
    """How many stages truly occur, how many of these were given too, and how many were given that do not occur."""
    truth = {stage for stage, _ in visits(one.truth)} - {"other"}
    given = {stage for stage, _ in visits(one.given)} - {"other"}
    return len(truth), len(truth & given), len(given - truth)
