"""How soon a running session knows that the stage has changed."""

import math

from analysis.evaluation.course import Course, visits

WANTED_SECONDS = 20.0
"""A stage change is to be known within so much speech; a visit with less is an excursion, not a stage change."""


def delays(one: Course) -> list[float]:
    """Seconds of the candidate's speech from each stage change until the label of its stage is first given.

    A label is given when its utterance ends, so the utterance counts. Infinite where the stage is left without. The
    session's first stage is no change; `one` holds the labels of the online form.
    """
    found = []
    for stage, rows in visits(one.truth)[1:]:
        if sum(one.speech[row] for row in rows if one.truth[row] == stage) < WANTED_SECONDS:
            continue
        spoken, known = 0.0, math.inf
        for row in rows:
            spoken += one.speech[row]
            if one.given[row] == stage:
                known = spoken
                break
        found.append(known)
    return found
