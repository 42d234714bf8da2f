"""Analyze a recording or a transcript that was made elsewhere."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from analysis.render import Format, html, render
from analysis.report import Report
from analysis.transcript_formats import LONGEST_TRANSCRIPT_BYTES
from assistant.analysis_store import Analysis, AnalysisSummary
from assistant.sound import NoSound, of_recording
from server.analyses import report_of, to_bytes
from server.analysis_request import OPENAPI
from server.forms import media_type, read_form
from server.problem_details import Refused
from server.recognition import measure
from server.routes import PREFIX
from server.routes.paging import USUAL_LIMIT, Limit, Offset
from server.routes.sessions import check_carries, rendered
from server.services import Here, Services
from server.terms import NAMES, read_terms
from server.transcripts import ENDINGS, TranscriptTooLarge, is_transcript, parse_with_terms
from server.upload_sound import recording as kept_sound
from server.work import Job, outcome

router = APIRouter(tags=["analyses"], prefix="/analyses")

PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class AnalysisPage:
    """A part of the list, newest first. total: analyses in all."""

    total: int
    limit: int
    offset: int
    analyses: tuple[AnalysisSummary, ...]


@router.get("", summary="All analyses, newest first")
def analyses(here: Here, limit: Limit = USUAL_LIMIT, offset: Offset = 0) -> AnalysisPage:
    """Without their reports, and with those under way. Page through them with `limit` and `offset`."""
    found = here.analyses.all()
    return AnalysisPage(len(found), limit, offset, tuple(found[offset : offset + limit]))


@router.post(
    "",
    summary="Analyze a recording or a transcript",
    response_model=Analysis,
    openapi_extra=OPENAPI,
    responses={
        202: {
            "model": Analysis,
            "description": "Under way; `Location` says where it will be",
            "headers": {"Location": {"schema": {"type": "string"}}},
        }
    },
)
async def analyze(request: Request, here: Here) -> Response:
    """Transcripts and recordings under a minute are answered with the report; longer ones with 202 and an address
    that tells the progress, and in the end the report, also when the server was ended and started again meanwhile.
    """
    id, job, at_once = await _start(request, here)
    if at_once:
        with contextlib.suppress(TimeoutError):
            return _json(await outcome(job, request, PATIENCE_SECONDS), 200)
    under_way = await run_in_threadpool(here.analyses.find, id)
    return _json(under_way, 202, {"location": f"{PREFIX}{router.prefix}/{id}"})


@router.get("/{id}", summary="How far an analysis is, or its report", response_model=Analysis)
def analysis(id: str, here: Here) -> Response:
    """`state` is `running`, `done` (with `report`) or `failed` (with `detail`)."""
    return _json(here.analyses.find(id), 200)


@router.delete("/{id}", status_code=204, summary="Cancel an analysis, or delete its report")
def delete_analysis(id: str, here: Here) -> None:
    """What was sent is deleted, too. There is no way back."""
    here.analyses.delete(id)


async def _start(request: Request, here: Services) -> tuple[str, Job[Analysis], bool]:
    """Id and job, and whether its outcome is worth waiting for."""
    kind = media_type(request)
    start = here.analyses.start
    if kind != "multipart/form-data":
        ending = ENDINGS.get(kind)
        if ending is None:
            raise Refused(
                415,
                "unsupported-media-type",
                f"A body of type {kind or 'unknown'} cannot be analyzed",
                f"Send multipart/form-data with a file, or one of {', '.join(ENDINGS)}",
            )
        query = {name: request.query_params[name] for name in NAMES if name in request.query_params}
        body = await request.body()
        if ending != "json":
            terms = read_terms(query)
        elif query:
            terms = (await run_in_threadpool(parse_with_terms, body, query))[1]
        else:
            terms = None
        return *await run_in_threadpool(start, BytesIO(body), terms, f"body.{ending}"), True
    upload, fields = await read_form(request, NAMES)
    with upload.file as file:
        terms = read_terms(fields)
        name = upload.filename or ""
        if is_transcript(name, upload.content_type or ""):
            # Else it would be kept and read before it is refused.
            if (upload.size or 0) > LONGEST_TRANSCRIPT_BYTES:
                raise TranscriptTooLarge
            return *await run_in_threadpool(start, file, terms, name), True
        long, seconds = await run_in_threadpool(measure, file, here.decoders)
        return *await run_in_threadpool(start, file, terms, seconds=seconds), not long


@router.get(
    "/{id}/report",
    summary="The report of an analysis, in any format",
    response_model=Report,
    responses={200: {"content": {kind: {"schema": {"type": "string"}} for kind in ("text/plain", "text/markdown", "text/html", "text/vtt", "application/x-subrip")}}},
)  # fmt: skip
def analysis_report(id: str, here: Here, format: Format = "json", audio: bool = False) -> Response:
    """As a session's; there is none before the analysis is done.

    `audio`: let the page of `html` carry the recording, as long as it is kept.
    """
    report = report_of(here.analyses.find(id))
    if not audio:
        return rendered(render(report, format), format)
    check_carries(format)
    recording = kept_sound(here.store.analyses.sound_folder(id))
    if recording is None:
        raise NoSound(f"Analysis {id}")
    return rendered(html.render(report, of_recording(recording, 0.0)), format, audio)


def _json(analysis: Analysis, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(to_bytes(analysis), status, headers, "application/json")
