"""The microphone as an endless row of frames on the session clock.

Once open it never raises: a device that dies, freezes or loses sound leaves a marked gap and is opened again.
"""

import json
import queue
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from speech.audio_process import (
    AUDIO_CHILD,
    AudioLibraryMissing,
    AudioUnavailable,
    MicrophoneBusy,
    NoMicrophone,
    start_audio,
)
from speech.capture import PACKET, Kind
from speech.child_process import end_child
from speech.frames import SAMPLE_RATE, Float32, Frame, Int16, from_pcm16_bytes, to_float
from speech.track import TOO_BUSY, Gap

__all__ = [
    "AudioLibraryMissing",
    "AudioUnavailable",
    "Gap",
    "Microphone",
    "MicrophoneBusy",
    "NoMicrophone",
    "Remark",
    "level_db",
]

_QUEUED_PACKETS = 3000
_BACKOFF_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0)
_LAST_WORDS_SECONDS = 1.0
_WARN_SECONDS = 1.0
_LOOK_SECONDS = 0.1
_QUIETEST_DB = -120.0
_LEAST_GAP_SECONDS = 1e-3


def level_db(samples: Float32 | Int16) -> float:
    """Root mean square level in dB relative to full scale; nothing and digital silence count as -120."""
    if not len(samples):
        return _QUIETEST_DB
    power = float(np.mean(np.square(to_float(samples), dtype=np.float64)))
    return max(_QUIETEST_DB, 10 * float(np.log10(max(power, 1e-12))))


