"""The sound of analyzed recordings, so that their words can be heard: of the newest ones, as far as the room for them goes."""

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from speech.frames import SAMPLE_RATE, Frame, pcm16_bytes
from speech.recorder import DiskFull, check_space
from speech.recording import RAW, Recording

MOST_BYTES = 2_000_000_000
"""Seventeen hours."""


def kept(frames: Iterable[Frame], folder: Path) -> Iterator[Frame]:
    """The frames as they come, while they are written into a folder; where there is no room, only the frames.

    folder: the analysis' own; what is in it goes.
    """
    shutil.rmtree(folder, ignore_errors=True)
    file = _opened(folder)
    try:
        for frame in frames:
            if file is not None and not _written(file, frame):
                file.close()
                file = None
                # Half a recording would be silent where somebody speaks.
                shutil.rmtree(folder, ignore_errors=True)
            yield frame
    finally:
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()


def recording(folder: Path) -> Recording | None:
    """What was kept of an analysis' sound."""
    found = Recording(folder)
    return found if found.samples else None


def trim(folders: Path, most_bytes: int = MOST_BYTES) -> None:
    """Remove the oldest sound that is beyond so many bytes. folders: where the analyses' folders are, named by time."""
    total = 0
    for folder in sorted((path for path in folders.iterdir() if path.is_dir()), reverse=True):
        with contextlib.suppress(OSError):
            total += (folder / RAW).stat().st_size
        if total > most_bytes:
            shutil.rmtree(folder, ignore_errors=True)


def _opened(folder: Path) -> BinaryIO | None:
    try:
        check_space(folder)
        folder.mkdir(mode=0o700)
        return open(os.open(folder / RAW, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except (OSError, DiskFull):
        return None


def _written(file: BinaryIO, frame: Frame) -> bool:
    try:
        # Where the sound has a hole, the file has silence: a place in it is a time.
        file.seek(2 * round(frame.start * SAMPLE_RATE))
        file.write(pcm16_bytes(frame.samples))
    except OSError:
        return False
    return True
