"""Analyses of what is uploaded: waiting or under way in a worker, finished in the store."""

import json
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import BinaryIO

from analysis.analyzer import analyze
from analysis.reading_ahead import read_ahead
from analysis.report import Report, SessionFacts
from analysis.report_json import to_json
from assistant.analysis_store import Analysis, AnalysisSummary
from assistant.files import NoSpeech
from assistant.ids import UnknownAnalysis
from assistant.store import Store
from prompts.errors import UserError
from server.problem_details import Refused
from server.recognition import Recognisers, listen
from server.terms import Terms
from server.transcripts import parse_file, parse_with_terms
from server.upload_sound import kept, trim
from server.uploads import Upload, Uploads
from server.work import Job, Stopped, Worker
from speech.decoding_process import Decoders
from speech.transcript import Utterance

_MOST_TRIES = 3
"""How often the server may end abruptly while it works on an upload before that is the upload's fault."""


class Analyses:
    """Starts analyses and finds them again, after an end of the server, too: each goes on from its upload.

    ending: whether the server has been told to end.
    """

    def __init__(
        self,
        store: Store,
        listening: Worker,
        judging: Worker,
        decoders: Decoders,
        recognisers: Recognisers,
        ending: Callable[[], bool],
    ) -> None:
        self._store = store
        self._uploads = Uploads(store.root)
        self._listening = listening
        self._judging = judging
        self._decoders = decoders
        self._recognisers = recognisers
        self._ending = ending
        self._under_way: dict[str, tuple[Upload, Job[Analysis]]] = {}
        # Held while it is decided whether an analysis is kept or cancelled.
        self._deciding = threading.Lock()

    def start(
        self, content: BinaryIO, terms: Terms | None, name: str = "", seconds: float | None = None
    ) -> tuple[str, Job[Analysis]]:
        """Queue what was sent; the arguments are those of `Upload`, content is read here. Its id and job.

        Raises Busy, and OSError where there is no room to keep it.
        """
        upload = Upload(datetime.now().astimezone().isoformat(timespec="seconds"), seconds, name[:200], terms)
        self._worker(upload).check_room()
        id = self._store.new_id()
        while id in self._under_way or id in self._uploads:
            id = self._store.new_id()
        self._uploads.keep(id, content, upload)
        try:
            return id, self._queue(id, upload, promised=False)
        except Refused:
            self._uploads.remove(id)
            raise

    def take_up(self) -> None:
        """Queue what waited or was under way when a server ended."""
        for id in self._uploads.take_over():
            upload = self._uploads.read(id)
            try:
                # Its outcome was kept, and then the end came.
                self._store.analyses.find(id)
            except UnknownAnalysis:
                if upload is not None:
                    self._queue(id, upload, promised=True)
            else:
                self._uploads.remove(id)

    def find(self, id: str) -> Analysis:
        """An analysis, whatever its state. Raises UnknownAnalysis."""
        if entry := self._under_way.get(id):
            return _progress(id, *entry)
        try:
            return self._store.analyses.find(id)
        except UnknownAnalysis:
            if upload := self._uploads.read(id):
                return _elsewhere(id, upload)
            raise

    def all(self) -> list[AnalysisSummary]:
        """Every analysis without its report, whatever its state, newest first."""
        # Asked first: what is done meanwhile is then found among those that are kept.
        under_way = [line for id in {*self._uploads.ids(), *self._under_way} if (line := self._not_done(id))]
        lines = {line.id: line for line in (*under_way, *self._store.analyses.all())}
        return sorted(lines.values(), key=lambda line: line.id, reverse=True)

    def _not_done(self, id: str) -> AnalysisSummary | None:
        entry = self._under_way.get(id)
        upload = entry[0] if entry else self._uploads.read(id)
        if upload is None:
            return None
        found = _progress(id, *entry) if entry else _elsewhere(id, upload)
        problem = upload.terms.problem if upload.terms else None
        return AnalysisSummary(id, found.created_at, found.state, found.detail, found.progress, problem, None, None)

    def delete(self, id: str) -> None:
        """Cancel an analysis that is not done, or delete its report. Raises UnknownAnalysis, Refused (409)."""
        with self._deciding:
            if entry := self._under_way.pop(id, None):
                self._uploads.forget(id)
                entry[1].stop()
                return
        if id in self._uploads:
            what = f"Another server works on analysis {id}"
            raise Refused(409, "analysis-elsewhere", what, "Cancel it there, or wait until it is done")
        self._store.analyses.delete(id)

    def _worker(self, upload: Upload) -> Worker:
        return self._judging if upload.seconds is None else self._listening

    def _queue(self, id: str, upload: Upload, promised: bool) -> Job[Analysis]:
        def work(job: Job[Analysis]) -> Analysis:
            try:
                if self._uploads.begin(id) >= _MOST_TRIES:
                    what = f"The server ended {_MOST_TRIES} times while it worked on this"
                    raise UserError(what, "Try `viva analyze FILE`, which says more")
                report = self._report(id, upload, job)
                return self._keep(Analysis(id, upload.created_at, "done", progress=1.0, report=report))
            except Stopped:
                raise
            except Exception as error:
                known = isinstance(error, UserError)
                # What is wrong with a transcript is answered at once; nobody comes back for it.
                if upload.seconds is not None or not known:
                    why = str(error) if known else "Something in the program went wrong."
                    self._keep(Analysis(id, upload.created_at, "failed", why))
                raise

        job = Job(work, upload.seconds)
        self._under_way[id] = upload, job
        # The first to be told: whoever waits for the job then finds what was kept.
        job.future.add_done_callback(lambda future: self._ended(id, future))
        try:
            self._worker(upload).submit(job, promised)
        except Refused:
            del self._under_way[id]
            raise
        return job

    def _keep(self, analysis: Analysis) -> Analysis:
        with self._deciding:
            if analysis.id not in self._under_way:
                raise Stopped
            self._store.analyses.save(analysis)
        return analysis

    def _ended(self, id: str, future: Future[Analysis]) -> None:
        cancelled = self._under_way.pop(id, None) is None
        if not cancelled and self._ending() and isinstance(future.exception(), Stopped):
            self._uploads.pause(id)
        else:
            self._uploads.remove(id)
        folder = self._store.analyses.sound_folder(id)
        if future.exception() is not None:
            shutil.rmtree(folder, ignore_errors=True)
        trim(folder.parent)

    def _report(self, id: str, upload: Upload, job: Job[Analysis]) -> Report:
        if upload.seconds is None:
            with self._uploads.open(id) as file:
                content = file.read()
            if upload.terms is None:
                transcript, terms = parse_with_terms(content)
            else:
                transcript, terms = parse_file(content, upload.name), upload.terms
            job.total_seconds = max((utterance.end for utterance in transcript.utterances), default=0.0)
            for seconds in read_ahead(transcript.utterances):
                job.advance(seconds)
            return judged(id, transcript.utterances, terms, 0.0, transcript.notes)
        terms = upload.terms or Terms()
        model = self._recognisers.default
        with self._uploads.open(id) as file:
            heard = listen(
                file,
                self._decoders,
                lambda: self._recognisers.load(model, terms.problem),
                job,
                keep=lambda frames: kept(frames, self._store.analyses.sound_folder(id)),
            )
        for _ in read_ahead(heard.utterances):
            job.advance(heard.seconds)
        return judged(id, heard.utterances, terms, heard.seconds, heard.notes)


