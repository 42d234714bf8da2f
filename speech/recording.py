"""A session's recording as it lies on disk: raw while it grows, compressed without loss once the session is over."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import filelock
import numpy as np

from prompts.errors import UserError
from speech.flac import BadFlac, flac_length, read_flac, write_flac
from speech.frames import SAMPLE_RATE, Float32, Int16, from_pcm16_bytes, to_float

RAW = "audio.pcm"
COMPRESSED = "audio.flac"
_UNFINISHED = "audio.flac.part"
_LOCK = "audio.lock"
_PIECE_SAMPLES = 4 * SAMPLE_RATE


class RecordingUnreadable(UserError):
    """A recording that is missing or damaged."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(f"The recording {path} cannot be read ({why})", "Check that the session's folder is complete")


class NotCompressed(UserError):
    """A recording that stays as it is, because compressing it failed."""

    def __init__(self, folder: Path, why: object) -> None:
        what = f"The recording of {folder.name} could not be compressed ({why}); it is complete, but takes more room"
        super().__init__(what, "Free some space, then run `viva recover`")


@dataclass(frozen=True, slots=True)
class Recording:
    """The recording in a session's folder, in whichever form it is there.

    The raw file counts as long as it exists; a compressed one beside it may not be verified yet.
    """

    folder: Path

    @property
    def samples(self) -> int:
        """How many samples it has; 0 when there is none. Raises RecordingUnreadable."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / RAW).stat().st_size // 2
        try:
            return flac_length(self.folder / COMPRESSED)
        except FileNotFoundError:
            return 0
        except (OSError, BadFlac) as error:
            raise RecordingUnreadable(self.folder / COMPRESSED, error) from error

    @property
    def seconds(self) -> float:
        """How long it is. Raises RecordingUnreadable."""
        return self.samples / SAMPLE_RATE

    def pieces(self, first: int = 0) -> Iterator[Int16]:
        """Its samples (16 kHz, mono) from number `first` on, a few seconds at a time at most.

        Compressing it meanwhile changes nothing. Raises RecordingUnreadable.
        """
        try:
            try:
                yield from _raw(self.folder / RAW, first)
            except FileNotFoundError:
                yield from read_flac(self.folder / COMPRESSED, first)
        except (OSError, BadFlac) as error:
            raise RecordingUnreadable(self.folder, error) from error

    def read(self) -> Float32:
        """All of it, float32 mono, 16 kHz. Raises RecordingUnreadable."""
        return to_float(np.concatenate([np.zeros(0, np.int16), *self.pieces()]))

    def compress(self) -> None:
        """Replace the raw file by a FLAC file of the same samples.

        Written under another name, read back and compared sample by sample, forced onto the disk, renamed; only then the raw
        file is removed. Interrupted anywhere, the next call finishes it. Does nothing for a recording that is
        compressed, missing or empty, or that another process is compressing. Only for one that grows no more.
        Raises NotCompressed, and then nothing is lost.
        """
        if not (self.folder / RAW).is_file() or not self.samples:
            return
        try:
            with filelock.FileLock(self.folder / _LOCK, timeout=0, mode=0o600):
                self._compress()
        except filelock.Timeout:
            return
        except FileNotFoundError:
            # Compressed, or deleted, by somebody else just now.
            return
        except (OSError, BadFlac) as error:
            raise NotCompressed(self.folder, getattr(error, "strerror", None) or error) from error

    def _compress(self) -> None:
        raw, done, new = (self.folder / name for name in (RAW, COMPRESSED, _UNFINISHED))
        if not _same(raw, done):
            try:
                with open(os.open(new, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
                    write_flac(_raw(raw), file)
                    file.flush()
                    os.fsync(file.fileno())
                if not _same(raw, new):
                    raise BadFlac("what was written is not the same sound")
                new.replace(done)
            finally:
                with contextlib.suppress(OSError):
                    new.unlink(missing_ok=True)
        _sync_folder(self.folder)
        raw.unlink()


def _raw(path: Path, first: int = 0) -> Iterator[Int16]:
    with path.open("rb") as file:
        file.seek(2 * first)
        # Half a sample, as a crash may leave it at the end, is none.
        while len(data := file.read(2 * _PIECE_SAMPLES)) > 1:
            yield from_pcm16_bytes(data)


def _same(raw: Path, compressed: Path) -> bool:
    """Whether a FLAC file holds exactly the samples of a raw one. Raises OSError."""
    try:
        if flac_length(compressed) != raw.stat().st_size // 2:
            return False
        found = in_steps(read_flac(compressed))
        return all(
            one is not None and other is not None and np.array_equal(one, other)
            for one, other in zip_longest(_raw(raw), found)
        )
    except (FileNotFoundError, BadFlac):
        return False


def in_steps(pieces: Iterator[Int16]) -> Iterator[Int16]:
    """The same samples in pieces of the length that raw files are read in."""
    held: list[Int16] = []
    count = 0
    for piece in pieces:
        held.append(piece)
        count += len(piece)
        while count >= _PIECE_SAMPLES:
            whole = np.concatenate(held)
            yield whole[:_PIECE_SAMPLES]
            held, count = [whole[_PIECE_SAMPLES:]], count - _PIECE_SAMPLES
    if count:
        yield np.concatenate(held)


def _sync_folder(folder: Path) -> None:
    """Force a rename onto the disk, where a folder can be opened for that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
