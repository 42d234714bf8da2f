"""All sessions of a user: a folder each, with the log, the recording and the last report.

sessions/<id>/events.jsonl   what happened, the truth
sessions/<id>/audio.pcm      the recording (s16le, mono, 16 kHz); after the session audio.flac, the same sound
sessions/<id>/report.json    computed from the log; made again whenever it is missing or older
analyses/                    uploads, see `analysis_store`
vivavoce.sqlite3             the list of sessions; may be deleted at any time
"""

import contextlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from analysis.report import Report
from assistant import replay
from assistant.analysis_store import AnalysisStore, points
from assistant.as_heard import as_heard
from assistant.events import Correction, Event, Reason, SessionEnded, SessionStarted, decode
from assistant.ids import UnknownSession, checked, is_id, make_id
from assistant.index import Entry, Index, Stamp
from assistant.log import NAME as LOG
from assistant.log import SessionLog, SessionRunning, is_running, read_log
from assistant.settings import DataFolderUnusable
from assistant.unchanged import Unchanged, state_of
from models.whole_file import write_whole
from prompts.errors import UserError
from prompts.vocabulary import Level
from speech.loudness import peaks
from speech.recording import RAW, Recording, RecordingUnreadable

REPORT = "report.json"
_DELETED = ".deleted-"
_KEPT = 8
"""Logs and reports that are not read again while they are unchanged, a few megabytes each for an hour of talk."""
_OUTLINES = 64
"""As many as progress over weeks looks at, twice; a few kilobytes each."""

