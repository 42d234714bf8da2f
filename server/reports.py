"""Reports and transcripts of sessions, as they are answered.

What is kept needs no queue; what must be computed is computed once for all who wait for it.
"""

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from analysis.render import Format, render
from analysis.render.transcript import TranscriptFormat, render_transcript
from analysis.report import Report
from assistant import replay
from assistant.store import Store
from assistant.unchanged import Unchanged
from server.work import Job, Worker, outcome

_KEPT_TEXTS = 16
"""About a megabyte each for an hour of talk."""


class Reports:
    """The sessions' reports; used by the event loop alone. judging: the worker that computes those not kept."""

    def __init__(self, store: Store, judging: Worker) -> None:
        self._store = store
        self._judging = judging
        # By session and state of its log: what is said or corrected meanwhile needs a report of its own.
        self._under_way: dict[tuple[str, object], Job[Report]] = {}
        self._texts: Unchanged[str] = Unchanged(_KEPT_TEXTS)

    async def report(self, id: str, request: Request) -> Report:
        """The kept report, or one that is computed now. Raises UnknownSession, Busy, Stopped and what `Store.report` does."""
        kept = await run_in_threadpool(self._store.kept_report, id)
        return await self._computed(id, request) if kept is None else kept

    async def rendered(self, id: str, format: Format, request: Request) -> str:
        """The same in one of its formats."""
        report = await self.report(id, request)
        return await run_in_threadpool(self._texts.get, (id, format), report, lambda: render(report, format))

    async def transcript(self, id: str, format: TranscriptFormat) -> str:
        """What was said. Raises UnknownSession."""
        return await run_in_threadpool(self._transcript, id, format)

    def _transcript(self, id: str, format: TranscriptFormat) -> str:
        def text() -> str:
            return render_transcript(replay.utterances(self._store.events(id)), format)

        return self._texts.get((id, "transcript", format), self._store.log_state(id), text)

    async def _computed(self, id: str, request: Request) -> Report:
        key = id, await run_in_threadpool(self._store.log_state, id)
        job = self._under_way.get(key)
        if job is None:
            job = self._under_way[key] = self._judging.submit(Job(lambda _: self._store.report(id)))
        try:
            return await outcome(job, request)
        finally:
            if not job.waiting and self._under_way.get(key) is job:
                del self._under_way[key]
