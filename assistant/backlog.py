"""Speech that waits to be written down: a minute of it in memory, more on the disk, so that hours may wait."""

import contextlib
import queue
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from assistant.sources import Line
from speech.frames import SAMPLE_RATE, Segment

IN_MEMORY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _OnDisk:
    """Where a segment's samples lie: first byte and how many bytes."""

    start: float
    end: float
    first: int
    length: int


class Backlog:
    """A queue from one thread to another.

    folder: for what there is no room for in memory, in a file without a name, which ends with this process.
    most: items, from which on `put` waits; 0: it never does.
    """

    def __init__(self, folder: Path, most: int = 0) -> None:
        self._folder = folder
        self._items: queue.Queue[Segment | _OnDisk | Line | None] = queue.Queue(most)
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._on_disk = self._end = 0
        self.in_memory_seconds = 0.0

    def put(self, item: Segment | Line | None) -> None:
        """Add a segment, a typed line, or None for the end."""
        self._items.put(self._kept(item) if isinstance(item, Segment) else item)

    def get(self, timeout: float | None = None) -> Segment | Line | None:
        """The next one. timeout: seconds to wait for it. Raises queue.Empty, and OSError where its samples cannot be read."""
        item = self._items.get(timeout=timeout)
        if isinstance(item, _OnDisk):
            return self._read(item)
        if isinstance(item, Segment):
            with self._lock:
                self.in_memory_seconds -= _seconds(item)
        return item

    def empty(self) -> bool:
        """Whether nothing waits."""
        return self._items.empty()

    def _kept(self, segment: Segment) -> Segment | _OnDisk:
        with self._lock:
            if self.in_memory_seconds + _seconds(segment) > IN_MEMORY_SECONDS:
                # Without room on the disk, memory is all there is.
                with contextlib.suppress(OSError):
                    return self._write(segment)
            self.in_memory_seconds += _seconds(segment)
            return segment

    def _write(self, segment: Segment) -> _OnDisk:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115  (as long as the session)
        data = segment.samples.astype(np.float32, copy=False).tobytes()
        self._file.seek(self._end)
        if self._file.write(data) != len(data):
            raise OSError("no room for all of it")
        found = _OnDisk(segment.start, segment.end, self._end, len(data))
        self._end += len(data)
        self._on_disk += 1
        return found

    def _read(self, item: _OnDisk) -> Segment:
        with self._lock:
            assert self._file is not None
            self._file.seek(item.first)
            samples = np.frombuffer(self._file.read(item.length), np.float32)
            self._on_disk -= 1
            if not self._on_disk:
                self._end = 0
                self._file.truncate(0)
        return Segment(item.start, item.end, samples)


def _seconds(segment: Segment) -> float:
    return len(segment.samples) / SAMPLE_RATE
