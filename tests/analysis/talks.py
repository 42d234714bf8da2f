"""Talks made by hand: stages and topics are given, so that each judgement is tested apart from the classifiers."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.language import read
from analysis.talk import Talk
from prompts.frameworks import get_framework
from prompts.vocabulary import STAGES, TOPICS, Level, StageLabel, Topic
from speech.transcript import Speaker, Utterance


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance of a talk; seconds it takes, and the silence after it."""

    text: str
    stage: StageLabel | None
    topics: tuple[Topic, ...] = ()
    seconds: float = 10.0
    pause: float = 0.0
    confidence: float = 0.95
    speaker: Speaker = "candidate"


def asked(text: str, seconds: float = 5.0, pause: float = 0.0) -> Said:
    """Something the interviewer says."""
    return Said(text, None, seconds=seconds, pause=pause, confidence=1.0, speaker="interviewer")


def talk(
    *said: Said,
    framework: str = "six-stage",
    level: Level = "senior",
    minutes: float = 45.0,
    silence: float = 0.0,
    touched: tuple[Topic, ...] = (),
) -> Talk:
    """A talk of these utterances one after another; silence: seconds after the last. touched: topics nearly covered."""
    utterances: list[Utterance] = []
    clock = 0.0
    for row in said:
        utterances.append(Utterance(len(utterances), clock, clock + row.seconds, row.speaker, row.text))
        clock += row.seconds + row.pause
    duration = clock + silence
    running: list[StageLabel] = []
    for row in said:
        running.append(row.stage or (running[-1] if running else "other"))
    heard = np.array([[topic in row.topics or topic in touched for topic in TOPICS] for row in said], float)
    return Talk(
        framework=get_framework(framework),
        level=level,
        planned_seconds=60 * minutes,
        duration_seconds=duration,
        utterances=tuple(utterances),
        readings=tuple(read(row.text for row in said)),
        labels=tuple(row.stage for row in said),
        confidence=tuple(row.confidence for row in said),
        topics=tuple(frozenset(row.topics) for row in said),
        stage_of_time=tuple(running),
        seconds=tuple(
            later - earlier for earlier, later in pairwise([*(utterance.start for utterance in utterances), duration])
        ),
        heard=heard.reshape(len(said), len(TOPICS)),
    )


CONTENT: dict[StageLabel, tuple[Topic, ...]] = {
    "problem": ("clarifying_questions", "assumptions", "scale_estimate", "success_metric", "latency", "task_framing"),
    "high_level": (),
    "data": ("labels", "features", "normalization", "split", "imbalance"),
    "modeling": ("baseline", "offline_metrics", "overfitting", "cold_start", "leakage"),
    "production": ("trade_off", "recommendation_after_trade_off", "ab_test", "hypothesis", "monitoring", "retraining"),
    "wrap_up": (),
}
WORDS = "here is one plain sentence about what was planned for this part of the system today"


def whole(framework: str = "six-stage", minutes: float = 45.0, **share: float) -> tuple[Said, ...]:
    """A clean talk: each stage takes its planned time and says all its topics; share: a stage's part of its time."""
    plan = get_framework(framework)
    rows: list[Said] = []
    for stage in dict.fromkeys(step.stage for step in plan.steps):
        seconds = plan.planned_seconds(stage, 60 * minutes) * share.get(stage, 1.0)
        topics = CONTENT[stage] or ((),)
        count = max(len(topics), int(seconds // 30))
        for index in range(count if seconds else 0):
            own = (CONTENT[stage][index],) if index < len(CONTENT[stage]) else ()
            rows.append(Said(WORDS, stage, own, seconds / count))
    assert set(CONTENT) == set(STAGES)
    return tuple(rows)
