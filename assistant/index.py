"""The list of sessions in an SQLite file, so that a long history opens at once.

Only an index: the sessions' folders are the truth. Every look at it first takes over what changed in the folders, so
a file that is lost, damaged, foreign or of a newer version costs one reading of them and nothing else.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

import filelock

from prompts.vocabulary import Level

MIGRATIONS = Path(__file__).parent / "migrations"
_APPLICATION_ID = 0x56495641
_PATIENCE_SECONDS = 3.0
_UNUSABLE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
"""Codes of a file that is no index of ours; anything else (full, locked, read-only) leaves the file as it is."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """State of a session's files: size of the log in bytes, modification times in nanoseconds, 0 for no report."""

    log_size: int
    log_changed: int
    report_changed: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index knows of a session. started_at: ISO 8601. ended: whether its log says that it ended.

    broken_off: whether that was a crash, before its time.
    """

    id: str
    problem: str | None
    framework: str
    level: Level
    planned_seconds: float
    duration_seconds: float
    started_at: str
    ended: bool
    score: float | None
    findings: int | None
    broken_off: bool


_NAMES = [field.name for field in fields(Entry)]
_COLUMNS = ", ".join(_NAMES)


class _NotOurs(Exception):
    """A file that is damaged, foreign, or of a newer version."""


class Index:
    """The index in one file. path: where; need not exist. Safe to use from several threads and processes at once.

    present: finds the sessions whose folders exist. describe: reads one; None when it cannot be read, which hides it.
    """

    def __init__(
        self, path: Path, present: Callable[[], Mapping[str, Stamp]], describe: Callable[[str], Entry | None]
    ) -> None:
        self.path = path
        self._present = present
        self._describe = describe
        self._turn = threading.Lock()
        # What was found last, and in which state of the folders: many who ask at once cost one look at the file.
        self._found: tuple[Mapping[str, Stamp], Sequence[Entry]] | None = None

    def entries(self) -> Sequence[Entry]:
        """All sessions, newest first."""
        with self._turn:
            present = self._present()
            if self._found is None or present != self._found[0]:
                self._found = present, self._taken_over(present)
            return self._found[1]

    def rebuild(self) -> None:
        """Throw the file away; the next look makes it again from the folders."""
        with self._turn:
            self._found = None
            for ending in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + ending).unlink(missing_ok=True)

    def _taken_over(self, present: Mapping[str, Stamp]) -> Sequence[Entry]:
        for _ in range(2):
            try:
                with self._opened(self.path) as connection:
                    _take_over(connection, present, self._describe)
                    return _all(connection)
            except _NotOurs:
                self._move_aside()
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _UNUSABLE:
                    break
                self._move_aside()
            except (OSError, filelock.Timeout):
                break
        # A full or read-only disk, or one that others keep locked: an index in memory does as well.
        with self._opened(None) as connection:
            _take_over(connection, present, self._describe)
            return _all(connection)

    @contextlib.contextmanager
    def _opened(self, path: Path | None) -> Iterator[sqlite3.Connection]:
        guard = contextlib.nullcontext() if path is None else self._guard()
        with guard:
            connection = sqlite3.connect(path or ":memory:", timeout=_PATIENCE_SECONDS, isolation_level=None)
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
        try:
            yield connection
        finally:
            connection.close()

    def _guard(self) -> filelock.BaseFileLock:
        # Two processes that find the same damage must not each move a file away, the second one a good one.
        return filelock.FileLock(self.path.with_name(self.path.name + ".lock"), timeout=_PATIENCE_SECONDS, mode=0o600)

    def _move_aside(self) -> None:
        when = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        with contextlib.suppress(OSError, filelock.Timeout), self._guard():
            try:
                # Another process may have put a good one in its place by now.
                connection = sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS, isolation_level=None)
                try:
                    return _prepare(connection)
                finally:
                    connection.close()
            except (sqlite3.Error, _NotOurs):
                for ending in ("", "-wal", "-shm"):
                    old = self.path.with_name(self.path.name + ending)
                    if old.exists():
                        old.rename(self.path.with_name(f"{self.path.name}.corrupt.{when}{ending}"))


def _prepare(connection: sqlite3.Connection) -> None:
    """Make sure that this is our index in our version. Raises _NotOurs."""
    migrations = sorted(MIGRATIONS.glob("*.sql"))
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if (application != _APPLICATION_ID and not empty) or version > len(migrations):
        raise _NotOurs
    if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
        raise _NotOurs
    connection.execute("PRAGMA journal_mode = WAL")
    # What a power cut takes from it is in the folders.
    connection.execute("PRAGMA synchronous = NORMAL")
    for number, migration in enumerate(migrations[version:], version + 1):
        # executescript leaves transactions to the script.
        connection.executescript(
            f"BEGIN IMMEDIATE; {migration.read_text(encoding='utf-8')};"
            f"PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {number}; COMMIT;"
        )
    try:
        connection.execute(f"SELECT {_COLUMNS}, log_size, log_changed, report_changed FROM sessions LIMIT 0")  # noqa: S608
    except sqlite3.OperationalError as error:
        raise _NotOurs from error


def _take_over(
    connection: sqlite3.Connection, present: Mapping[str, Stamp], describe: Callable[[str], Entry | None]
) -> None:
    known = {
        id: Stamp(*stamp)
        for id, *stamp in connection.execute("SELECT id, log_size, log_changed, report_changed FROM sessions")
    }
    gone = [(id,) for id in known if id not in present]
    changed = [(entry, stamp) for id, stamp in present.items() if known.get(id) != stamp and (entry := describe(id))]
    if not gone and not changed:
        return
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("DELETE FROM sessions WHERE id = ?", gone)
    marks = ", ".join("?" * (3 + len(_NAMES)))
    connection.executemany(
        f"INSERT OR REPLACE INTO sessions (log_size, log_changed, report_changed, {_COLUMNS}) VALUES ({marks})",  # noqa: S608
        [(*astuple(stamp), *astuple(entry)) for entry, stamp in changed],
    )
    connection.execute("COMMIT")


def _all(connection: sqlite3.Connection) -> Sequence[Entry]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM sessions ORDER BY id DESC")  # noqa: S608
    found = (Entry(*row) for row in rows)
    return tuple(replace(one, ended=bool(one.ended), broken_off=bool(one.broken_off)) for one in found)
