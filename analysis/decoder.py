"""From per-utterance probabilities to the stages of a session: a hidden semi-Markov model over the six stages.

The sequence decides, not the sentence: stages last minutes, so one sentence about labels in the middle of modeling
is an aside. `other` is not a state but a way to emit from any stage, so thinking aloud does not end one. A visit to a
stage is either settled, and then lasts about its planned time (log-normal, wide), or brief, as returns and excursions
are (exponential). The framework's order makes its next stage the likeliest to follow.

A state is a stage with the age of the visit in ticks of the session's clock, or its brief form, which needs no age;
the chance of leaving follows from the duration's hazard at that age. This makes the explicit-duration model an
ordinary hidden Markov model, exact up to the tick and linear in length (Yu 2010, "Hidden semi-Markov models",
Artificial Intelligence 174; Rabiner 1989 for the algorithms).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prompts.frameworks import PlannedStage
from prompts.vocabulary import STAGE_LABELS, STAGES, StageLabel

OTHER = STAGE_LABELS.index("other")

EMISSION_WEIGHT = 0.6
"""Exponent on the classifier's probabilities: neighbours share context, so their evidence is not independent."""

ONLINE_EMISSION_WEIGHT = 0.8
"""The same for a running session, whose utterances share the context before them only: a change is known sooner."""

OTHER_WEIGHT = 0.5
"""How far `other` counts as evidence for staying in any stage."""

NEIGHBOURS, STRETCH_WEIGHT = 3, 3.0
"""Utterances on each side whose mean probability of `other`, times the weight, is added to an utterance's log odds of it.
Chosen on held-out guides, whose introductions are long; talk, where `other` is a sentence or two, stays as it is."""

SURELY_OTHER, SURELY_NOT_OTHER = 0.7, 0.2
"""Between the first and the last utterances that surely belong to a stage, a vague one is more often part of that stage:
there only a sure `other` counts, and no neighbour makes it surer."""

FORWARD, SKIP, BACK = 1.0, 0.05, 0.02
"""Relative weight of moving to the planned next stage, past it, or back to an earlier one."""

BRIEF_FORWARD, BRIEF_SKIP, BRIEF_BACK = 0.1, 0.3, 0.6
"""Share of visits that are brief, by how they were entered: most returns are."""

SETTLED_MEDIAN, SETTLED_SPREAD = 0.8, 0.5
"""Median of a settled visit against the planned time (the rest is the interviewer's), and its log's deviation."""

BRIEF_MEAN = 0.12
"""Mean of a brief visit against the planned time."""

LEAST_LEAVING, MOST_LEAVING = 0.03, 0.6
"""Bounds on the chance of leaving at one utterance, so that wrong, zero or huge times cannot decide alone."""

UNPLANNED_START, UNPLANNED_END = 0.06, 0.1
"""Relative weight of starting, and of ending a whole talk, in another stage than the plan does."""

AGES = 48
"""Ticks in a planned session; a visit older than that stays at the last."""

LEAST_PLANNED = 1 / 90
"""Share of the session that a stage outside the plan is taken to last: half a minute of 45."""

LONGEST_SLOT = 20.0
"""Longest an utterance can count for, in medians of the talk: a forgotten recorder is no time spent in a stage."""

SHORTEST_SLOT, LONGEST_TALK = 1e-3, 1e6
"""Seconds below and beyond which a time is no time at all."""

