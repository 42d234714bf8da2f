"""The way of the sound in a live session, once it is on the disk: heard, and cut into segments of speech."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.backlog import Backlog
from assistant.capturing import Capturing
from assistant.clock import SessionClock
from assistant.events import Event, Noted
from assistant.interviewer import Interviewer, Playing
from assistant.sources import Line, Source
from speech.barge_in import BargeIn
from speech.endpointer import Endpointer
from speech.foreground import Foreground
from speech.frames import Frame, Segment
from speech.microphone import level_db

_QUEUED_WHEN_NOT_PACED = 4
_QUIETEST_DB = -120.0


@dataclass(frozen=True, slots=True, eq=False)
class Open:
    """A segment that is not complete. hesitating: nothing is heard; settling: so long that it is soon complete as it is."""

    segment: Segment
    hesitating: bool
    settling: bool


class Listening:
    """Takes everything a source gives; `run` is one thread's work.

    audio: the recording to write. interviewer: whose voice an interactive source hears, too. tell: takes events.
    `segments` gives what to write down, and None at the end.
    """

    def __init__(
        self,
        source: Source,
        audio: Path,
        clock: SessionClock,
        interviewer: Interviewer,
        tell: Callable[[Event], None],
    ) -> None:
        self._source = source
        self._clock = clock
        self._interviewer = interviewer
        self._tell = tell
        self._capturing = Capturing(source, audio, clock, interviewer, tell)
        self._foreground = Foreground()
        self._endpointer: Endpointer | None = None
        self._barge_in: BargeIn | None = None
        self._line: Playing | None = None
        self._turn = threading.Lock()
        # A recording may wait until what it said is written down, a person must not.
        self.segments = Backlog(audio.parent, 0 if source.paced else _QUEUED_WHEN_NOT_PACED)
        self.queued_seconds = 0.0
        """Sound given to be written down so far, in seconds."""
        self.level_db = _QUIETEST_DB
        self.speaking = False
        self.quiet_since = 0.0
        """Second of the session at which the candidate was last heard."""

    @property
    def ended_at(self) -> float | None:
        """Second of the session at which the source ended; None before."""
        return self._capturing.ended_at

    def run(self) -> None:
        """Listen until the source ends or is stopped. Never raises: what goes wrong is told as an event."""
        threading.Thread(target=self._capturing.run, daemon=True, name="capturing").start()
        items = self._capturing.items()
        try:
            if self._source.kind != "typed":
                self._endpointer = Endpointer(foreground=self._foreground)
            for item in items:
                self._take(item)
            self._end_barge_in()
            self._flush()
        except Exception as error:  # a session in which nothing is heard any more is recorded all the same
            why = error or type(error).__name__
            self._tell(
                Noted(self._clock.now(), f"Listening failed ({why}); what is said from now on is only recorded.")
            )
            self.speaking = False
            for _ in items:
                continue
        finally:
            self.speaking = False
            self.segments.put(None)

    def open_segment(self) -> Open | None:
        """What is being said just now; for any thread."""
        with self._turn:
            if self._endpointer is None or (segment := self._endpointer.open_segment) is None:
                return None
            return Open(segment, self._endpointer.hesitating, self._endpointer.settling)

    def _take(self, item: Frame | Line) -> None:
        match item:
            case Frame():
                self._hear(item)
            case Line():
                self.quiet_since = item.end
                self.segments.put(item)

    def _hear(self, frame: Frame) -> None:
        self.level_db = level_db(frame.samples)
        if self._endpointer is None:
            return
        sounds = self._source.interactive and self._interviewer.sounds_in(frame)
        if sounds and not self._has_the_floor():
            if self._endpointer.speaking:
                self._flush()
            self.speaking = self._talked_over(frame)
        else:
            if sounds:
                self._interviewer.interrupt()
            self._end_barge_in()
            self._feed(frame)
            self.speaking = self._endpointer.speaking
        if self.speaking:
            self.quiet_since = frame.end

    def _has_the_floor(self) -> bool:
        """Whether the candidate was speaking already when the line began: both may begin at once."""
        assert self._endpointer is not None
        line = self._interviewer.playing
        # A cough does not save anybody from the prompt.
        asked = line is not None and line.rule != "prompt"
        return asked and self._endpointer.speaking and not self._endpointer.hesitating

    def _talked_over(self, frame: Frame) -> bool:
        """Whether the candidate talks while the interviewer does; then the interviewer breaks off."""
        line = self._interviewer.playing
        if line is None:
            return False
        if self._barge_in is None or line is not self._line:
            self._end_barge_in()
            self._line, self._barge_in = line, BargeIn(line.samples, line.begin, self._foreground.least_power)
        before = self._barge_in.since
        talks = self._barge_in.hear(frame)
        if talks and before is None:
            self._interviewer.interrupt()
        return talks

    def _end_barge_in(self) -> None:
        """The line is over: what the candidate said during it is heard now, without it."""
        barge_in, self._barge_in = self._barge_in, None
        if barge_in is not None and barge_in.since is not None:
            self._feed(barge_in.words(self._interviewer.until))

    def _feed(self, frame: Frame) -> None:
        assert self._endpointer is not None
        with self._turn:
            complete = self._endpointer.feed(frame)
        self._give(complete)

    def _give(self, segments: list[Segment]) -> None:
        for segment in segments:
            self.queued_seconds += segment.end - segment.start
            self.segments.put(segment)

    def _flush(self) -> None:
        if self._endpointer is not None:
            with self._turn:
                complete = self._endpointer.flush()
            self._give(complete)
