"""Reports and transcripts of sessions, as they are answered.

What is kept needs no queue; what must be computed is computed once for all who wait for it.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from analysis.render import Format, render
from analysis.render.transcript import TranscriptFormat, render_transcript
from analysis.report import Report, ReportUtterance
from assistant import replay
from assistant.store import Store
from assistant.unchanged import Unchanged
from server.work import Job, Worker, outcome
from speech.transcript import Utterance

T = TypeVar("T")

_KEPT_TEXTS = 16
"""About a megabyte each for an hour of talk."""


class Reports:
    """The sessions' reports; used by the event loop alone. judging: the worker that computes those not kept."""

    def __init__(self, store: Store, judging: Worker) -> None:
        self._store = store
        self._judging = judging
        # By the state of the log, too: what is said or corrected meanwhile needs another report.
        self._under_way: dict[tuple[str, str, object], Job[Any]] = {}
        self._texts: Unchanged[str] = Unchanged(_KEPT_TEXTS)

    async def report(self, id: str, request: Request) -> Report:
        """The kept report, or one that is computed now. Raises UnknownSession, Busy, Stopped and what `Store.report` does."""
        kept = await run_in_threadpool(self._store.kept_report, id)
        return await self._computed("report", id, self._store.report, request) if kept is None else kept

    async def rendered(self, id: str, format: Format, request: Request) -> str:
        """The same in one of its formats."""

        def text(report: Report) -> str:
            return self._texts.get((id, format), report, lambda: render(report, format))

        # In one go: under load, every change of threads is waited for.
        shown = await run_in_threadpool(self._of_kept, id, text)
        return await run_in_threadpool(text, await self.report(id, request)) if shown is None else shown

    async def transcript(self, id: str, format: TranscriptFormat, request: Request) -> str:
        """What was said, in one of its formats. Raises UnknownSession, Busy, Stopped and what `Store.events` does."""

        def text(said: Sequence[Utterance | ReportUtterance]) -> str:
            lines = (Utterance(u.id, u.start, u.end, u.speaker, u.text, u.words) for u in said)
            return self._texts.get((id, "transcript", format), said, lambda: render_transcript(tuple(lines), format))

        shown = await run_in_threadpool(self._of_kept, id, lambda report: text(report.utterances))
        return await run_in_threadpool(text, await self.said(id, request)) if shown is None else shown

    def _of_kept(self, id: str, text: Callable[[Report], str]) -> str | None:
        kept = self._store.kept_report(id)
        return None if kept is None else text(kept)

    async def said(self, id: str, request: Request) -> Sequence[Utterance | ReportUtterance]:
        """What both sides said. Raises UnknownSession, Busy, Stopped and what `Store.events` does."""
        kept = await run_in_threadpool(self._store.kept_report, id)
        # Where sentences end costs seconds to find out; a report knows it already.
        return await self._computed("transcript", id, self._utterances, request) if kept is None else kept.utterances

    def _utterances(self, id: str) -> tuple[Utterance, ...]:
        return replay.utterances(self._store.events(id))

    async def _computed(self, what: str, id: str, compute: Callable[[str], T], request: Request) -> T:
        key = what, id, await run_in_threadpool(self._store.log_state, id)
        job: Job[T] | None = self._under_way.get(key)
        if job is None:
            job = self._under_way[key] = self._judging.submit(Job(lambda _: compute(id)))
        try:
            return await outcome(job, request)
        finally:
            if not job.waiting and self._under_way.get(key) is job:
                del self._under_way[key]
