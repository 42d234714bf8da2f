"""Where a session's answers come from: a microphone, a recording that stands in for one, or the keyboard."""

import contextlib
import os
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from assistant.events import Input
from speech.decode import Decoding, UndecodableAudio, iter_frames
from speech.frames import SAMPLE_RATE, Frame
from speech.microphone import Microphone, Remark
from speech.track import Gap

_STEP = SAMPLE_RATE // 10
_FLAT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Line:
    """A typed answer. start, end: seconds since the session's start between which it was written."""

    start: float
    end: float
    text: str


class Source(Protocol):
    """Something a session listens to.

    kind: for the log. interactive: it hears the interviewer (and so may record him); a recording does not, and begins
    when the prompt is over. paced: its time is the clock's; if not, it gives sound as fast as it is taken.
    trouble: why nothing comes just now, for the screen. notes: what to know about it afterwards.
    """

    @property
    def kind(self) -> Input: ...
    @property
    def interactive(self) -> bool: ...
    @property
    def paced(self) -> bool: ...
    @property
    def trouble(self) -> str | None: ...
    @property
    def notes(self) -> tuple[str, ...]: ...

    def open(self, origin: float) -> None:
        """Get ready. origin: `time.monotonic` seconds at the session's start. Raises UserError when there is nothing."""
        ...

    def items(self, start: float) -> Iterator[Frame | Gap | Line | Remark]:
        """What is heard, in order, on the session clock, until `stop` or its end. start: when the answer begins."""
        ...

    def stop(self) -> None:
        """End `items` soon, after what was heard until now; any thread may call it, also more than once."""
        ...

    def close(self) -> None:
        """Let go of devices and files."""
        ...


@runtime_checkable
class RecordsItself(Protocol):
    """A source that puts its sound on the disk without its taker's help."""

    def record(self, audio: Path) -> None:
        """Write everything heard to a recording; called before `items`."""
        ...


class MicrophoneSource:
    """The microphone. device: name (or a part of it) of an input device; None is the system's default."""

    kind: Input = "mic"
    interactive = True
    paced = True

    def __init__(self, device: str | None = None) -> None:
        self._device = device
        self._microphone: Microphone | None = None

    @property
    def trouble(self) -> str | None:
        """Why nothing is recorded, or that only digital silence is."""
        if self._microphone is None:
            return None
        if self._microphone.trouble is None and self._microphone.flat_seconds > _FLAT_SECONDS:
            return "no sound comes from the microphone: is it muted?"
        return self._microphone.trouble

    @property
    def notes(self) -> tuple[str, ...]:
        """Whether the device lost sound."""
        overflows = self._microphone.overflows if self._microphone else 0
        return (f"The microphone lost a moment of sound {overflows} times.",) if overflows else ()

    def open(self, origin: float) -> None:
        """Begin to record. Raises NoMicrophone, MicrophoneBusy or AudioLibraryMissing."""
        microphone = Microphone(self._device, origin)
        microphone.__enter__()
        self._microphone = microphone

    def record(self, audio: Path) -> None:
        """Write everything from the moment it was opened, by the process that captures it."""
        assert self._microphone is not None, "the microphone is not open"
        self._microphone.record(audio)

    def items(self, start: float) -> Iterator[Frame | Gap | Line | Remark]:
        """Frames and gaps from the moment it was opened, whatever start is, and what becomes of the recording."""
        assert self._microphone is not None, "the microphone is not open"
        return self._microphone.frames()

    def stop(self) -> None:
        """Give what was captured until now, then end."""
        if self._microphone is not None:
            self._microphone.stop()

    def close(self) -> None:
        """Let go of the device."""
        if self._microphone is not None:
            self._microphone.__exit__(None, None, None)


class FileSource:
    """A recording that stands in for the microphone, from the end of the prompt on.

    path: any audio file `speech.decode` reads. fast: as fast as it is taken instead of at the speed of talk.
    """

    kind: Input = "file"
    interactive = False
    trouble = None

    def __init__(self, path: Path, fast: bool = False) -> None:
        self._path = path
        self._stopping = threading.Event()
        self._found = Decoding()
        self._frames: Iterator[Frame] = iter(())
        self._first: Frame | None = None
        self._failure: str | None = None
        self._origin = 0.0
        self.paced = not fast

    @property
    def notes(self) -> tuple[str, ...]:
        """What was wrong with the file."""
        return (*self._found.notes, *([self._failure] if self._failure else []))

    def open(self, origin: float) -> None:
        """Decode its beginning. Raises UndecodableAudio."""
        self._origin = origin
        self._frames = iter_frames(self._path, found=self._found)
        self._first = next(self._frames, None)

    def items(self, start: float) -> Iterator[Frame | Gap | Line]:
        """Its sound; a file that turns out to be broken on the way ends early, with a note."""
        try:
            for frame in self._decoded():
                for at in range(0, len(frame.samples), _STEP):
                    piece = Frame(start + frame.start + at / SAMPLE_RATE, frame.samples[at : at + _STEP])
                    if self._wait(piece.end):
                        # A recording cut off on purpose is not a damaged one.
                        self._found.declared_seconds = None
                        return
                    yield piece
        except UndecodableAudio as error:
            self._failure = str(error)

    def _decoded(self) -> Iterator[Frame]:
        if self._first is not None:
            yield self._first
        yield from self._frames

    def _wait(self, until: float) -> bool:
        """Wait for a second of the session; whether to stop."""
        if not self.paced:
            return self._stopping.is_set()
        return self._stopping.wait(max(0.0, self._origin + until - time.monotonic()))

    def stop(self) -> None:
        """End after the piece that is being given."""
        self._stopping.set()

    def close(self) -> None:
        """Close the file."""
        closer = getattr(self._frames, "close", None)
        if closer is not None:
            # Another thread may be in the middle of it; then it closes by itself.
            with contextlib.suppress(ValueError):
                closer()


class TypedSource:
    """Answers typed line by line. descriptor: of the file they are read from, by default standard input."""

    kind: Input = "typed"
    interactive = True
    paced = True
    trouble = None
    notes = ("The answers were typed: pace and pauses are those of the keyboard.",)

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._origin = 0.0
        self._lines: queue.Queue[tuple[float, str] | None] = queue.Queue()

    def open(self, origin: float) -> None:
        """Begin to read."""
        self._origin = origin
        threading.Thread(target=self._read, daemon=True, name="keyboard").start()

    def _read(self) -> None:
        # Not through sys.stdin: a thread that waits there holds its lock and brings the interpreter's end down.
        rest = b""
        while True:
            try:
                data = os.read(self._descriptor, 4096)
            except OSError:
                data = b""
            *lines, rest = (rest + data).split(b"\n")
            if not data:
                lines.append(rest)
            for line in lines:
                self._lines.put((time.monotonic() - self._origin, line.decode("utf-8", errors="replace").strip()))
            if not data:
                self._lines.put(None)
                return

    def items(self, start: float) -> Iterator[Frame | Gap | Line]:
        """The lines, each from the end of the one before (the first from `start`) to its own."""
        while (typed := self._lines.get()) is not None:
            end, text = typed
            if text:
                yield Line(min(start, end), end, text)
                start = end

    def stop(self) -> None:
        """End after the lines that are complete."""
        self._lines.put(None)

    def close(self) -> None:
        """Nothing to let go of: the descriptor is not ours."""
