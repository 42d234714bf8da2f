"""The recording on disk, written before anything else happens to the sound.

An append-only raw file (s16le, mono, 16 kHz) without a header: whatever was written is playable after a crash,
and a position in the file is a time on the session clock.
"""

import contextlib
import errno
import os
import shutil
import wave
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from prompts.errors import UserError
from speech.frames import SAMPLE_RATE, Float32, Frame, Int16, pcm16_bytes

MIN_FREE_BYTES = 200_000_000
"""A 45-minute session takes 86 MB; the rest is room for the log and the report."""

_BYTES_PER_SECOND = 2 * SAMPLE_RATE
_BYTES_PER_SYNC = _BYTES_PER_SECOND // 5
_MOST_BYTES = _BYTES_PER_SECOND * 9 // 20
"""With a frame more, less than half a second of sound is ever not on the disk."""

_GAP_SECONDS = 0.05
_AGAIN_SECONDS = 1.0
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_sync = getattr(os, "fdatasync", os.fsync)


class RecordingFailed(UserError):
    """The recording cannot be written; the message says where and why."""


class DiskFull(RecordingFailed):
    """No room for the recording, or for more of it; the message says what is saved."""


def check_space(path: Path, needed: int = MIN_FREE_BYTES) -> None:
    """Make sure that a recording can be begun at `path`.

    needed: free bytes asked for. Raises DiskFull when the disk has less.
    """
    folder = path
    while not folder.is_dir():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(
            f"Only {free // 1_000_000} MB are free in {folder}; a recording needs {needed // 1_000_000} MB",
            "Free some space, or choose another folder with --data-dir",
        )


class Recorder:
    """Appends frames to a recording; used by one thread.

    A frame is the system's as soon as it is written, which a killed process cannot take back, and is forced onto the disk by a
    thread beside it, five times a second: a disk may take its time for that, and what is said meanwhile must not wait.
    path: the file, made if it is not there; its folder must exist.
    Raises DiskFull and RecordingFailed, from any call.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        check_space(path)
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
            # Half a sample left by a crash would turn everything after it into noise.
            self._written = os.fstat(self._file).st_size // 2 * 2
            os.ftruncate(self._file, self._written)
        except OSError as error:
            raise self._failure(error) from error
        self._synced = self._asked = self._written
        self._disk = ThreadPoolExecutor(1, "disk")
        self._syncing: Future[None] | None = None
        self._open = True

    @property
    def seconds(self) -> float:
        """Length of the recording so far, in seconds."""
        return self._written // 2 / SAMPLE_RATE

    def write(self, frame: Frame) -> None:
        """Append a frame; time nobody captured before it becomes silence, so that the file keeps the session's time.

        A frame that fails is lost, also where a part of it is in the file; later ones may be written again.
        """
        missing = frame.start - self.seconds
        if missing > _GAP_SECONDS:
            # All of it, however it is divided: a rest shorter than what is a gap by itself would shift all that follows.
            end = round(frame.start * SAMPLE_RATE)
            while (samples := end - self._written // 2) > 0:
                self._append(bytes(2 * min(samples, SAMPLE_RATE)))
        self._append(pcm16_bytes(frame.samples))

    def close(self) -> None:
        """Force what is written onto the disk and close the file; safe to call again."""
        if self._open:
            self._open = False
            try:
                self._synchronised()
                _sync(self._file)
            except OSError as error:
                raise self._failure(error) from error
            finally:
                self._disk.shutdown()
                os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                # A nearly full disk takes a part without an error; the error comes with the next write.
                count = os.write(self._file, rest)
                self._written += count
                rest = rest[count:]
            self._force()
        except OSError as error:
            # Half a sample would turn into noise whatever is appended when that is possible again.
            self._written -= self._written % 2
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._written)
            raise self._failure(error) from error

    def _force(self) -> None:
        """Have what is written forced onto the disk; waits only where too much is not on it. Raises OSError."""
        if self._syncing is not None and (self._syncing.done() or self._written - self._synced >= _MOST_BYTES):
            self._synchronised()
        if self._syncing is None and self._written - self._synced >= _BYTES_PER_SYNC:
            self._asked = self._written
            self._syncing = self._disk.submit(_sync, self._file)

    def _synchronised(self) -> None:
        """Wait for what is being forced onto the disk. Raises OSError."""
        syncing, self._syncing = self._syncing, None
        if syncing is not None:
            syncing.result()
            self._synced = self._asked

    def _failure(self, error: OSError) -> RecordingFailed:
        saved = int(getattr(self, "_written", 0)) // _BYTES_PER_SECOND
        kept = f"; the first {saved // 60}:{saved % 60:02d} are saved in {self.path}"
        if error.errno in _FULL:
            return DiskFull(f"The disk is full{kept}", "Free some space and start again")
        where = kept if saved else f" in {self.path.parent}"
        reason = error.strerror or "unknown error"
        return RecordingFailed(
            f"The recording cannot be written ({reason}){where}", "Check the folder, or choose another with --data-dir"
        )


class SteadyRecorder:
    """Records a session to its end: after a failure it tries again each second, and what is missing becomes silence.

    path: the file. began: second of the session at which the recording begins; None: with the first frame.
    """

    def __init__(self, path: Path, began: float | None = None) -> None:
        self._path = path
        self._began = began
        self._recorder: Recorder | None = None
        self._again = 0.0
        self._unrecorded_since: float | None = None

    def write(self, frame: Frame) -> str | None:
        """Append a frame, on the session clock; returns what to tell whoever is recorded, mostly nothing."""
        if frame.start < self._again:
            return None
        if self._began is None:
            self._began = frame.start
        try:
            if self._recorder is None:
                self._recorder = Recorder(self._path)
            self._recorder.write(Frame(frame.start - self._began, frame.samples))
        except RecordingFailed as error:
            self._again = frame.end + _AGAIN_SECONDS
            if self._unrecorded_since is not None:
                return None
            self._unrecorded_since = frame.start
            return f"{error.what}. The session goes on, and is recorded again as soon as that is possible."
        if self._unrecorded_since is None:
            return None
        seconds = frame.start - self._unrecorded_since
        self._unrecorded_since = None
        return f"The session is recorded again; {seconds:.0f} s of it were not."

    def close(self) -> str | None:
        """Force what is written onto the disk; returns what to tell."""
        try:
            if self._recorder is not None:
                self._recorder.close()
        except RecordingFailed as error:
            return str(error)
        return None


def write_wav(path: Path, samples: Float32 | Int16) -> None:
    """Write samples (mono, 16 kHz) as a 16-bit WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm16_bytes(samples))
