"""A session's events on disk: `events.jsonl`, only ever appended to.

An append returns when the disk has the line. A crash can tear the last line at most, and only that one is lost.
"""

import contextlib
import errno
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock

from assistant.events import Event, Noted, decode, encode
from prompts.errors import UserError

NAME = "events.jsonl"
_LOCK = "session.lock"
_PATIENCE_SECONDS = 2.0
_sync = getattr(os, "fdatasync", os.fsync)
_open_here: set[str] = set()
"""Logs that this process has open for writing."""


class SessionRunning(UserError):
    """This session is under way, here or in another process."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"Session {folder.name} is still running", "End it first, where it is held")


class LogUnwritable(UserError):
    """An event could not be written; nothing written before is lost."""

    def __init__(self, path: Path, error: OSError) -> None:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        what = "The disk is full" if full else f"The session cannot be written down ({error.strerror})"
        fix = "Free some space" if full else f"Check the folder {path.parent}"
        super().__init__(what, fix)


class SessionLog:
    """The one writer of a session's log, as long as it is open; used by one thread.

    folder: the session's. Raises SessionRunning when another writer has it open, and LogUnwritable.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._lock = filelock.FileLock(folder / _LOCK, mode=0o600)
        try:
            # Whoever only asks whether the session runs holds the lock for a moment, too.
            self._lock.acquire(timeout=_PATIENCE_SECONDS, poll_interval=0.01)
        except filelock.Timeout:
            raise SessionRunning(folder) from None
        except OSError as error:
            raise LogUnwritable(self.path, error) from error
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
            self._end_torn_line()
        except OSError as error:
            self._lock.release()
            raise LogUnwritable(self.path, error) from error
        self._open = True
        _open_here.add(os.path.abspath(self.path))

    def append(self, event: Event) -> None:
        """Write an event; when this returns, it survives a crash. Raises LogUnwritable, and then wrote nothing."""
        rest = memoryview(encode(event).encode("utf-8") + b"\n")
        before = os.fstat(self._file).st_size
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
            _sync(self._file)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, before)
            raise LogUnwritable(self.path, error) from error

    def close(self) -> None:
        """Let others write; safe to call again."""
        if self._open:
            self._open = False
            _open_here.discard(os.path.abspath(self.path))
            os.close(self._file)
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _end_torn_line(self) -> None:
        size = os.fstat(self._file).st_size
        if size:
            os.lseek(self._file, size - 1, os.SEEK_SET)
            if os.read(self._file, 1) != b"\n":
                os.write(self._file, b"\n")


def read_log(folder: Path) -> list[Event]:
    """The session's events in order.

    Lines that cannot be read, as a crash leaves one at the end, are left out, and a Noted event at the end says so.
    A folder without a log has no events. Raises UserError when the log cannot be read at all.
    """
    try:
        lines = (folder / NAME).read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UserError(
            f"The session's log in {folder} cannot be read ({error.strerror})", "Check the folder"
        ) from error
    events: list[Event] = []
    damaged = 0
    for line in lines:
        if not line.strip():
            continue
        try:
            event = decode(line.decode("utf-8"))
        except (ValueError, RecursionError):
            damaged += 1
        else:
            if event is not None:
                events.append(event)
    if damaged:
        lost = "One line" if damaged == 1 else f"{damaged} lines"
        events.append(Noted(events[-1].at if events else 0.0, f"{lost} of the session's log could not be read."))
    return events


def is_running(folder: Path) -> bool:
    """Whether some process has the session's log open for writing."""
    if os.path.abspath(folder / NAME) in _open_here:
        return True
    path = folder / _LOCK
    for _ in range(3):
        if not path.exists():
            return False
        lock = filelock.FileLock(path, mode=0o600)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            # Perhaps only somebody else who asks.
            time.sleep(0.01)
        except OSError:
            return False
        else:
            lock.release()
            return False
    return True