State = Literal["running", "finished", "unfinished"]


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One line of the history. Times in seconds; started_at: ISO 8601.

    score, findings: None without a report; score also where nothing was said that could be judged, however long the
    silence that was found, and for the seconds between a session's end and its report. broken_off: a crash ended it
    before its time.
    """

    id: str
    problem: str | None
    framework: str
    level: Level
    planned_seconds: float
    duration_seconds: float
    started_at: str
    state: State
    score: float | None
    findings: int | None
    broken_off: bool = False

    @property
    def standing(self) -> str:
        """How it stands, for who reads the history."""
        if self.broken_off:
            return "broken off"
        return "not begun" if self.state == "unfinished" and not self.duration_seconds else self.state

    @property
    def empty(self) -> bool:
        """Whether nothing was said that could be judged."""
        return self.score is None and self.findings is not None


class Store:
    """The sessions in a data folder (see `settings.data_dir`). Several processes may use one at the same time."""

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir
        self._sessions = data_dir / "sessions"
        self._index = Index(data_dir / "vivavoce.sqlite3", self._present, self._describe)
        self._entries: Unchanged[Entry] = Unchanged(_KEPT)
        self._events: Unchanged[tuple[Event, ...]] = Unchanged(_KEPT)
        self._reports: Unchanged[Report] = Unchanged(_KEPT)
        self._outlines: Unchanged[Report] = Unchanged(_OUTLINES)
        analyses = data_dir / "analyses"
        self.analyses = AnalysisStore(analyses)
        for folder in (self._sessions, analyses):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise DataFolderUnusable(data_dir, error.strerror or "unknown error") from error

    def new_id(self) -> str:
        """An id nobody has and nobody can guess: sorts by time, fit for a path and a URL."""
        while True:
            id = make_id()
            if not (self._sessions / id).exists() and id not in self.analyses:
                return id

    def create(self, started: SessionStarted) -> Path:
        """A new session's folder with its first event. Raises DataFolderUnusable, LogUnwritable."""
        folder = self._sessions / checked(started.id)
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise DataFolderUnusable(self.root, error.strerror or "unknown error") from error
        with SessionLog(folder) as log:
            log.append(started)
        return folder

    def folder(self, id: str) -> Path:
        """A session's folder. Raises UnknownSession."""
        folder = self._sessions / checked(id)
        if not (folder / LOG).is_file():
            raise UnknownSession(id)
        return folder

    def list_sessions(self, limit: int = 100, offset: int = 0) -> list[SessionSummary]:
        """The history, newest first. limit: -1 for all."""
        entries = self._index.entries()
        return [self._summary(entry) for entry in entries[offset : None if limit < 0 else offset + limit]]

    def count(self) -> int:
        """How many sessions there are."""
        return len(self._index.entries())

    def summary(self, id: str) -> SessionSummary:
        """One session's line of the history. Raises UnknownSession, DamagedSession."""

        def described() -> Entry:
            if (entry := self._describe(id)) is None:
                raise replay.DamagedSession
            return entry

        return self._summary(self._entries.get(id, _stamp(self.folder(id)), described))

    def unfinished(self) -> list[SessionSummary]:
        """Sessions that never ended and that no process is running, oldest first."""
        return [summary for summary in reversed(self.list_sessions(-1)) if summary.state == "unfinished"]

    def rebuild(self) -> None:
        """Throw the index away; the next look at the history makes it again from the folders."""
        self._index.rebuild()

    def events(self, id: str) -> list[Event]:
        """Everything that happened in a session. Raises UnknownSession."""
        state = self.log_state(id)
        return list(self._events.get(id, state, lambda: tuple(read_log(self.folder(id)))))

    def log_state(self, id: str) -> object:
        """What is another whenever more has happened in a session. Raises UnknownSession."""
        try:
            return state_of(self.folder(id) / LOG)
        except OSError:
            raise UnknownSession(id) from None

    def recording(self, id: str) -> Recording | None:
        """The session's recording, None when nothing was recorded. Raises UnknownSession, RecordingUnreadable."""
        recording = Recording(self.folder(id))
        return recording if recording.samples else None

    def compress(self, id: str) -> None:
        """Compress the recording of a session that is over, without loss. Raises UnknownSession, NotCompressed."""
        recording = Recording(self.folder(id))
        # For its picture: the compressed file would take ten times as long to read.
        with contextlib.suppress(RecordingUnreadable):
            if recording.samples:
                peaks(recording, over=True)
        recording.compress()

    def uncompressed(self) -> list[str]:
        """Sessions that are over and whose recording was not compressed, or not to the end, oldest first."""
        over = [summary.id for summary in reversed(self.list_sessions(-1)) if summary.state == "finished"]
        return [id for id in over if (self._sessions / id / RAW).is_file()]

    def report(self, id: str) -> Report:
        """The session judged: the kept report if it is newer than the log, else computed (and kept, once it ended).

        Raises UnknownSession, DamagedSession, and what `analysis.analyzer.analyze` raises.
        """
        from analysis.report_json import to_json

        if (kept := self.kept_report(id)) is not None:
            return kept
        folder, state = self.folder(id), self.log_state(id)
        events = self.events(id)
        report = replay.report(events)
        # What was corrected meanwhile would be older than this report, and not in it.
        if any(isinstance(event, SessionEnded) for event in events) and self.log_state(id) == state:
            # Without room for it, it is computed again next time.
            with contextlib.suppress(OSError, ValueError):
                write_whole(folder / REPORT, to_json(report).encode())
        return report

    def kept_report(self, id: str) -> Report | None:
        """The report that is kept, None where it would have to be computed. Raises UnknownSession."""
        from analysis.report_json import from_json

        return self._read(id, self._reports, from_json)

    def outline(self, id: str) -> Report | None:
        """The report that is kept without its utterances, which is quicker to read. Raises UnknownSession."""
        from analysis.report_json import without_utterances

        return self._read(id, self._outlines, without_utterances)

    def _read(self, id: str, kept: Unchanged[Report], read: Callable[[str], Report]) -> Report | None:
        folder = self.folder(id)
        report = folder / REPORT
        with contextlib.suppress(OSError, ValueError, UserError):
            if report.stat().st_mtime_ns > (folder / LOG).stat().st_mtime_ns:
                return kept.get(id, state_of(report), lambda: read(report.read_text(encoding="utf-8")))
        return None

    def finish(self, id: str, reason: Reason) -> Report:
        """End a session, if its log does not say so yet, and judge it.

        Raises UnknownSession, SessionRunning, LogUnwritable and what `report` raises.
        """
        folder = self.folder(id)
        events = read_log(folder)
        if events and not any(isinstance(event, SessionEnded) for event in events):
            with SessionLog(folder) as log:
                log.append(SessionEnded(max(map(replay.end_of, as_heard(events))), reason))
        return self.report(id)

    def correct(self, id: str, event: Correction) -> None:
        """Add to a session that is over; its report is computed again. Raises UnknownSession, SessionRunning, UserError."""
        folder = self.folder(id)
        with SessionLog(folder) as log:
            log.append(event)

    def delete(self, id: str) -> None:
        """Delete a session with its recording. Raises UnknownSession, SessionRunning, UserError."""
        folder = self.folder(id)
        if is_running(folder):
            raise SessionRunning(folder)
        try:
            # Renamed first: half a session must never be met in the history.
            folder.rename(folder.with_name(_DELETED + folder.name))
            for rest in self._sessions.glob(f"{_DELETED}*"):
                # A session may be kept elsewhere and linked here; what is elsewhere is not ours to delete.
                rest.unlink() if rest.is_symlink() else shutil.rmtree(rest)
        except OSError as error:
            raise UserError(f"Session {id} cannot be deleted ({error.strerror})", f"Check {self._sessions}") from error

    def _present(self) -> dict[str, Stamp]:
        stamps: dict[str, Stamp] = {}
        for folder in os.scandir(self._sessions):
            if is_id(folder.name):
                with contextlib.suppress(OSError):
                    stamps[folder.name] = _stamp(folder)
        return stamps

    def _describe(self, id: str) -> Entry | None:
        folder = self._sessions / id
        try:
            events = _first_and_last(folder / LOG) or read_log(folder)
            facts = replay.facts(events)
        except (OSError, UserError):
            return None
        score = findings = None
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
            score, findings = points(report), len(report["findings"])
        return Entry(
            id=id,
            problem=facts.problem,
            framework=facts.framework,
            level=facts.level,
            planned_seconds=facts.planned_seconds,
            duration_seconds=facts.duration_seconds,
            started_at=facts.started_at or "",
            ended=any(isinstance(event, SessionEnded) for event in events),
            score=score,
            findings=findings,
            broken_off=facts.broken_off,
        )

    def _summary(self, entry: Entry) -> SessionSummary:
        state: State = "finished"
        if not entry.ended:
            state = "running" if is_running(self._sessions / entry.id) else "unfinished"
        return SessionSummary(
            entry.id,
            entry.problem,
            entry.framework,
            entry.level,
            entry.planned_seconds,
            entry.duration_seconds,
            entry.started_at,
            state,
            entry.score,
            entry.findings,
            entry.broken_off,
        )


def _stamp(folder: os.PathLike[str]) -> Stamp:
    # Not by Path: a long history has thousands of them.
    log = os.stat(os.path.join(folder, LOG))
    report = 0
    with contextlib.suppress(OSError):
        report = os.stat(os.path.join(folder, REPORT)).st_mtime_ns
    return Stamp(log.st_size, log.st_mtime_ns, report)


def _first_and_last(log: Path) -> list[Event]:
    """The two events that say all about a session that ended; nothing for one that did not, or is damaged."""
    lines = log.read_bytes().strip().split(b"\n")
    try:
        first, last = (decode(line.decode("utf-8")) for line in (lines[0], lines[-1]))
    except ValueError:
        return []
    return [first, last] if isinstance(first, SessionStarted) and isinstance(last, SessionEnded) else []
