"""Practice sessions: the history, and what each one came to."""

from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from analysis.render import Format, html
from analysis.render.transcript import TranscriptFormat
from analysis.report import Report
from assistant import sound
from assistant.events import SessionStarted
from assistant.outlook import drilled, next_of
from assistant.store import SessionSummary
from server.problem_details import Refused
from server.routes import PREFIX
from server.routes.paging import USUAL_LIMIT, Limit, Offset
from server.services import Here
from server.terms import SessionTerms, checked
from speech.transcript import Utterance

router = APIRouter(tags=["sessions"], prefix="/sessions")

MEDIA_TYPES = {
    "text": "text/plain",
    "json": "application/json",
    "markdown": "text/markdown",
    "html": "text/html",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "chapters": "text/vtt",
    "metadata": "text/vtt",
    "audacity": "text/plain",
}


@dataclass(frozen=True, slots=True)
class SessionPage:
    """A part of the history, newest first. total: sessions in all."""

    total: int
    limit: int
    offset: int
    sessions: tuple[SessionSummary, ...]


@dataclass(frozen=True, slots=True)
class TranscriptDocument:
    """What was said; can be sent to `POST analyses` as it is."""

    utterances: tuple[Utterance, ...]


@router.get("", summary="The history, newest first")
def sessions(here: Here, limit: Limit = USUAL_LIMIT, offset: Offset = 0) -> SessionPage:
    """Page through it with `limit` and `offset`."""
    return SessionPage(here.store.count(), limit, offset, tuple(here.store.list_sessions(limit, offset)))


@router.post("", status_code=201, summary="A new session, to be filled over its websocket")
def create_session(terms: SessionTerms, here: Here, response: Response) -> SessionSummary:
    """Send its sound to the websocket `sessions/{id}/live`, or only listen there while the desk's microphone is heard.

    It tells each `SessionEvent` as it happens, and twice a second a `LiveState`, as JSON.
    """
    checked(terms)
    problem, framework = terms.problem, terms.framework
    if terms.drill is not None:
        problem, framework = drilled(here.store, terms.drill, problem, framework)
        problem = problem or next_of(here.store).problem
    id = here.store.new_id()
    here.store.create(
        SessionStarted(
            at=0.0,
            id=id,
            problem=problem,
            framework=framework,
            level=terms.level,
            planned_seconds=replace(terms, framework=framework).planned_seconds,
            started_at=datetime.now().astimezone().isoformat(timespec="seconds"),
            input="desk" if terms.microphone == "desk" else "live",
            model=here.recognisers.default,
            strictness=terms.strictness,
            nudges=terms.nudges,
        )
    )
    response.headers["location"] = f"{PREFIX}{router.prefix}/{id}"
    return here.store.summary(id)


@router.get("/{id}", summary="One session")
def session(id: str, here: Here) -> SessionSummary:
    """Its line of the history."""
    return here.store.summary(id)


@router.delete("/{id}", status_code=204, summary="Delete a session with its recording")
def delete_session(id: str, here: Here) -> None:
    """There is no way back. A session that is running cannot be deleted."""
    here.store.delete(id)


@router.get(
    "/{id}/report",
    summary="The report, in any format",
    response_model=Report,
    responses={200: {"content": {kind: {"schema": {"type": "string"}} for kind in ("text/plain", "text/markdown", "text/html", "text/vtt", "application/x-subrip")}}},
)  # fmt: skip
async def session_report(
    id: str, request: Request, here: Here, format: Format = "json", audio: bool = False
) -> Response:
    """Judged from what was said so far; `chapters` and `metadata` are WebVTT tracks of stages and findings.

    `audio`: let the page of `html` carry the recording, about 13 MB an hour.
    """
    if not audio:
        return rendered(await here.reports.rendered(id, format, request), format)
    check_carries(format)
    carried = await run_in_threadpool(sound.of_session, here.store, id)
    report = await here.reports.report(id, request)
    return rendered(await run_in_threadpool(html.render, report, carried), format, audio)


def check_carries(format: Format) -> None:
    """Raises Refused (422) for a format that cannot carry sound."""
    if format != "html":
        raise Refused(422, "no-sound", "Only a page carries its sound", "Ask for format=html with it, or for `audio`")


def rendered(text: str, format: Format, audio: bool = False) -> Response:
    """A report in one of its formats as a response."""
    allowed = f"{html.policy(audio)}; frame-ancestors 'none'"
    headers = {"content-security-policy": allowed} if format == "html" else None
    return Response(text, headers=headers, media_type=MEDIA_TYPES[format])


@router.get(
    "/{id}/transcript",
    summary="What was said",
    response_model=TranscriptDocument,
    responses={200: {"content": {kind: {"schema": {"type": "string"}} for kind in ("text/plain", "text/vtt", "application/x-subrip")}}},
)  # fmt: skip
async def transcript(id: str, request: Request, here: Here, format: TranscriptFormat = "json") -> Response:
    """Both sides, in the order of time."""
    return Response(await here.reports.transcript(id, format, request), media_type=MEDIA_TYPES[format])
