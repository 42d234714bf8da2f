"""The session as a row of stretches, each of one stage: chapters, label tracks and the time line."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from analysis.report import Report
from prompts.vocabulary import StageLabel


@dataclass(frozen=True, slots=True)
class StageSpan:
    """A stretch of the session in one stage, in seconds since its start."""

    stage: StageLabel
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start


def actual_spans(report: Report) -> tuple[StageSpan, ...]:
    """What the session did, stage after stage; pauses and the interviewer's turns belong to what they fall in."""
    labels = _running_stages(report)
    starts = [utterance.start for utterance in report.utterances]
    edges = [*starts, max([report.session.duration_seconds, *starts])]
    slots = [StageSpan(label, *edge) for label, edge in zip(labels, pairwise(edges), strict=True)]
    runs = (list(run) for _, run in groupby(slots, key=lambda slot: slot.stage))
    spans = (StageSpan(run[0].stage, run[0].start, run[-1].end) for run in runs)
    return tuple(span for span in spans if span.seconds > 0)


def _running_stages(report: Report) -> Iterator[StageLabel]:
    stage: StageLabel = "other"
    for utterance in report.utterances:
        stage = utterance.stage or stage
        yield stage


def planned_spans(report: Report) -> tuple[StageSpan, ...]:
    """What the plan was, stage after stage in the framework's order."""
    spans = []
    at = 0.0
    for stage in report.stages:
        if stage.planned_seconds > 0:
            spans.append(StageSpan(stage.stage, at, at + stage.planned_seconds))
            at += stage.planned_seconds
    return tuple(spans)
