"""A session's course: the candidate's utterances with the true stage beside the given one. What stages are measured on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from analysis.talk import Talk
from analysis.training.sessions import LabelledSession
from prompts.vocabulary import StageLabel

Labels = Sequence[StageLabel | None]
"""A stage for every utterance of a session, None for the interviewer's."""


@dataclass(frozen=True, slots=True)
class Course:
    """One session's utterances of the candidate, row by row.

    start: seconds on the session's clock. seconds: the session time each stands for, pauses included.
    speech: seconds the candidate spoke. confidence: of the given labels, 0 to 1; empty where they have none.
    """

    truth: tuple[StageLabel, ...]
    given: tuple[StageLabel, ...]
    start: tuple[float, ...]
    seconds: tuple[float, ...]
    speech: tuple[float, ...]
    confidence: tuple[float, ...] = ()


def course(session: LabelledSession, talk: Talk, labels: Labels | None = None) -> Course:
    """The course of a session as the analyzer heard it, or with labels that something else gave."""
    given_labels = talk.labels if labels is None else labels
    rows, truth, given = [], [], []
    for row, (gold, label) in enumerate(zip(session.gold, given_labels, strict=True)):
        if gold.stage is not None and label is not None:
            rows.append(row)
            truth.append(gold.stage)
            given.append(label)
    said = [talk.utterances[row] for row in rows]
    return Course(
        truth=tuple(truth),
        given=tuple(given),
        start=tuple(utterance.start for utterance in said),
        seconds=tuple(talk.seconds[row] for row in rows),
        speech=tuple(utterance.end - utterance.start for utterance in said),
        confidence=tuple(talk.confidence[row] for row in rows) if labels is None else (),
    )


def without_other(labels: Sequence[StageLabel]) -> list[StageLabel]:
    """The running stage: `other` belongs to the stage it interrupts, and before the first stage to that one."""
    first: StageLabel = next((label for label in labels if label != "other"), "other")
    running: list[StageLabel] = []
    for label in labels:
        running.append(label if label != "other" else running[-1] if running else first)
    return running


def visits(labels: Sequence[StageLabel]) -> list[tuple[StageLabel, range]]:
    """The stages one after another, each with its rows; a stage that is returned to comes twice."""
    found: list[tuple[StageLabel, range]] = []
    row = 0
    for stage, rows in groupby(without_other(labels)):
        count = len(list(rows))
        found.append((stage, range(row, row + count)))
        row += count
    return found
