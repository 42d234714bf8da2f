"""The report: what a strict, fair interviewer heard. These types are the outer contract's JSON."""

from dataclasses import dataclass
from typing import Literal

from analysis.delivery_table import Measure
from prompts.vocabulary import FindingCode, Level, Severity, Stage, StageLabel, Topic
from speech.transcript import Speaker, Word

Verdict = Literal["below", "usual", "above"]
"""How a figure compares with what is usual."""

SCHEMA: Literal["vivavoce.report/1"] = "vivavoce.report/1"


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What the talk was supposed to be. planned_seconds, duration_seconds: seconds. started_at: ISO 8601 or None.

    broken_off: a crash ended it before its time, so that what is missing may only not have come yet.
    """

    id: str
    problem: str | None
    framework: str
    level: Level
    planned_seconds: float
    duration_seconds: float
    started_at: str | None = None
    broken_off: bool = False


@dataclass(frozen=True, slots=True)
class ReportUtterance:
    """An utterance with its stage (None for the interviewer) and the probability that the stage is right."""

    id: int
    start: float
    end: float
    speaker: Speaker
    text: str
    stage: StageLabel | None
    confidence: float
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicCoverage:
    """Whether a topic was covered, and by which utterances."""

    topic: Topic
    covered: bool
    utterances: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StageTime:
    """A stage's planned and actual time in seconds; start and end are None when it never occurred."""

    stage: StageLabel
    planned_seconds: float
    actual_seconds: float
    start: float | None
    end: float | None
    topics: tuple[TopicCoverage, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the interviewer noticed: the evidence, the second it happened, and what to do next time."""

    code: FindingCode
    severity: Severity
    start: float
    end: float
    utterances: tuple[int, ...]
    quote: str
    message: str
    advice: str
    source: str
    stage: Stage | None = None
    topic: Topic | None = None


@dataclass(frozen=True, slots=True)
class Filler:
    """A filler word or phrase, how often, and the seconds at which it was said."""

    text: str
    count: int
    start: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Hedge:
    """A hedging phrase as it was said ("I guess"), how often, and the seconds at which it was said."""

    text: str
    count: int
    start: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence between two utterances that is the candidate's, in seconds on the session clock.

    announced: somebody said before that it was coming ("give me a minute to draw").
    """

    start: float
    end: float
    announced: bool = False


@dataclass(frozen=True, slots=True)
class Monologue:
    """A stretch of the candidate's talk without the interviewer and without checking in, in seconds."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class PacePoint:
    """Words per minute of speaking time in the minute that starts here."""

    start: float
    words_per_minute: float


@dataclass(frozen=True, slots=True)
class Norm:
    """How one of `Delivery`'s figures compares with what is usual.

    measure: the figure's name. value: the figure. low, high: what is usual, in the same unit; low is None where less is
    never too little. source: whose finding it is, None where the figure is ours. note: what was counted there, or why
    ours is what it is.
    """

    measure: Measure
    value: float
    low: float | None
    high: float
    verdict: Verdict
    source: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the candidate spoke. words_per_minute counts speaking time only.

    long_pauses: of five seconds or more, and only the candidate's: not those the interviewer ended. monologues: of two
    minutes or more. longest_pause_seconds: of the pauses nobody announced. norms: empty of what cannot be compared, such
    as rates over few words.
    """

    words_per_minute: float
    speaking_seconds: float
    silence_seconds: float
    fillers: tuple[Filler, ...]
    fillers_per_minute: float
    long_pauses: tuple[Pause, ...]
    pace: tuple[PacePoint, ...]
    fillers_per_hundred: float = 0.0
    hedges: tuple[Hedge, ...] = ()
    hedges_per_hundred: float = 0.0
    monologues: tuple[Monologue, ...] = ()
    longest_monologue_seconds: float = 0.0
    longest_pause_seconds: float = 0.0
    norms: tuple[Norm, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """0 to 100, in all and for each stage, with a line for every deduction."""

    total: float
    by_stage: dict[Stage, float]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything known about one session; all of it computed from the transcript."""

    session: SessionFacts
    utterances: tuple[ReportUtterance, ...]
    stages: tuple[StageTime, ...]
    findings: tuple[Finding, ...]
    delivery: Delivery
    score: Score
    notes: tuple[str, ...]
    schema: Literal["vivavoce.report/1"] = SCHEMA