@dataclass(frozen=True, slots=True)
class Remark:
    """What became of the recording, for the screen and the report."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class _Packet:
    """What the capturing child sent. overflows, dropped: counts so far."""

    item: Frame | Gap | Remark
    overflows: int
    dropped: int


class _Stream:
    """One capturing child and the thread that empties its pipe. Raises what `start_audio` raises."""

    def __init__(self, request: Mapping[str, object], command: Sequence[str]) -> None:
        self._child, answer = start_audio("capture", request, command=command)
        self.name: str = answer["name"]
        self.packets: queue.Queue[_Packet | None] = queue.Queue(_QUEUED_PACKETS)
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True, name="microphone")
        self._reader.start()

    def _read(self) -> None:
        while not self._ended.is_set():
            packet = self._next()
            while not self._ended.is_set():
                # A slow consumer holds up the pipe, and the child then counts what it has to drop.
                try:
                    self.packets.put(packet, timeout=0.2)
                    break
                except queue.Full:
                    continue
            if packet is None:
                return

    def _next(self) -> _Packet | None:
        pipe = self._child.stdout
        assert pipe is not None
        try:
            head = pipe.read(PACKET.size)
            if len(head) < PACKET.size:
                return None
            kind, start, end, overflows, dropped, size = PACKET.unpack(head)
            body = pipe.read(size)
        except (OSError, ValueError):
            return None
        match kind:
            case Kind.FRAME:
                return _Packet(Frame(start, to_float(from_pcm16_bytes(body))), overflows, dropped)
            case Kind.GAP:
                return _Packet(Gap(start, end, body.decode()), overflows, dropped)
            case _:
                return _Packet(Remark(body.decode()), overflows, dropped)

    def record(self, path: Path) -> None:
        """Have the child write what it captured and captures; a child that is gone is noticed by who reads its packets."""
        try:
            if self._child.stdin is not None:
                self._child.stdin.write(json.dumps({"path": str(path), "began": None}).encode() + b"\n")
                self._child.stdin.flush()
        except OSError:
            return

    def finish(self) -> None:
        """Ask for the rest of what was captured, then the end."""
        try:
            if self._child.stdin is not None:
                self._child.stdin.close()
        except OSError:
            return

    def kill(self) -> None:
        """End it now."""
        self._ended.set()
        self._child.kill()
        self._reader.join(2.0)
        end_child(self._child)


class Microphone:
    """A microphone; use as a context manager, which opens it, and read `frames()`.

    device: name (or a part of it) of an input device; None is the system's default.
    origin: `time.monotonic` seconds at the session's start; default: now.
    rate: samples per second to ask the device for; one that refuses is recorded at its own rate and resampled.
    patience: seconds without sound from the device before it is opened again. command: the audio child.

    Entering raises NoMicrophone, MicrophoneBusy or AudioLibraryMissing.
    """

    def __init__(
        self,
        device: str | None = None,
        origin: float | None = None,
        rate: int = SAMPLE_RATE,
        patience: float = 3.0,
        command: Sequence[str] = AUDIO_CHILD,
    ) -> None:
        self._device = device
        self._began = time.monotonic() if origin is None else origin
        self._rate = rate
        self._patience = patience
        self._command = command
        self._stream: _Stream | None = None
        self._recording: Path | None = None
        self._first: float | None = None
        self._stopping = threading.Event()
        self._earlier_overflows = self._earlier_dropped = 0
        self._stream_overflows = self._stream_dropped = 0
        self.trouble: str | None = None
        """Why nothing is being recorded just now, for the screen; None when all is well."""
        self.flat_seconds = 0.0
        """How long the input has been exactly zero, which a live microphone never is: muted or unplugged."""

    def __enter__(self) -> Self:
        self._stream = self._opened(0.0, None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._stream is not None:
            self._stream.kill()

    @property
    def name(self) -> str:
        """The opened device's name."""
        assert self._stream is not None, "the microphone is not open"
        return self._stream.name

    @property
    def overflows(self) -> int:
        """How many times the device said that it lost sound."""
        return self._earlier_overflows + self._stream_overflows

    @property
    def dropped(self) -> int:
        """Blocks of 20 ms that were thrown away because nobody took them for two minutes."""
        return self._earlier_dropped + self._stream_dropped

    def stop(self) -> None:
        """End recording; `frames()` still gives what was captured until now, then ends. Any thread may call it."""
        self._stopping.set()
        if self._stream is not None:
            self._stream.finish()

    def record(self, path: Path) -> None:
        """Write everything from the moment it was opened to this file, whose folder must exist; call it before `frames`.

        The process that captures it writes it, so that nothing this one does can lose a sound.
        """
        assert self._stream is not None, "the microphone is not open"
        self._recording = path
        self._stream.record(path)

    def frames(self) -> Iterator[Frame | Gap | Remark]:
        """Frames of float32 mono at 16 kHz, about 20 ms each, in order and without overlap, until `stop()`.

        A frame's start is counted in samples from the stream's first; a gap comes before the frame that ends it.
        """
        assert self._stream is not None, "the microphone is not open"
        until = 0.0
        while True:
            stream = self._stream
            until, lost = yield from self._frames_of(stream, until)
            if lost is None:
                return
            self.trouble = lost
            stream.kill()
            self._earlier_overflows, self._stream_overflows = self.overflows, 0
            self._earlier_dropped, self._stream_dropped = self.dropped, 0
            if not self._reopen(until, lost):
                yield Gap(until, max(until, time.monotonic() - self._began), lost)
                return

    def _opened(self, until: float, lost: str | None) -> _Stream:
        recording = self._recording and {"path": str(self._recording), "began": self._first}
        clock = {"origin": self._began, "until": until, "lost": lost}
        return _Stream({"device": self._device, "rate": self._rate, "record": recording, **clock}, self._command)

    def _frames_of(
        self, stream: _Stream, until: float
    ) -> Generator[Frame | Gap | Remark, None, tuple[float, str | None]]:
        """One stream's frames; returns until when there are, and why it ended, None for a wanted end."""
        # Counted in looks, not by the clock: a process that stood still has not listened meanwhile.
        quiet = 0.0
        while True:
            try:
                packet = stream.packets.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                quiet += _LOOK_SECONDS
                if self._stopping.is_set() and quiet > _LAST_WORDS_SECONDS:
                    return until, None
                if quiet > _WARN_SECONDS:
                    self.trouble = "no sound comes from the microphone"
                if quiet > self._patience:
                    return until, f"the microphone gave no sound for {self._patience:g} s"
                continue
            if packet is None:
                return until, None if self._stopping.is_set() else "the microphone or the sound server went away"
            self._stream_overflows, self._stream_dropped = packet.overflows, packet.dropped
            item = packet.item
            if isinstance(item, Frame):
                quiet = 0.0
                self.trouble = None
                self.flat_seconds = 0.0 if item.samples.any() else self.flat_seconds + item.end - item.start
                if self._first is None:
                    self._first = item.start
                elif item.start - until > _LEAST_GAP_SECONDS:
                    yield Gap(until, item.start, TOO_BUSY)
                until = item.end
            elif isinstance(item, Gap):
                until = item.end
            yield item

    def _reopen(self, until: float, lost: str) -> bool:
        attempt = 0
        while not self._stopping.wait(_BACKOFF_SECONDS[min(attempt, len(_BACKOFF_SECONDS) - 1)]):
            try:
                self._stream = self._opened(until, lost)
            except AudioUnavailable as error:
                self.trouble = error.what
                attempt += 1
            else:
                if self._stopping.is_set():
                    self._stream.finish()
                return True
        return False
