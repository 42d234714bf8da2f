"""What is not right in a session's report, and notes on it: kept with the session, and judged by from then on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field, Strict
from starlette.concurrency import run_in_threadpool

from assistant import corrections as folded
from assistant.events import Correction, Event, FindingRejected, NoteWritten, StageCorrected
from prompts.vocabulary import FindingCode, Stage, StageLabel, Topic
from server.problem_details import Refused
from server.services import Here, Services

router = APIRouter(tags=["sessions"], prefix="/sessions")

Second = Annotated[float, Strict(), Field(ge=0, le=1_000_000, allow_inf_nan=False, examples=[30.0])]


@dataclass(frozen=True, slots=True)
class StageCorrection:
    """at: second at which an utterance begins. stage: the right one; null takes the correction back."""

    at: Second
    stage: Annotated[StageLabel | None, Field(examples=["data"])]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A finding as the report names it, by `start`, code, stage and topic; rejected=false takes it back."""

    at: Second
    code: Annotated[FindingCode, Field(examples=["missed_topic"])]
    stage: Stage | None = None
    topic: Topic | None = None
    rejected: Annotated[bool, Strict()] = True


@dataclass(frozen=True, slots=True)
class Note:
    """at: second at which the utterance begins that it is about. An empty text takes the note back."""

    at: Second
    text: Annotated[str, Field(max_length=4000)]


@dataclass(frozen=True, slots=True)
class CorrectionsMade:
    """All that stands at present, in the order of time."""

    stages: tuple[StageCorrection, ...]
    rejected: tuple[Rejection, ...]
    notes: tuple[Note, ...]


@router.get("/{id}/corrections", summary="What was corrected and noted")
def corrections(id: str, here: Here) -> CorrectionsMade:
    """The report is judged by these already."""
    made = folded.corrections(here.store.events(id))
    return CorrectionsMade(
        tuple(StageCorrection(at / 100, stage) for at, stage in made.stages.items()),
        tuple(Rejection(r.at, r.code, r.stage, r.topic) for r in made.rejected),
        tuple(Note(note.at, note.text) for note in made.notes),
    )


@router.post("/{id}/corrections/stages", summary="An utterance belongs to another stage")
async def correct_stage(id: str, correction: StageCorrection, request: Request, here: Here) -> CorrectionsMade:
    """The stages around it are found anew, and so are the findings. 422 where none of the candidate's begins at `at`."""
    made = folded.corrections(await run_in_threadpool(_events_of_one_that_is_over, id, here))
    event = folded.at_line(StageCorrected(correction.at, correction.stage), await here.reports.said(id, request), made)
    return await run_in_threadpool(_kept, id, event, here)


@router.post("/{id}/corrections/findings", summary="A finding is not right")
async def reject(id: str, rejection: Rejection, request: Request, here: Here) -> CorrectionsMade:
    """It is left out of the report and costs nothing. 422 where the report has no such finding, and never had."""
    r = rejection
    event = FindingRejected(r.at, r.code, r.stage, r.topic, r.rejected)
    events = await run_in_threadpool(_events_of_one_that_is_over, id, here)
    folded.check_finding(event, await here.reports.report(id, request), events)
    return await run_in_threadpool(_kept, id, event, here)


@router.post("/{id}/corrections/notes", summary="A note on an utterance")
async def annotate(id: str, note: Note, request: Request, here: Here) -> CorrectionsMade:
    """It stands among the report's notes. 422 for a new one beyond the session's end."""
    event = NoteWritten(note.at, note.text.strip())
    events = await run_in_threadpool(_events_of_one_that_is_over, id, here)
    # As the report has it: a line that was cut short by the session's end is in there to its own end.
    report = await here.reports.report(id, request)
    folded.check_note(event, events, report.session.duration_seconds)
    return await run_in_threadpool(_kept, id, event, here)


def _events_of_one_that_is_over(id: str, here: Services) -> Sequence[Event]:
    if here.store.summary(id).state != "finished":
        what = f"Session {id} is not over yet"
        raise Refused(409, "session-not-over", what, "End it first, or let `viva recover` finish it")
    return here.store.events(id)


def _kept(id: str, event: Correction, here: Services) -> CorrectionsMade:
    here.store.correct(id, event)
    return corrections(id, here)
