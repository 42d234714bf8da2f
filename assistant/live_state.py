"""A moment of a running session, and where it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from prompts.vocabulary import Stage, StageLabel
from speech.partial import Partial


@dataclass(frozen=True, slots=True)
class LiveState:
    """A moment of a running session, for the screen.

    elapsed, planned: seconds of the session. stage: what the candidate is on now, None before anything was understood;
    stage_seconds, stage_planned: time in it so far and by the plan, in a drill of questions in the one that was asked.
    stages: time so far in each stage that was taken up. last_words: what was understood last. partial: what is being
    said just now, roughly; never in the log, which will have it properly. level_db: input level. speaking: whether
    somebody is heard. behind_seconds: sound that waits to be written down. message: what needs attention now.
    """

    elapsed: float
    planned: float
    stage: StageLabel | None
    stage_seconds: float
    stage_planned: float
    stages: Mapping[Stage, float]
    last_words: str
    partial: Partial | None
    level_db: float
    speaking: bool
    behind_seconds: float
    message: str | None


class View(Protocol):
    """Where a running session is shown; both are called by the thread that runs it."""

    def tick(self, state: LiveState) -> None:
        """Show this moment; about ten times a second."""
        ...

    def line(self, text: str) -> None:
        """Show a line that stays: what the interviewer says, or a remark."""
        ...
