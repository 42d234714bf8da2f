"""What somebody who looks back on a session says is not right, and notes down; computed from its events. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.render.wording import clean
from analysis.report import Report, ReportUtterance
from analysis.score import score
from assistant.events import Event, FindingRejected, NoteWritten, StageCorrected
from prompts.errors import UserError
from prompts.vocabulary import StageLabel
from speech.transcript import Utterance


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


class NothingThere(UserError):
    """A correction of what the session does not have."""


def at_line(event: StageCorrected, lines: Sequence[Utterance | ReportUtterance], made: Corrections) -> StageCorrected:
    """The correction at the second at which its line begins, as the log has it. lines: of both sides. Raises NothingThere.

    What was corrected before can be taken back, whatever lines there are.
    """
    if event.stage is None and hundredths(event.at) in made.stages:
        return event
    said = [line for line in lines if line.speaker == "candidate"]
    nearest = min(said, key=lambda line: abs(line.start - event.at), default=None)
    # Who read the second on a page has it rounded.
    if nearest is not None and abs(hundredths(nearest.start) - hundredths(event.at)) <= 1:
        return replace(event, at=nearest.start)
    shown = "none" if nearest is None else f"“{clean(nearest.text)[:80]}” at {nearest.start:.2f}"
    raise NothingThere(
        f"None of the candidate's lines begins at second {event.at:.2f}", f"Take the second of a line; nearest: {shown}"
    )


def check_finding(event: FindingRejected, report: Report, events: Iterable[Event]) -> None:
    """Raises NothingThere where neither the report has the finding, nor an earlier rejection is about it."""

    def about(rejected: FindingRejected) -> tuple[object, ...]:
        return hundredths(rejected.at), rejected.code, rejected.stage, rejected.topic

    earlier = (one for one in events if isinstance(one, FindingRejected))
    if any(map(event.means, report.findings)) or any(about(one) == about(event) for one in earlier):
        return
    nearest = min(
        report.findings, key=lambda found: (found.code != event.code, abs(found.start - event.at)), default=None
    )
    shown = "none"
    if nearest is not None:
        shown = f"{', '.join(filter(None, (nearest.code, nearest.stage, nearest.topic)))} at {nearest.start:.2f}"
    raise NothingThere(
        f"The report has no such finding at second {event.at:.2f}",
        f"Take its code, stage, topic and start from the report; nearest: {shown}",
    )


def check_note(event: NoteWritten, events: Sequence[Event], seconds: float) -> None:
    """seconds: the session's length. Raises NothingThere for a new note beyond that."""
    earlier = {hundredths(one.at) for one in events if isinstance(one, NoteWritten)}
    if hundredths(event.at) > hundredths(seconds) and hundredths(event.at) not in earlier:
        raise NothingThere(
            f"The session ends before second {event.at:.2f}", f"Take a second of it; the last one is {seconds:.2f}"
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
    scored = score(kept, tuple(report.score.by_stage))
    # Whoever says that a stage was there has not shown how good it was.
    doubted = {one.stage for one in report.findings if one.code == "missed_stage" and one not in kept}
    left = {stage: points for stage, points in scored.by_stage.items() if stage not in doubted}
    return replace(report, findings=kept, score=replace(scored, by_stage=left), notes=tuple(notes))