CONFIDENCE_SLOPE = 0.7
"""Multiplies the log-odds of a label. Fitted by logistic regression on six groups of held-out sessions, clean and as
recognised, full and online together (0.697, with a shift of -0.004); on the other three it takes the full form's
expected calibration error from 0.025 to 0.014."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The label of each utterance and the probability that it is right."""

    labels: tuple[StageLabel, ...]
    confidence: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Model:
    """The priors of one session. States: (stage, column), columns the ages of a settled visit, then the brief one.

    start, end: (6,). settle, brief: (6, 6), entering the stage of the second index from the first, in either form.
    hazard: (6, AGES + 1), leaving per second. slots: (n,), seconds of each utterance. ticks: (n,), how far the clock advances
    at each.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    settle: NDArray[np.float64]
    brief: NDArray[np.float64]
    hazard: NDArray[np.float64]
    slots: NDArray[np.float64]
    ticks: NDArray[np.intp]

    def leaving(self, index: int) -> NDArray[np.float64]:
        """Chance that the visit ends just before an utterance, shape (6, AGES + 1)."""
        chance: NDArray[np.float64] = -np.expm1(-self.hazard * self.slots[index])
        return chance.clip(LEAST_LEAVING, MOST_LEAVING)


def decode(
    probabilities: NDArray[np.float64],
    seconds: Sequence[float],
    plan: Sequence[PlannedStage],
    *,
    online: bool = False,
    durations: bool = True,
) -> Decoded:
    """Label a session's candidate utterances.

    probabilities: the classifier's, shape (n, 7) in the order of STAGE_LABELS. seconds: how long each takes, pauses
    included; a talk without any time counts its utterances as equally long. plan: the framework's stages. online: use
    the past only, as a live session must (each label is then the forward algorithm's best, and the plan keeps its
    minutes; otherwise Viterbi's path with forward-backward confidence, and the plan is scaled to the talk).
    durations: without them a stage is left at any age alike, once in its planned time on average.
    """
    if not len(probabilities):
        return Decoded((), ())
    alone = probabilities[:, OTHER]
    probabilities = probabilities if online else _in_stretches(probabilities)
    stage = np.delete(probabilities, OTHER, axis=1)
    other = probabilities[:, OTHER]
    evidence = np.maximum(stage + OTHER_WEIGHT * other[:, None] / len(STAGES), 1e-6)
    evidence **= ONLINE_EMISSION_WEIGHT if online else EMISSION_WEIGHT
    evidence /= evidence.max(axis=1, keepdims=True)
    model = _model(seconds, plan, online=online, durations=durations)
    if online:
        posterior = np.array([states.sum(axis=1) for states in _forward(evidence, model)])
    else:
        posterior = _smoothed(np.array(list(_forward(evidence, model))), evidence, model)
    path = posterior.argmax(axis=1) if online else _viterbi(evidence, model)
    away = other > 0.5 if online else np.where(_inside(alone), alone > SURELY_OTHER, other > 0.5)
    chance = np.where(away, other, (1 - other) * posterior[np.arange(len(path)), path])
    labels: tuple[StageLabel, ...] = tuple(
        "other" if outside else STAGES[state] for outside, state in zip(away, path, strict=True)
    )
    return Decoded(labels, tuple(map(float, _calibrated(chance))))


def _inside(other: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which utterances lie between the first and the last two in a row that surely belong to a stage."""
    belongs = other < SURELY_NOT_OTHER
    pairs = np.flatnonzero(belongs[:-1] & belongs[1:])
    row = np.arange(len(other))
    return (row >= pairs[0]) & (row <= pairs[-1] + 1) if len(pairs) else np.zeros(len(other), np.bool_)


def _in_stretches(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same with `other` likelier where its neighbours are: introductions and logistics come in stretches."""
    other = np.clip(probabilities[:, OTHER], 1e-6, 1 - 1e-6)
    sums, row = np.concatenate([[0.0], np.cumsum(other)]), np.arange(len(other))
    first, last = np.maximum(row - NEIGHBOURS, 0), np.minimum(row + NEIGHBOURS + 1, len(other))
    around = (sums[last] - sums[first] - other) / np.maximum(last - first - 1, 1)
    odds = other / (1 - other) * np.exp(STRETCH_WEIGHT * around)
    likelier = odds / (1 + odds)
    smoothed: NDArray[np.float64] = probabilities * ((1 - likelier) / (1 - other))[:, None]
    smoothed[:, OTHER] = likelier
    return smoothed


def _calibrated(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    bounded = np.clip(chance, 1e-6, 1 - 1e-6)
    odds = CONFIDENCE_SLOPE * np.log(bounded / (1 - bounded))
    calibrated: NDArray[np.float64] = 1 / (1 + np.exp(-odds))
    return calibrated


def _model(seconds: Sequence[float], plan: Sequence[PlannedStage], *, online: bool, durations: bool) -> _Model:
    length = sum(planned.seconds for planned in plan) or 1.0
    slots = np.clip(np.nan_to_num(np.asarray(seconds, np.float64)), 0.0, LONGEST_TALK)
    slots = np.minimum(slots, length) if online else _bounded(slots, length)
    scale = 1.0 if online else float(slots.sum()) / length
    share = np.array([sum(p.seconds for p in plan if p.stage == stage) for stage in STAGES]) / length
    planned = np.maximum(share, LEAST_PLANNED) * length * scale
    tick = length * scale / AGES
    weights, brief = _order(plan)
    if not durations:
        brief = np.zeros_like(brief)
    start, end = np.full(len(STAGES), UNPLANNED_START), np.full(len(STAGES), UNPLANNED_END)
    if plan:
        start[STAGES.index(plan[0].stage)] = end[STAGES.index(plan[-1].stage)] = 1.0
    # The clock is quantised, not each slot, so that many short utterances add up.
    clock = np.floor(np.cumsum(slots) / tick).astype(np.intp)
    hazard = _hazard(planned, tick) if durations else np.repeat(1 / planned[:, None], AGES + 1, axis=1)
    return _Model(
        start=start / start.sum(),
        end=end,
        settle=weights * (1 - brief),
        brief=weights * brief,
        hazard=hazard,
        slots=slots,
        ticks=np.minimum(np.diff(clock, prepend=0), AGES - 1),
    )


def _bounded(slots: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    """A whole talk's slots without outliers, or equal ones when there is no time at all."""
    timed = slots[slots >= SHORTEST_SLOT]
    if not len(timed):
        return np.full(len(slots), length / len(slots))
    bounded: NDArray[np.float64] = np.minimum(slots, LONGEST_SLOT * np.median(timed))
    return bounded


def _order(plan: Sequence[PlannedStage]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chance of each stage to follow each other, rows sum to one, and the share of such visits that are brief."""
    place = {stage: len(STAGES) for stage in STAGES}
    for index, planned in reversed(list(enumerate(plan))):
        place[planned.stage] = index
    rank = np.array([place[stage] for stage in STAGES])
    weights, brief = np.zeros((len(STAGES), len(STAGES))), np.zeros((len(STAGES), len(STAGES)))
    for here in range(len(STAGES)):
        later = [there for there in range(len(STAGES)) if rank[there] > rank[here]]
        following = min(later, key=lambda there: rank[there], default=None)
        for there in range(len(STAGES)):
            if there == here:
                continue
            weights[here, there], brief[here, there] = (
                (FORWARD, BRIEF_FORWARD)
                if there == following
                else (SKIP, BRIEF_SKIP)
                if there in later
                else (BACK, BRIEF_BACK)
            )
    return weights / weights.sum(axis=1, keepdims=True), brief


def _hazard(planned: NDArray[np.float64], tick: float) -> NDArray[np.float64]:
    """Leaving per second in each state: the fall of the log-normal's survival over each tick, constant when brief."""
    rows = np.empty((len(planned), AGES + 1))
    for row, expected in zip(rows, planned, strict=True):
        late = [math.log(age * tick / (expected * SETTLED_MEDIAN)) / SETTLED_SPREAD for age in range(1, AGES + 1)]
        survival = np.array([1.0, *(0.5 * math.erfc(value / math.sqrt(2)) for value in late)])
        row[:AGES] = -np.diff(np.log(survival)) / tick
        row[AGES] = 1 / (BRIEF_MEAN * expected)
    return rows


def _forward(evidence: NDArray[np.float64], model: _Model) -> Iterator[NDArray[np.float64]]:
    """Probability of each state given the past, shape (6, AGES + 1) for each utterance."""
    before = np.zeros((len(STAGES), AGES + 1))
    before[:, 0] = model.start * evidence[0]
    before /= before.sum()
    yield before
    for index in range(1, len(evidence)):
        now, ticks = np.zeros_like(before), model.ticks[index]
        ended = before * model.leaving(index)
        staying, left = before - ended, ended.sum(axis=1)
        now[:, ticks:AGES] = staying[:, : AGES - ticks]
        now[:, AGES - 1] += staying[:, AGES - ticks : AGES].sum(axis=1)
        now[:, AGES] = staying[:, AGES] + left @ model.brief
        now[:, 0] += left @ model.settle
        now *= evidence[index][:, None]
        now /= now.sum()
        yield now
        before = now


def _smoothed(states: NDArray[np.float64], evidence: NDArray[np.float64], model: _Model) -> NDArray[np.float64]:
    """Probability of each stage given the whole talk, shape (n, 6)."""
    stages = np.empty_like(evidence)
    ahead = np.repeat(model.end[:, None], AGES + 1, axis=1)
    stages[-1] = (states[-1] * ahead).sum(axis=1)
    for index in range(len(evidence) - 1, 0, -1):
        ended, ticks = model.leaving(index), model.ticks[index]
        ahead = ahead * evidence[index][:, None]
        entering = model.settle @ ahead[:, 0] + model.brief @ ahead[:, AGES]
        staying = ahead[:, np.append(np.minimum(np.arange(AGES) + ticks, AGES - 1), AGES)]
        ahead = staying * (1 - ended) + entering[:, None] * ended
        ahead /= ahead.max()
        stages[index - 1] = (states[index - 1] * ahead).sum(axis=1)
    rows: NDArray[np.float64] = stages / stages.sum(axis=1, keepdims=True)
    return rows


def _viterbi(evidence: NDArray[np.float64], model: _Model) -> NDArray[np.intp]:
    """The stages of the likeliest sequence of states."""
    count, log_evidence = len(STAGES), np.log(evidence)
    flat = np.arange(count * (AGES + 1), dtype=np.int16).reshape(count, AGES + 1)
    source = np.zeros((len(evidence), count, AGES + 1), np.int16)
    with np.errstate(divide="ignore"):
        entries = ((0, np.log(model.settle)), (AGES, np.log(model.brief)))
    best = np.full((count, AGES + 1), -np.inf)
    best[:, 0] = np.log(model.start) + log_evidence[0]
    every = np.arange(count)
    for index in range(1, len(evidence)):
        ended, ticks, back = model.leaving(index), model.ticks[index], source[index]
        staying, leaving = best + np.log1p(-ended), best + np.log(ended)
        exit_age = leaving.argmax(axis=1)
        left, last = leaving[every, exit_age], flat[every, exit_age]
        best = np.full((count, AGES + 1), -np.inf)
        best[:, ticks:AGES], back[:, ticks:AGES] = staying[:, : AGES - ticks], flat[:, : AGES - ticks]
        oldest = AGES - 1 - ticks + staying[:, AGES - 1 - ticks : AGES].argmax(axis=1)
        best[:, AGES - 1], back[:, AGES - 1] = staying[every, oldest], flat[every, oldest]
        best[:, AGES], back[:, AGES] = staying[:, AGES], flat[:, AGES]
        for column, chance in entries:
            arriving = left[:, None] + chance
            origin = arriving.argmax(axis=0)
            arrived = arriving[origin, every]
            better = arrived > best[:, column]
            best[better, column], back[better, column] = arrived[better], last[origin[better]]
        best += log_evidence[index][:, None]
    path = np.empty(len(evidence), np.intp)
    state = int((best + np.log(model.end)[:, None]).argmax())
    for index in range(len(evidence) - 1, -1, -1):
        path[index] = state // (AGES + 1)
        state = int(source[index].flat[state])
    return path
