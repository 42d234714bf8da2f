"""Sound of 16 kHz mono as FLAC files and back, sample for sample, through FFmpeg's libraries."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from speech.frames import SAMPLE_RATE, Int16

_STREAMINFO_BYTES = 42
_TOTAL_SAMPLES = slice(21, 26)
_TOTAL_BITS = 36
_WORTH_SEEKING = 20 * SAMPLE_RATE


class BadFlac(Exception):
    """A file that is not whole, or not 16 kHz mono of 16 bits."""


def write_flac(pieces: Iterable[Int16], file: BinaryIO) -> None:
    """Encode samples, mono, 16 kHz. file: seekable, because its length is written last. Raises OSError, BadFlac."""
    import av

    try:
        _write(pieces, file)
    except OSError:
        raise
    except av.FFmpegError as error:
        raise BadFlac(f"the sound cannot be encoded ({error})") from error


def _write(pieces: Iterable[Int16], file: BinaryIO) -> None:
    import av

    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=SAMPLE_RATE, layout="mono", format="s16")
        written = 0
        for piece in pieces:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(piece[np.newaxis]), "s16", "mono")
            frame.sample_rate = SAMPLE_RATE
            frame.pts = written
            written += len(piece)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def flac_length(path: Path) -> int:
    """Samples a file says it holds, by its header (RFC 9639, section 8.2). Raises OSError, and BadFlac for another file."""
    with path.open("rb") as file:
        head = file.read(_STREAMINFO_BYTES)
    if len(head) < _STREAMINFO_BYTES or not head.startswith(b"fLaC"):
        raise BadFlac(f"{path} is no FLAC file")
    return int.from_bytes(head[_TOTAL_SAMPLES], "big") & ((1 << _TOTAL_BITS) - 1)


def read_flac(path: Path, first: int = 0) -> Iterator[Int16]:
    """The samples from number `first` on, piece by piece. Raises OSError, and BadFlac where a piece cannot be decoded."""
    import av

    with path.open("rb") as file:
        try:
            with av.open(file, "r", format="flac") as container:
                stream = container.streams.audio[0]
                if (stream.codec_context.sample_rate, stream.channels) != (SAMPLE_RATE, 1):
                    raise BadFlac(f"{path} is not 16 kHz mono")
                if first >= flac_length(path):
                    return
                if first > _WORTH_SEEKING:
                    # In the first second or so FFmpeg cannot seek, and need not.
                    container.seek(first, stream=stream)
                reached = first
                for frame in container.decode(stream):
                    assert frame.pts is not None
                    if frame.pts > reached:
                        raise BadFlac(f"{path} lacks samples {reached} to {frame.pts}")
                    samples = frame.to_ndarray().reshape(-1)[reached - frame.pts :]
                    reached += len(samples)
                    if len(samples):
                        yield samples.astype(np.int16, copy=False)
        except (av.FFmpegError, IndexError) as error:
            raise BadFlac(f"{path} cannot be decoded ({error})") from error
