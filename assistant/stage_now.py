"""The stage a running session is in. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from assistant import replay
from assistant.events import Event
from prompts.frameworks import Framework
from prompts.vocabulary import Level, Stage


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

    talk = understand(replay.utterances(events), framework, level, planned_seconds, now, online=True)
    for label in reversed(talk.labels):
        if label is not None and label != "other":
            return StageNow(label, talk.actual(label), talk.planned(label))
    return None
