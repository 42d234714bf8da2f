"""Analyses of what is uploaded: under way in a worker, finished in the store."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from analysis.analyzer import analyze
from analysis.report import Report, SessionFacts
from analysis.report_json import to_json
from analysis.transcript_formats import Transcript
from assistant.files import NoSpeech
from assistant.store import Analysis, Store
from prompts.errors import UserError
from server.problem_details import Refused
from server.recognition import Recognisers, listen
from server.terms import Terms
from server.work import Job, Worker
from speech.transcript import Utterance


class Analyses:
    """Starts analyses and finds them again. turn: held while the language model is used."""

    def __init__(
        self, store: Store, listening: Worker, judging: Worker, recognisers: Recognisers, turn: threading.Lock
    ) -> None:
        self._store = store
        self._listening = listening
        self._judging = judging
        self._recognisers = recognisers
        self._turn = turn
        self._under_way: dict[str, tuple[Analysis, Job[Analysis]]] = {}

    def of_transcript(self, parse: Callable[[], tuple[Transcript, Terms]]) -> tuple[str, Job[Analysis]]:
        """Queue a transcript; parse runs in the worker, too. Returns its id and job; raises Busy."""

        def work(_: Job[Analysis], id: str) -> Report:
            with self._turn:
                transcript, terms = parse()
            return self._judge(id, transcript.utterances, terms, 0.0, transcript.notes)

        return self._start(self._judging, work, None)

    def of_recording(self, file: BinaryIO, terms: Terms, seconds: float) -> tuple[str, Job[Analysis]]:
        """Queue a recording, which is closed when it is done. seconds: its length as far as known.

        Returns its id and job; raises Busy.
        """

        def work(job: Job[Analysis], id: str) -> Report:
            with file:
                model = self._recognisers.default
                heard = listen(file, lambda: self._recognisers.load(model, terms.problem), job, self._turn)
            return self._judge(id, heard.utterances, terms, heard.seconds, heard.notes)

        return self._start(self._listening, work, seconds)

    def find(self, id: str) -> Analysis:
        """An analysis, whatever its state. Raises UnknownSession."""
        if entry := self._under_way.get(id):
            return self._progress(*entry)
        kept = self._store.analysis(id)
        if kept.state != "running":
            return kept
        return replace(kept, state="failed", detail="The server was stopped before it was done. Send it again.")

    def _start(
        self, worker: Worker, work: Callable[[Job[Analysis], str], Report], seconds: float | None
    ) -> tuple[str, Job[Analysis]]:
        id = self._store.new_id()
        while id in self._under_way:
            id = self._store.new_id()

        def kept(job: Job[Analysis]) -> Analysis:
            try:
                if seconds is not None:
                    self._store.save_analysis(id, "running")
                report = work(job, id)
                return self._store.save_analysis(id, "done", progress=1.0, report=report)
            except Exception as error:
                known = isinstance(error, UserError)
                # What is wrong with a transcript is answered at once; nobody comes back for it.
                if seconds is not None or not known:
                    why = str(error) if known else "Something in the program went wrong."
                    self._store.save_analysis(id, "failed", why)
                raise

        job = Job(kept, seconds)
        started = Analysis(id, datetime.now().astimezone().isoformat(timespec="seconds"), "running")
        self._under_way[id] = started, job
        # The first to be told: whoever waits for the job then finds what was kept.
        job.future.add_done_callback(lambda _: self._under_way.pop(id, None))
        try:
            worker.submit(job)
        except Refused:
            del self._under_way[id]
            raise
        return id, job

    def _progress(self, started: Analysis, job: Job[Analysis]) -> Analysis:
        minutes, seconds = divmod(int(job.seconds), 60)
        detail = f"{minutes}:{seconds:02d} of sound recognised" if job.total_seconds else "Analyzing"
        return replace(started, detail=detail, progress=round(job.progress, 3))

    def _judge(
        self, id: str, utterances: tuple[Utterance, ...], terms: Terms, seconds: float, notes: tuple[str, ...]
    ) -> Report:
        with self._turn:
            return judged(id, utterances, terms, seconds, notes)


def judged(id: str, utterances: tuple[Utterance, ...], terms: Terms, seconds: float, notes: tuple[str, ...]) -> Report:
    """The report on what somebody uploaded. seconds: its length as far as known. Raises NoSpeech."""
    if not utterances:
        raise NoSpeech("Nobody says anything in it", "Listen to the recording, or look into the transcript")
    facts = SessionFacts(id, terms.problem, terms.framework, terms.level, terms.planned_seconds, seconds)
    return analyze(utterances, facts, notes)


def to_bytes(analysis: Analysis) -> bytes:
    """An analysis as JSON, its report as the contract has it."""
    row = {
        "id": analysis.id,
        "created_at": analysis.created_at,
        "state": analysis.state,
        "detail": analysis.detail,
        "progress": analysis.progress,
    }
    report = "null" if analysis.report is None else to_json(analysis.report)
    return f'{json.dumps(row)[:-1]}, "report": {report}}}'.encode()
