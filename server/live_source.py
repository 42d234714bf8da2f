"""Sound that arrives over a websocket, as a session listens to it."""

import queue
import time
from collections.abc import Iterator

from assistant.events import Input
from assistant.sources import Line
from speech.frames import SAMPLE_RATE, Frame, from_pcm16_bytes
from speech.track import Gap, LostSound

_LATE_SECONDS = 1.0


class SocketSource:
    """Frames of whatever is fed, on the clock of its own samples.

    Sound that is missing (a page that slept, a connection that was replaced) leaves a gap, so that what follows is again
    at its time. What only comes late, and then all at once, is none: a connection loses nothing.
    """

    kind: Input = "live"
    interactive = True
    paced = True
    trouble = None
    notes: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._pieces: queue.Queue[tuple[float, bytes, bool] | None] = queue.Queue()
        self._origin = 0.0
        self._half = b""
        self._seconds = 0.0
        self._resumed = False

    def feed(self, data: bytes) -> None:
        """Take s16le samples, mono, 16 kHz; half a sample waits for its other half."""
        data = self._half + data
        whole = len(data) // 2 * 2
        self._half = data[whole:]
        self._seconds += whole / 2 / SAMPLE_RATE
        if whole:
            self._pieces.put((time.monotonic(), data[:whole], self._resumed))
            self._resumed = False

    def resume(self) -> None:
        """Expect whole samples again: whoever sends now did not send the half of one that may have come last."""
        self._half = b""
        self._resumed = True

    def ahead_seconds(self, since: float) -> float:
        """By how much more sound was fed than time has passed since a `time.monotonic` second."""
        return self._seconds - (time.monotonic() - since)

    def open(self, origin: float) -> None:
        """Begin the session's clock."""
        self._origin = origin

    def items(self, start: float) -> Iterator[Frame | Gap | Line]:
        """Frames and gaps until `stop`; the first frame ends when it came, whatever start is."""
        end: float | None = None
        lost_sound = LostSound()
        while (piece := self._pieces.get()) is not None:
            at, data, resumed = piece
            samples = from_pcm16_bytes(data)
            begin = max(0.0, at - self._origin - len(samples) / SAMPLE_RATE)
            if end is None:
                end = begin
            elif resumed and begin - end > _LATE_SECONDS:
                yield Gap(end, begin, "no sound came over the connection")
                end, lost_sound = begin, LostSound()
            elif missing := lost_sound.missing(begin, end):
                yield Gap(end, end + missing, "no sound came over the connection")
                end += missing
            yield Frame(end, samples)
            end += len(samples) / SAMPLE_RATE

    def stop(self) -> None:
        """End after what was fed until now."""
        self._pieces.put(None)

    def close(self) -> None:
        """Nothing to let go of: the connection is not ours."""
