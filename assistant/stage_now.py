"""The stage a running session is in. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant import replay
from assistant.events import Event
from prompts.frameworks import Framework
from prompts.vocabulary import STAGES, Level, Stage

if TYPE_CHECKING:
    from analysis.talk import Talk


@dataclass(frozen=True, slots=True)
class StageNow:
    """The stage the candidate is on. planned: seconds in it by the plan. spent: seconds so far in each that was taken up."""

    stage: Stage
    planned: float
    spent: Mapping[Stage, float]


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
            spent = {stage: talk.actual(stage) for stage in STAGES if talk.rows(stage)}
            return StageNow(label, talk.planned(label), spent)
    return None
