"""A talk understood: every utterance with its stage, topics and linguistic facts. What the findings are judged on."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from analysis.classifier import Classifiers, load_classifiers
from analysis.decoder import decode
from analysis.features import feature_blocks
from analysis.headings import with_sections
from analysis.language import Reading, read
from analysis.register import heard_as
from prompts.frameworks import Framework
from prompts.vocabulary import STAGE_LABELS, TOPICS, Level, Stage, StageLabel, Topic
from speech.transcript import Utterance


@dataclass(frozen=True, slots=True)
class Talk:
    """One session's utterances with everything the findings need, row by row.

    labels, confidence: stage and its probability (None and 1.0 for the interviewer). topics: what each utterance
    covers by itself; heard: the probabilities behind them, shape (n, 22) in the order of TOPICS, 0 for the interviewer.
    seconds: the session time each utterance stands for, from its start to the next one's, pauses included.
    duration_seconds: the session's length so far. broken_off: it was meant to go on.
    """

    framework: Framework
    level: Level
    planned_seconds: float
    duration_seconds: float
    utterances: tuple[Utterance, ...]
    readings: tuple[Reading, ...]
    labels: tuple[StageLabel | None, ...]
    confidence: tuple[float, ...]
    topics: tuple[frozenset[Topic], ...]
    stage_of_time: tuple[StageLabel, ...]
    seconds: tuple[float, ...]
    heard: NDArray[np.float64] = field(compare=False, repr=False)
    broken_off: bool = False

    def planned(self, stage: Stage) -> float:
        """Seconds planned for a stage."""
        return self.framework.planned_seconds(stage, self.planned_seconds)

    def actual(self, stage: StageLabel) -> float:
        """Seconds the session spent in a stage, pauses and the interviewer's turns in it included."""
        return sum(seconds for label, seconds in zip(self.stage_of_time, self.seconds, strict=True) if label == stage)

    def rows(self, *stages: StageLabel) -> list[int]:
        """Indices of the candidate's utterances in these stages."""
        return [index for index, label in enumerate(self.labels) if label in stages]

    def candidate(self) -> list[int]:
        """Indices of the candidate's utterances."""
        return [index for index, utterance in enumerate(self.utterances) if utterance.speaker == "candidate"]

    def covered(self, topic: Topic) -> tuple[int, ...]:
        """Ids of the utterances that cover a topic."""
        return tuple(self.utterances[index].id for index, topics in enumerate(self.topics) if topic in topics)

    def passed(self, stage: Stage) -> bool:
        """Whether what is missing from a stage was left out: in a session that was broken off it may only not have come yet.

        Then only a stage whose time was over by the plan and that the candidate had gone on from has been passed.
        """
        if not self.broken_off:
            return True
        steps = self.framework.plan(self.planned_seconds)
        end = max((step.start + step.seconds for step in steps if step.stage == stage), default=self.planned_seconds)
        later = {step.stage for step in steps if step.start >= end}
        return end <= self.duration_seconds and bool(self.rows(*later))

    def missing_at(self, stage: Stage) -> float:
        """Second at which a stage that was never taken up should have come by: where what the plan has next began in earnest.

        The session's end where nothing later was taken up either.
        """
        order = list(dict.fromkeys(step.stage for step in self.framework.steps))
        later = order[order.index(stage) + 1 :] if stage in order else []
        following = next((one for one in later if self.rows(one)), None)
        visits: list[tuple[float, float]] = []
        for label, visit in groupby(range(len(self.utterances)), key=lambda row: self.stage_of_time[row]):
            rows = list(visit)
            if label == following:
                visits.append((sum(self.seconds[row] for row in rows), self.utterances[rows[0]].start))
        # Of equally long ones the first.
        return max(visits, key=itemgetter(0))[1] if visits else self.duration_seconds

    def asks(self, index: int) -> bool:
        """Whether the candidate asks the interviewer something in this utterance."""
        return "clarifying_questions" in self.topics[index]