def _progress(id: str, upload: Upload, job: Job[Analysis]) -> Analysis:
    minutes, seconds = divmod(int(job.seconds), 60)
    done = "of the talk read" if upload.seconds is None else "of sound recognised"
    detail = f"{minutes}:{seconds:02d} {done}"
    return Analysis(id, upload.created_at, "running", detail if job.begun else "Waiting", round(job.progress, 3))


def _elsewhere(id: str, upload: Upload) -> Analysis:
    """One that another server on this data folder has."""
    return Analysis(id, upload.created_at, "running", "Another server works on it")


def judged(id: str, utterances: tuple[Utterance, ...], terms: Terms, seconds: float, notes: tuple[str, ...]) -> Report:
    """The report on what somebody uploaded. seconds: its length as far as known. Raises NoSpeech."""
    if not utterances:
        raise NoSpeech("Nobody says anything in it", "Listen to the recording, or look into the transcript")
    facts = SessionFacts(id, terms.problem, terms.framework, terms.level, terms.planned_seconds, seconds)
    return analyze(utterances, facts, notes)


def report_of(analysis: Analysis) -> Report:
    """The report of one that is done. Raises Refused (409) where there is none."""
    if analysis.report is None:
        why = analysis.detail or "It is under way"
        what = f"Analysis {analysis.id} has no report ({why.rstrip('.')})"
        raise Refused(409, "no-report", what, "Ask again when it is done")
    return analysis.report


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
