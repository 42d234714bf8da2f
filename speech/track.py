"""Where each block of captured sound belongs on the session clock, and what is missing between them. No devices here."""

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from speech.frames import SAMPLE_RATE, Float32, Frame, Int16, to_float

TOO_BUSY = "the computer was too busy to take the sound"
"""The reason of a gap in what was delivered."""

_LAG_WINDOW_SECONDS = 2.0
_LAG_SECONDS = 0.5
_LONG_WINDOW_SECONDS = 0.4
_LONG_LAG_SECONDS = 5.0
_AT_ONCE_SECONDS = 0.3
_HASTE = 2.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch that was not recorded.

    start, end: seconds since the session's start. reason: for the screen and the report.
    """

    start: float
    end: float
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A block of sound as the device gave it.

    position: its first sample in the stream, counting what could not be delivered. at: monotonic seconds when it came.
    frames: samples per channel. overflows, dropped: counts so far. samples: s16, channels interleaved.
    """

    position: int
    at: float
    frames: int
    overflows: int
    dropped: int
    samples: Int16


class LostSound:
    """Finds sound that vanished without a flag, by holding the count of samples against the clock.

    Blocks arrive late now and then, and then all at once; sound is lost only when for two seconds even the most
    punctual block was more than half a second late. (macOS never sets the overflow flag.) After a machine has slept it is
    known sooner: what was kept for it comes all at once, and then blocks come as fast as they last, all of them seconds late.
    """

    def __init__(self) -> None:
        self._arrivals: deque[tuple[float, float]] = deque()
        self._latest: deque[tuple[float, float]] = deque()

    def missing(self, arrived: float, due: float) -> float:
        """Seconds of sound found missing at this block, mostly 0.

        arrived: when the block came, seconds. due: when it should have, by the count of samples.
        """
        self._arrivals.append((arrived, arrived - due))
        self._latest.append((arrived, arrived - due))
        lag = self._long_lag()
        if lag > _LONG_LAG_SECONDS:
            self._arrivals.clear()
            self._latest.clear()
            return lag
        if arrived - self._arrivals[0][0] < _LAG_WINDOW_SECONDS:
            return 0.0
        lag = min(late for _, late in self._arrivals)
        if lag > _LAG_SECONDS:
            self._arrivals.clear()
            return lag
        while arrived - self._arrivals[0][0] >= _LAG_WINDOW_SECONDS:
            self._arrivals.popleft()
        return 0.0

    def _long_lag(self) -> float:
        latest = self._latest
        arrived, late = latest[-1]
        while len(latest) > 1 and arrived - latest[1][0] >= _LONG_WINDOW_SECONDS:
            latest.popleft()
        since, late_then = latest[0]
        lasted = arrived - since
        # Sound that lasts longer than it took to come is what was kept.
        if lasted < _LONG_WINDOW_SECONDS or lasted - (late - late_then) > _HASTE * lasted:
            return 0.0
        if any(then - before > _AT_ONCE_SECONDS for (before, _), (then, _) in pairwise(latest)):
            return 0.0
        return min(late for _, late in latest)


class To16k:
    """Turns blocks at a device's own rate and channels into float32 mono at 16 kHz, without seams between blocks."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._channels = channels
        self._resampler: Any = None
        if rate != SAMPLE_RATE:
            import av

            self._resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)

    def convert(self, samples: Int16) -> Float32:
        """The next block, as many samples as are ready."""
        mono = to_float(samples)
        if self._channels > 1:
            # The resampler's own down-mix adds channels up, which clips.
            mono = mono.reshape(-1, self._channels).mean(axis=1, dtype=np.float32)
        if self._resampler is None:
            return mono
        import av

        block = av.AudioFrame.from_ndarray(np.ascontiguousarray(mono[np.newaxis, :]), "flt", "mono")
        block.sample_rate = self._rate
        pieces = [piece.to_ndarray().reshape(-1) for piece in self._resampler.resample(block)]
        return np.concatenate(pieces).astype(np.float32) if pieces else np.zeros(0, np.float32)


class Track:
    """Puts one stream's blocks on the session clock.

    rate, channels: the stream's. origin: monotonic seconds at the session's start. until: end of what was recorded
    before, on the session clock. lost: why an earlier stream ended, None for the first.
    """

    def __init__(self, rate: int, channels: int, origin: float, until: float = 0.0, lost: str | None = None) -> None:
        self._rate = rate
        self._channels = channels
        self._origin = origin
        self._lost = lost
        self._expected: int | None = None
        self._start_again(until)

    def _start_again(self, at: float) -> None:
        self._anchor = at
        self._count = 0
        self._to_16k = To16k(self._rate, self._channels)
        self._lost_sound = LostSound()

    @property
    def until(self) -> float:
        """Where the next frame starts, by the count of samples."""
        return self._anchor + self._count / SAMPLE_RATE

    def _gap(self, end: float, reason: str) -> Gap:
        gap = Gap(self.until, max(self.until, end), reason)
        self._start_again(gap.end)
        return gap

    def take(self, block: Block) -> list[Frame | Gap]:
        """What the next block adds: a gap if something is missing before it, then its frame."""
        made: list[Frame | Gap] = []
        begin = block.at - self._origin - block.frames / self._rate
        if self._expected is None:
            if self._lost is not None:
                made.append(self._gap(begin, self._lost))
            else:
                self._start_again(max(self.until, begin))
        elif block.position > self._expected:
            dropped = (block.position - self._expected) / self._rate
            made.append(self._gap(self.until + dropped, TOO_BUSY))
        else:
            missing = self._lost_sound.missing(begin, self.until)
            if missing:
                made.append(self._gap(self.until + missing, "the device lost sound"))
        self._expected = block.position + block.frames
        samples = self._to_16k.convert(block.samples)
        if len(samples):
            made.append(Frame(self.until, samples))
            self._count += len(samples)
        return made