def understand(
    utterances: Sequence[Utterance],
    framework: Framework,
    level: Level,
    planned_seconds: float,
    duration_seconds: float | None = None,
    *,
    online: bool = False,
    classifiers: Classifiers | None = None,
    right: Mapping[int, StageLabel] | None = None,
    broken_off: bool = False,
) -> Talk:
    """Find the stage and topics of every utterance.

    utterances: in the order of time. duration_seconds: when the session ended, by default with the last utterance.
    online: the session is still running, so only the past is used for each label.
    classifiers: by default the shipped ones; an evaluation brings its own.
    right: stages that somebody knows, by the utterance's id; the stages around them are found anew.
    broken_off: the session was meant to go on.
    """
    utterances = tuple(utterances)
    last = max((utterance.end for utterance in utterances), default=0.0)
    duration = max(last, duration_seconds or 0.0)
    classifiers = classifiers or load_classifiers()
    own = [index for index, utterance in enumerate(utterances) if utterance.speaker == "candidate"]
    said = [utterances[index].text for index in own]
    seconds = _slots(utterances, duration)
    # Silence after the last word says nothing about stages: a recorder left running must not change them.
    spoken = _slots(utterances, last)
    # A whole talk that ran short or long still has the plan's proportions; a part of one has the plan itself.
    plan = framework.plan(max(planned_seconds if online or broken_off else last, 60.0))
    right = right or {}
    # A session that is still running is said, however little it sounds so.
    hearing, more = (classifiers, np.zeros((len(own), 0))) if online else heard_as(classifiers, said)
    # Before the features: then the model reads every text but once.
    attention = classifiers.attention(said)
    probabilities, heard = np.zeros((len(own), len(STAGE_LABELS))), np.zeros((len(utterances), len(TOPICS)))
    for first, features in feature_blocks(utterances, online=online):
        lines = slice(bisect_left(own, first), bisect_left(own, first + len(features)))
        rows = features[[index - first for index in own[lines]]]
        probabilities[lines] = hearing.stages(np.hstack([rows, more[lines]]), said[lines])
        heard[own[lines]] = classifiers.topics(rows, attention[lines], said[lines])
    probabilities = with_sections(probabilities, said, hearing)
    for row, index in enumerate(own):
        if known := right.get(utterances[index].id):
            probabilities[row] = np.eye(len(STAGE_LABELS))[STAGE_LABELS.index(known)]
    decoded = decode(probabilities, [spoken[index] for index in own], plan, online=online)
    labels: list[StageLabel | None] = [None] * len(utterances)
    confidence = [1.0] * len(utterances)
    topics: list[frozenset[Topic]] = [frozenset()] * len(utterances)
    readings = tuple(read(utterance.text for utterance in utterances))
    for index, label, sure in zip(own, decoded.labels, decoded.confidence, strict=True):
        labels[index], confidence[index] = label, round(sure, 3)
        # However sure somebody is, a sequence of stages may be surer.
        if known := right.get(utterances[index].id):
            labels[index], confidence[index] = known, 1.0
    for index in own:
        covered = heard[index] >= classifiers.threshold
        topics[index] = frozenset(topic for topic, said in zip(TOPICS, covered, strict=True) if said)
    return Talk(
        framework=framework,
        level=level,
        planned_seconds=planned_seconds,
        duration_seconds=duration,
        utterances=utterances,
        readings=readings,
        labels=tuple(labels),
        confidence=tuple(confidence),
        topics=tuple(topics),
        stage_of_time=_stage_of_time(labels),
        seconds=seconds,
        heard=heard,
        broken_off=broken_off,
    )


def _slots(utterances: Sequence[Utterance], duration: float) -> tuple[float, ...]:
    """Time from each utterance's start to the next one's, the last to the session's end."""
    starts = [utterance.start for utterance in utterances] + [duration]
    return tuple(max(0.0, later - earlier) for earlier, later in pairwise(starts))


def _stage_of_time(labels: Sequence[StageLabel | None]) -> tuple[StageLabel, ...]:
    """The stage that each utterance's time belongs to: the interviewer's turns count where they fall."""
    running: list[StageLabel] = []
    for label in labels:
        running.append(label if label is not None else running[-1] if running else "other")
    return tuple(running)
