"""From per-utterance probabilities to the stages of a session: a hidden Markov model over the six stages.

The sequence decides, not the sentence: stages last minutes, so one sentence about labels in the middle of modeling
is an aside. States are the six stages; `other` is not a state but a way to emit from any of them, so thinking aloud
does not end a stage. The chance of leaving a stage grows with the time an utterance takes against the stage's planned
time, and the framework's order makes the next stage the likeliest to follow (Rabiner 1989 for the algorithms).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prompts.frameworks import PlannedStage
from prompts.vocabulary import STAGE_LABELS, STAGES, StageLabel

OTHER = STAGE_LABELS.index("other")

EMISSION_WEIGHT = 0.6
"""Exponent on the classifier's probabilities: neighbours share context, so their evidence is not independent."""

OTHER_WEIGHT = 0.5
"""How far `other` counts as evidence for staying in any stage."""

FORWARD, SKIP, BACK = 1.0, 0.2, 0.08
"""Relative weight of moving to the planned next stage, past it, or back to an earlier one."""

UNPLANNED_END = 0.1
"""Relative weight of ending a whole talk in another stage than the plan's last."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The label of each utterance and the probability that it is right."""

    labels: tuple[StageLabel, ...]
    confidence: tuple[float, ...]


def _order(plan: Sequence[PlannedStage]) -> NDArray[np.float64]:
    """Weights of moving from stage to stage, rows sum to one, nothing on the diagonal."""
    place = {stage: len(STAGES) for stage in STAGES}
    for index, planned in reversed(list(enumerate(plan))):
        place[planned.stage] = index
    rank = np.array([place[stage] for stage in STAGES])
    weights = np.zeros((len(STAGES), len(STAGES)))
    for here in range(len(STAGES)):
        later = [there for there in range(len(STAGES)) if rank[there] > rank[here]]
        following = min(later, key=lambda there: rank[there], default=None)
        for there in range(len(STAGES)):
            if there != here:
                weights[here, there] = FORWARD if there == following else SKIP if there in later else BACK
    normalised: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return normalised


def _transitions(plan: Sequence[PlannedStage], seconds: float) -> NDArray[np.float64]:
    """Log transition matrix for an utterance that takes so long."""
    planned = np.array([sum(p.seconds for p in plan if p.stage == stage) for stage in STAGES])
    leave = np.clip(seconds / np.maximum(planned, 30.0), 0.01, 0.3)[:, None]
    matrix: NDArray[np.float64] = leave * _order(plan)
    matrix[np.arange(len(STAGES)), np.arange(len(STAGES))] = 1 - leave[:, 0]
    log: NDArray[np.float64] = np.log(matrix)
    return log


def _start(plan: Sequence[PlannedStage]) -> NDArray[np.float64]:
    first = np.full(len(STAGES), 0.06)
    if plan:
        first[STAGES.index(plan[0].stage)] = 1.0
    log: NDArray[np.float64] = np.log(first / first.sum())
    return log


def _end(plan: Sequence[PlannedStage]) -> NDArray[np.float64]:
    """Talks end in the plan's last stage more often than its few sentences could show alone."""
    last = np.full(len(STAGES), UNPLANNED_END)
    if plan:
        last[STAGES.index(plan[-1].stage)] = 1.0
    log: NDArray[np.float64] = np.log(last)
    return log


def decode(
    probabilities: NDArray[np.float64], seconds: Sequence[float], plan: Sequence[PlannedStage], *, online: bool = False
) -> Decoded:
    """Label a session's candidate utterances.

    probabilities: the classifier's, shape (n, 7) in the order of STAGE_LABELS. seconds: how long each takes, pauses
    included. plan: the framework's stages. online: use the past only, as a live session must (each label is then the
    forward algorithm's best, otherwise Viterbi's path with forward-backward confidence).
    """
    if not len(probabilities):
        return Decoded((), ())
    stage = np.delete(probabilities, OTHER, axis=1)
    other = probabilities[:, [OTHER]]
    emission = EMISSION_WEIGHT * np.log(np.maximum(stage + OTHER_WEIGHT * other / len(STAGES), 1e-6))
    steps = np.stack([_transitions(plan, value) for value in seconds])
    forward = _forward(emission, steps, _start(plan))
    if online:
        posterior, path = _normalised(forward), forward.argmax(axis=1)
    else:
        posterior = _normalised(forward + _backward(emission, steps, _end(plan)))
        path = _viterbi(emission, steps, _start(plan), _end(plan))
    labels: list[StageLabel] = []
    confidence = []
    for index, state in enumerate(path):
        belongs = 1 - float(probabilities[index, OTHER])
        if belongs < 0.5:
            labels.append("other")
            confidence.append(1 - belongs)
        else:
            labels.append(STAGES[state])
            confidence.append(belongs * float(posterior[index, state]))
    return Decoded(tuple(labels), tuple(confidence))


def _log_sum(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    top = values.max(axis=axis, keepdims=True)
    summed: NDArray[np.float64] = (np.log(np.exp(values - top).sum(axis=axis, keepdims=True)) + top).squeeze(axis)
    return summed


def _normalised(log: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(log - log.max(axis=1, keepdims=True))
    rows: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return rows


def _forward(
    emission: NDArray[np.float64], steps: NDArray[np.float64], start: NDArray[np.float64]
) -> NDArray[np.float64]:
    rows = np.empty_like(emission)
    rows[0] = start + emission[0]
    for index in range(1, len(emission)):
        rows[index] = emission[index] + _log_sum(rows[index - 1][:, None] + steps[index], axis=0)
    return rows


def _backward(
    emission: NDArray[np.float64], steps: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    rows = np.zeros_like(emission)
    rows[-1] = end
    for index in range(len(emission) - 2, -1, -1):
        rows[index] = _log_sum(steps[index + 1] + (emission[index + 1] + rows[index + 1])[None, :], axis=1)
    return rows


def _viterbi(
    emission: NDArray[np.float64],
    steps: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
) -> NDArray[np.intp]:
    best, back = start + emission[0], np.zeros(emission.shape, np.intp)
    for index in range(1, len(emission)):
        scores = best[:, None] + steps[index]
        back[index] = scores.argmax(axis=0)
        best = emission[index] + scores.max(axis=0)
    path = np.empty(len(emission), np.intp)
    path[-1] = (best + end).argmax()
    for index in range(len(emission) - 1, 0, -1):
        path[index - 1] = back[index, path[index]]
    return path
