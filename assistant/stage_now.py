"""The stage a running session is in. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant import replay
from assistant.events import Event
from prompts.frameworks import Framework
from prompts.vocabulary import Level, Stage

if TYPE_CHECKING:
    from analysis.talk import Talk


@dataclass(frozen=True, slots=True)
class StageNow:
    """The stage the candidate is on. seconds, planned: time in it so far and by the plan."""

    stage: Stage
    seconds: float
    planned: float


def stage_now(
    events: Iterable[Event], framework: Framework, level: Level, planned_seconds: float, now: float
) -> StageNow | None:
    """The stage of what was said last, thinking aloud left out; None before anything was said.

    events: the session's so far. now: seconds of the session. Raises what `analysis.talk.understand` raises.
    """
    from analysis.talk import understand

    return stage_of(understand(replay.utterances(events), framework, level, planned_seconds, now, online=True))


def stage_of(talk: "Talk") -> StageNow | None:
    """The stage of what was said last in a talk, thinking aloud left out; None before anything was said."""
    for label in reversed(talk.labels):
        if label is not None and label != "other":
            return StageNow(label, talk.actual(label), talk.planned(label))
    return None
