"""Pieces of sound on the session clock, and the sample formats they are kept in."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
"""Samples per second of all audio inside: what Whisper and the voice detector take."""

Float32 = npt.NDArray[np.float32]
Int16 = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A short piece of captured or decoded sound.

    start: seconds since the session's start. samples: mono, 16 kHz; float32 in -1..1 or int16.
    """

    start: float
    samples: Float32 | Int16

    @property
    def end(self) -> float:
        """Seconds since the session's start at which the frame's last sample ends."""
        return self.start + len(self.samples) / SAMPLE_RATE


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A stretch of speech with the little silence around it, ready to transcribe.

    start, end: seconds since the session's start. samples: float32 mono, 16 kHz. before: what was said right before it, in
    words, where it may go on with that.
    """

    start: float
    end: float
    samples: Float32
    before: str = ""


def to_float(samples: Float32 | Int16) -> Float32:
    """The samples as float32 in -1..1."""
    if samples.dtype == np.float32:
        return samples.astype(np.float32, copy=False)
    return samples.astype(np.float32) / np.float32(32768)


def to_pcm16(samples: Float32 | Int16) -> Int16:
    """The samples as int16; floats outside -1..1 are clipped, not wrapped, and NaN becomes silence."""
    if samples.dtype == np.int16:
        return samples.astype(np.int16, copy=False)
    within = np.clip(np.nan_to_num(samples), -1, 1) * 32768
    pcm: Int16 = np.minimum(np.rint(within), 32767).astype(np.int16)
    return pcm


def pcm16_bytes(samples: Float32 | Int16) -> bytes:
    """The samples as s16le bytes, the form recordings have on disk and on the wire."""
    return to_pcm16(samples).astype("<i2", copy=False).tobytes()


def from_pcm16_bytes(data: bytes) -> Int16:
    """Samples from s16le bytes; half a sample at the end is left out."""
    return np.frombuffer(data, dtype="<i2", count=len(data) // 2).astype(np.int16, copy=False)
