"""What a running process uses, from /proc."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise KeyError(name)


def megabytes(pid: int) -> float:
    """Memory a process holds now (RSS), in MB."""
    return _status(pid, "VmRSS") / 1024


def most_megabytes(pid: int) -> float:
    """The most memory that a process has held at any moment until now (its RSS high-water mark), in MB."""
    return _status(pid, "VmHWM") / 1024


def open_files(pid: int) -> list[str]:
    """What its file descriptors point at."""
    found = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(os.readlink(descriptor))
        except FileNotFoundError:
            continue
    return found


def threads(pid: int) -> int:
    """How many threads it runs."""
    return _status(pid, "Threads")


def children(pid: int) -> set[int]:
    """Processes that it has started and that are there, be it as zombies."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.add(int(stat.parent.name))
    return found


class Watched:
    """The most a process held while it was watched. most_megabytes: of memory; sockets: at once."""

    def __init__(self, pid: int) -> None:
        self.before_megabytes = self.most_megabytes = megabytes(pid)
        self.before_sockets = self.sockets = _sockets(pid)

    @property
    def grown_megabytes(self) -> float:
        """By how much its memory grew at the most."""
        return self.most_megabytes - self.before_megabytes


@contextmanager
def watched(pid: int, every_seconds: float = 0.01) -> Iterator[Watched]:
    """Look at a process again and again while something is done to it."""
    found, over = Watched(pid), threading.Event()

    def look() -> None:
        while not over.wait(every_seconds):
            found.most_megabytes = max(found.most_megabytes, megabytes(pid))
            found.sockets = max(found.sockets, _sockets(pid))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield found
    finally:
        over.set()
        looking.join()


def _sockets(pid: int) -> int:
    return sum(name.startswith("socket:") for name in open_files(pid))


needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="/proc is Linux alone")
