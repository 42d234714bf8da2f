"""What somebody who looks back on a session says is not right, and notes down; computed from its events. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from analysis.report import Report
from analysis.score import score
from assistant.events import Event, FindingRejected, NoteWritten, StageCorrected
from prompts.vocabulary import StageLabel


@dataclass(frozen=True, slots=True)
class Corrections:
    """All that stands at present, each in the order of its seconds.

    stages: the right stage by the second, in hundredths, at which an utterance begins.
    """

    stages: Mapping[int, StageLabel]
    rejected: tuple[FindingRejected, ...]
    notes: tuple[NoteWritten, ...]


def corrections(events: Iterable[Event]) -> Corrections:
    """Fold the events; of several about the same thing the last one counts."""
    stages: dict[int, StageLabel | None] = {}
    rejected: dict[tuple[object, ...], FindingRejected] = {}
    notes: dict[int, NoteWritten] = {}
    for event in events:
        match event:
            case StageCorrected(at, stage):
                stages[hundredths(at)] = stage
            case FindingRejected(at, code, stage, topic):
                rejected[hundredths(at), code, stage, topic] = event
            case NoteWritten(at):
                notes[hundredths(at)] = event
    return Corrections(
        {at: stage for at, stage in sorted(stages.items()) if stage is not None},
        tuple(sorted((r for r in rejected.values() if r.rejected), key=lambda r: r.at)),
        tuple(note for _, note in sorted(notes.items()) if note.text),
    )


def hundredths(seconds: float) -> int:
    """A second as it is compared: written and read again it may differ in the last digit."""
    return round(seconds * 100)


def without_rejected(report: Report, made: Corrections) -> Report:
    """The report without the findings that were said not to be right, scored again; its notes say so."""
    kept = tuple(finding for finding in report.findings if not any(one.means(finding) for one in made.rejected))
    notes = [*report.notes]
    if made.stages:
        notes.append(f"Stages corrected by you: {len(made.stages)}.")
    if len(kept) < len(report.findings):
        notes.append(f"Findings set aside by you: {len(report.findings) - len(kept)}.")
    notes += [f"Your note at {int(note.at) // 60}:{int(note.at) % 60:02d}: {note.text}" for note in made.notes]
    return replace(report, findings=kept, score=score(kept, tuple(report.score.by_stage)), notes=tuple(notes))
