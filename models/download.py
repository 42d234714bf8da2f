"""Running a downloader as a child process, watching what it has written so far."""

import contextlib
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

# report(done bytes, total bytes, what is going on)
Report = Callable[[int, int, str], None]

POLL_SECONDS = 0.2


class SourceFailed(Exception):
    """One source could not deliver; the message completes "… because"."""


class DiskFull(Exception):
    """The disk filled up: no other source will do better."""


def silent(done: int, total: int, what: str) -> None:
    """A report that goes nowhere."""


def run_watched(
    command: list[str], folder: Path, total: int, what: str, report: Report, environment: Mapping[str, str]
) -> None:
    """Run `command` to its end, reporting the bytes that appear under `folder`.

    command: program and arguments. folder: where the child writes. total: bytes expected there.
    environment: variables set on top of this process's own. The child is killed when this call is interrupted.
    Raises SourceFailed with the last line the child wrote, DiskFull.
    """
    log = folder / "log"
    with log.open("w") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
        )
        try:
            furthest = 0
            while True:
                # Downloaders copy finished files about, so for moments more bytes are there than were fetched.
                furthest = max(furthest, min(_bytes_under(folder), total))
                report(furthest, total, what)
                try:
                    code = child.wait(POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    if code != 0:
        said = log.read_text(errors="replace")
        if "No space left on device" in said or "not enough space on the disk" in said:
            raise DiskFull
        raise SourceFailed(said)
    report(total, total, what)


def _bytes_under(folder: Path) -> int:
    total = 0
    # A walk passes over folders that are gone by the time it comes to them; downloaders make and remove many.
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(parent, name)).st_size
    return total
