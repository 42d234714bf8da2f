"""A session or an upload looked back on: report, transcript and sound together."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from analysis.render.html import shown
from analysis.render.wording import clean
from analysis.report import Report, ReportUtterance
from assistant import replay
from assistant.corrections import Corrections, corrections, hundredths
from assistant.events import NoteWritten
from assistant.store import SessionSummary, State, Store
from prompts.errors import UserError
from prompts.frameworks import load_frameworks
from prompts.problems import load_problems
from server.live import prepared
from server.pages.answer import answer, page, text_of
from server.pages.charts import pace_chart
from server.pages.comparison import Comparison, compare, last_attempt
from server.pages.home import A_PAGE, MINUTES, From, families
from server.services import Here, Services
from server.upload_sound import recording as kept_sound

router = APIRouter(include_in_schema=False)

_EXPORTS = (
    ("html", "One HTML file", "html"),
    ("markdown", "Markdown", "md"),
    ("text", "Text", "txt"),
    ("json", "JSON", "json"),
    ("srt", "Subtitles (SRT)", "srt"),
    ("vtt", "Subtitles (WebVTT)", "vtt"),
    ("chapters", "Stages as chapters (WebVTT)", "chapters.vtt"),
    ("metadata", "Findings as cues (WebVTT)", "findings.vtt"),
    ("audacity", "Audacity labels", "labels.txt"),
)


@dataclass(frozen=True, slots=True)
class Recording:
    """Where the sound is, and a picture of it.

    start: second of the session that its first sample belongs to. seconds: its length.
    """

    address: str
    waveform: str
    start: float
    seconds: float


@router.get("/sessions/{id}")
async def session(id: str, request: Request, here: Here) -> Response:
    """The review of a session; one that is not over yet is shown as it goes on."""
    summary = await run_in_threadpool(here.store.summary, id)
    if summary.state == "running" or (
        summary.state == "unfinished" and prepared(await run_in_threadpool(here.store.events, id)) is not None
    ):
        return RedirectResponse(f"/practice/{id}", 303)

    report = await here.reports.report(id, request)
    comparison = await _comparison(summary, report, request, here)

    def made() -> Response:
        recording = _recording(here.store, id)
        made = corrections(here.store.events(id)) if summary.state == "finished" else None
        of = report, f"/api/v1/sessions/{id}", recording, comparison, made, summary.state
        return answer(here.reviews.get(id, of, lambda: _review(request, *of)))

    return await run_in_threadpool(made)


async def _comparison(summary: SessionSummary, report: Report, request: Request, here: Services) -> Comparison | None:
    sessions = await run_in_threadpool(here.store.list_sessions, -1)
    before = last_attempt(summary, sessions)
    if before is None:
        return None
    try:
        return compare(await here.reports.report(before.id, request), report)
    except UserError:
        # Deleted just now, or damaged: this session's own review does not depend on it.
        return None


@router.get("/analyses")
def upload(request: Request, here: Here, offset: From = 0) -> Response:
    """Analyze a recording or a transcript of one's own, and what was analyzed before."""
    found = here.analyses.all()
    return page(
        "upload.html",
        request.url.path,
        families=families(),
        frameworks=load_frameworks().values(),
        minutes=MINUTES,
        problems=load_problems(),
        analyses=found[offset : offset + A_PAGE],
        total=len(found),
        offset=offset,
        size=A_PAGE,
    )


@router.get("/analyses/{id}")
def analysis(id: str, request: Request, here: Here) -> Response:
    """The review of an upload, or how far its analysis is."""
    found = here.analyses.find(id)
    if found.report is None:
        return page("analysis.html", request.url.path, analysis=found)
    recording = _uploaded(here.store, id)
    return answer(_review(request, found.report, f"/api/v1/analyses/{id}", recording, None, None, "finished"))


def _review(
    request: Request,
    report: Report,
    address: str,
    recording: Recording | None,
    comparison: Comparison | None,
    made: Corrections | None,
    state: State,
) -> str:
    fillers = sorted(start for filler in report.delivery.fillers for start in filler.start)
    return text_of(
        "review.html",
        request.url.path,
        **shown(report),
        address=address,
        list=request.url.path.rpartition("/")[0],
        exports=_EXPORTS,
        recording=recording,
        comparison=comparison,
        unfinished=state == "unfinished",
        made=made,
        own_notes={} if made is None else {hundredths(note.at): note.text for note in made.notes},
        written={} if made is None else written_by_line(report, made.notes),
        hundredths=hundredths,
        chart=pace_chart(report),
        codes=sorted({finding.code for finding in report.findings}),
        fillers=" ".join(f"{start:.2f}" for start in fillers),
        word_times=word_times,
    )


def written_by_line(report: Report, notes: Sequence[NoteWritten]) -> dict[int, tuple[NoteWritten, ...]]:
    """Notes that were written while the session ran, by the id of the utterance they were written in or after."""
    starts = {hundredths(utterance.start) for utterance in report.utterances}
    found: dict[int, tuple[NoteWritten, ...]] = {}
    for note in notes:
        if hundredths(note.at) not in starts and report.utterances:
            before = [utterance for utterance in report.utterances if utterance.start < note.at]
            line = before[-1] if before else report.utterances[0]
            found[line.id] = (*found.get(line.id, ()), note)
    return found


def word_times(utterance: ReportUtterance) -> str:
    """When each word of the text begins, in hundredths of a second after the utterance; empty if that is not known."""
    if len(clean(utterance.text).split()) != len(utterance.words):
        return ""
    return " ".join(f"{max(0.0, word.start - utterance.start) * 100:.0f}" for word in utterance.words)


def _recording(store: Store, id: str) -> Recording | None:
    recording = store.recording(id)
    if recording is None:
        return None
    start = replay.recorded_from(store.events(id))
    return Recording(f"/api/v1/sessions/{id}/audio", f"/sessions/{id}/waveform.svg", start, recording.seconds)


def _uploaded(store: Store, id: str) -> Recording | None:
    found = kept_sound(store.analyses.sound_folder(id))
    if found is None:
        return None
    at = f"/analyses/{id}"
    return Recording(f"{at}/sound.wav", f"{at}/waveform.svg", 0.0, found.seconds)
