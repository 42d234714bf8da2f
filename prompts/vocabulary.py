"""The fixed names everything else uses: stages, topics, levels, severities, finding codes.

They are part of the outer contract (report JSON, API), so they never change meaning.
"""

from typing import Literal, get_args

Stage = Literal["problem", "high_level", "data", "modeling", "production", "wrap_up"]
"""A stage of the interview, whatever the framework calls it."""

StageLabel = Literal["problem", "high_level", "data", "modeling", "production", "wrap_up", "other"]
"""What an utterance can be labelled: a stage, or `other` for logistics and thinking aloud."""

Topic = Literal[
    "clarifying_questions",
    "assumptions",
    "scale_estimate",
    "success_metric",
    "latency",
    "task_framing",
    "labels",
    "features",
    "normalization",
    "split",
    "imbalance",
    "baseline",
    "offline_metrics",
    "overfitting",
    "cold_start",
    "leakage",
    "trade_off",
    "recommendation_after_trade_off",
    "ab_test",
    "hypothesis",
    "monitoring",
    "retraining",
]
"""Something a strong answer talks about."""

Level = Literal["junior", "mid", "senior", "staff"]
"""The seniority the candidate is judged at."""

Drill = Literal[Stage, "probes"]
"""What is practised by itself: one stage, or quick answers to the questions that interviewers ask."""

DrillChoice = Literal[Drill, "weakest"]
"""A drill as it is asked for: also the weakest stage of the last session."""

Strictness = Literal["silent", "realistic", "coaching"]
"""How much the interviewer says: only answers and the time, as one does in an interview, or more and sooner."""

Severity = Literal["info", "warning", "fault"]

FindingCode = Literal[
    "premature_modeling",
    "missed_stage",
    "missed_topic",
    "stage_overrun",
    "session_overrun",
    "too_many_questions",
    "no_clarifying_questions",
    "rabbit_hole",
    "ignored_interviewer",
    "trade_off_without_recommendation",
    "long_silence",
    "rambling_fillers",
    "pace",
    "hedging",
    "monologue",
]

STAGES: tuple[Stage, ...] = get_args(Stage)
STAGE_LABELS: tuple[StageLabel, ...] = get_args(StageLabel)
TOPICS: tuple[Topic, ...] = get_args(Topic)
LEVELS: tuple[Level, ...] = get_args(Level)
STRICTNESSES: tuple[Strictness, ...] = get_args(Strictness)
FINDING_CODES: tuple[FindingCode, ...] = get_args(FindingCode)
