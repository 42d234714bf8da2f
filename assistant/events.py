"""What happens in a session, as it is written down: one event a line, never changed afterwards.

A session is its events and its sound; report, live view, review and recovery are computed from them.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from prompts.vocabulary import FindingCode, Level, Stage, StageLabel, Strictness, Topic
from speech.transcript import Word

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from analysis.report import Finding

Input = Literal["mic", "file", "typed", "upload", "live", "desk"]
"""Where the candidate's words come from; `desk` is the microphone of the machine that serves a page."""

Reason = Literal["finished", "interrupted", "recovered"]
"""Why a session ended: by itself, by Ctrl-C or a request, or in a crash that was cleaned up afterwards."""


_SAME_SECONDS = 5.0
_ONCE = ("missed_stage", "missed_topic")
"""Findings of which a session has one at most for each stage and topic."""


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """The first event. at: 0. started_at: ISO 8601 with time zone. model: the recogniser's, None for typed answers.

    strictness: how much the interviewer says; None in logs from before he answered. nudges: whether he brings back.
    """

    at: float
    id: str
    problem: str | None
    framework: str
    level: Level
    planned_seconds: float
    started_at: str
    input: Input
    model: str | None = None
    strictness: Strictness | None = None
    nudges: bool = True


@dataclass(frozen=True, slots=True)
class AudioStarted:
    """The recording's first sample belongs to this second of the session."""

    at: float


@dataclass(frozen=True, slots=True)
class AudioGap:
    """So many seconds from `at` on were not recorded."""

    at: float
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class InterviewerSpoke:
    """The interviewer said something; known when it begins, so `end` is when it will be over.

    rule: which one spoke (`prompt`, `answer`, `time_five_minutes`, …). aloud: through the loudspeaker, so that a microphone
    heard it, too; if not, it was shown. reason: why the rule spoke just then; None in older logs and for the prompt.
    """

    at: float
    end: float
    text: str
    rule: str
    aloud: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class InterviewerInterrupted:
    """The candidate talked over the line that began at second `line_at`, which stopped at second `at`.

    heard_seconds: how long it had sounded. text: the words of it that had been said by then, by their share of the time.
    """

    at: float
    line_at: float
    heard_seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class WordsHeard:
    """One recognised segment of the candidate's speech, or one typed line, which has a text but no words."""

    at: float
    end: float
    words: tuple[Word, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the user must know afterwards."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The last event of the talk itself; only corrections and notes may follow."""

    at: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class StageCorrected:
    """What begins at this second belongs to another stage than was judged; None takes the correction back."""

    at: float
    stage: StageLabel | None


@dataclass(frozen=True, slots=True)
class FindingRejected:
    """The finding of this code (and stage, topic) at this second is not right; rejected=False takes that back."""

    at: float
    code: FindingCode
    stage: Stage | None = None
    topic: Topic | None = None
    rejected: bool = True

    def means(self, finding: "Finding") -> bool:
        """Whether it is about this finding, which may begin a little elsewhere when stages around it were corrected.

        What is missing is missing once, wherever that is said.
        """
        named = (finding.code, finding.stage, finding.topic) == (self.code, self.stage, self.topic)
        return named and (self.code in _ONCE or abs(finding.start - self.at) <= _SAME_SECONDS)


@dataclass(frozen=True, slots=True)
class NoteWritten:
    """A note of one's own: written at this second of the session, or afterwards on what begins at it.

    A later one at the same second takes its place, an empty one takes it back.
    """

    at: float
    text: str


Correction = StageCorrected | FindingRejected | NoteWritten
"""What may follow the end of a session; notes may also be written while it runs."""

Event = (
    SessionStarted
    | AudioStarted
    | AudioGap
    | InterviewerSpoke
    | InterviewerInterrupted
    | WordsHeard
    | Noted
    | SessionEnded
    | Correction
)

_CLASSES: tuple[type[Event], ...] = (
    SessionStarted,
    AudioStarted,
    AudioGap,
    InterviewerSpoke,
    InterviewerInterrupted,
    WordsHeard,
    Noted,
    SessionEnded,
    StageCorrected,
    FindingRejected,
    NoteWritten,
)


def _name(kind: type[Event]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


KINDS: Mapping[str, type[Event]] = {_name(kind): kind for kind in _CLASSES}
"""What an event is called in the log, and wherever it is told."""


def encode(event: Event) -> str:
    """The event as one line of JSON, without a line end. Raises ValueError for a time that is not finite."""
    row = {"event": _name(type(event)), **asdict(event)}
    line = json.dumps(row, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    # What some programs take for the end of a line is written as an escape.
    for end in "\x85\u2028\u2029":
        line = line.replace(end, f"\\u{ord(end):04x}")
    # The name of a file may hold bytes that are no text.
    return line.encode("utf-8", "replace").decode("utf-8")


def decode(line: str) -> Event | None:
    """The event in a line; unknown keys are ignored, and an unknown event is None, so that newer logs open.

    Raises ValueError for a line that is no event at all: damaged or cut off.
    """
    row: Any = json.loads(line)
    if not isinstance(row, dict) or not isinstance(row.get("event"), str):
        raise ValueError("not an event")
    if row["event"] not in KINDS:
        return None
    event: Event = _reader(row["event"]).validate_python(row)
    return event


@cache
def _reader(name: str) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(KINDS[name])
