"""The interviewer's side of a session: says lines one after the other, and knows when they sound."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.clock import SessionClock
from assistant.events import InterviewerInterrupted, InterviewerSpoke
from speech.frames import Float32, Frame
from speech.player import AudioUnavailable, Playback, Player
from speech.track import To16k
from speech.voice import Voice, render_with_fallback

ECHO_SECONDS = 0.3
"""What a line leaves in the room and in the devices' buffers after its last sample was played."""

_LEAD_SECONDS = 0.05
_READING_WORDS_A_SECOND = 3.0


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    rule: str
    aloud: bool
    reason: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Playing:
    """A line that sounds. samples: float32 mono, 16 kHz. begin: second of the session at which it began. rule: as said."""

    samples: Float32
    begin: float
    rule: str


class Interviewer:
    """Speaks in a thread of its own.

    voices: to speak with, in the order to try them; none: lines are shown. tell: takes every line as it begins, and that it was broken off.
    show: takes remarks for the screen. player: plays them; None shows them instead.
    """

    def __init__(
        self,
        voices: Sequence[Voice],
        clock: SessionClock,
        tell: Callable[[InterviewerSpoke | InterviewerInterrupted], None],
        show: Callable[[str], None],
        player: Player | None,
    ) -> None:
        self._voices = voices
        self._clock = clock
        self._tell = tell
        self._show = show
        self._player = player
        self._lines: queue.Queue[_Line | None] = queue.Queue()
        self._waiting = 0
        self._idle = threading.Condition()
        self._sounding: list[tuple[float, float]] = []
        self._playback: Playback | None = None
        self._stopping = False
        self._interrupted = False
        self.playing: Playing | None = None
        """What sounds now, or sounded last."""
        self.until = 0.0
        """Second of the session at which the last line ends."""
        self._thread = threading.Thread(target=self._speak_all, daemon=True, name="interviewer")
        self._thread.start()

    def say(self, text: str, rule: str, aloud: bool = True, reason: str | None = None) -> None:
        """Say a line after those before it; returns at once. aloud: False only shows it. reason: for the log."""
        with self._idle:
            self._waiting += 1
        self._lines.put(_Line(text, rule, aloud, reason))

    @property
    def busy(self) -> bool:
        """Whether a line is being said or waits to be."""
        return self._waiting > 0

    def wait(self) -> None:
        """Wait until everything is said, or `stop` is called."""
        with self._idle:
            self._idle.wait_for(lambda: self._waiting == 0 or self._stopping)

    def sounds_in(self, frame: Frame) -> bool:
        """Whether the frame, recorded in the same room, holds the interviewer's voice."""
        return any(start < frame.end and frame.start < end for start, end in self._sounding)

    def stop(self) -> None:
        """Fall silent at once and say nothing more; any thread may call it."""
        with self._idle:
            self._stopping = True
            self._idle.notify_all()
        self._lines.put(None)
        playback = self._playback
        if playback is not None:
            playback.stop()

    def interrupt(self) -> None:
        """Break off the line that sounds, because the candidate talks over it; any thread may call it."""
        playback = self._playback
        if playback is not None and not playback.over:
            self._interrupted = True
            playback.stop()

    def _speak_all(self) -> None:
        while (line := self._lines.get()) is not None:
            if not self._stopping:
                self._speak(line)
            with self._idle:
                self._waiting -= 1
                self._idle.notify_all()

    def _speak(self, line: _Line) -> None:
        seconds = len(line.text.split()) / _READING_WORDS_A_SECOND
        playback = samples = None
        if line.aloud and self._voices:
            rendering = render_with_fallback(self._voices, line.text)
            if rendering.reason:
                self._show(rendering.reason)
                # What failed would be waited for again with every line.
                self._voices = sorted(self._voices, key=lambda voice: voice.name != rendering.voice)
            if rendering.spoken is not None:
                seconds = rendering.spoken.seconds
                samples = To16k(rendering.spoken.sample_rate, 1).convert(rendering.spoken.samples)
                try:
                    playback = self._player.play(rendering.spoken) if self._player else None
                except AudioUnavailable as error:
                    self._show(f"{error.what}. What the interviewer says is shown instead.")
                    self._player = None
        # Known as soon as it sounds: what is recorded from here on is not the candidate.
        begin = self._clock.now()
        self._interrupted = False
        if playback is not None and samples is not None:
            self.playing = Playing(samples, begin, line.rule)
            self._sounding.append((begin - _LEAD_SECONDS, float("inf")))
        self._playback = playback
        self.until = begin + seconds
        self._tell(InterviewerSpoke(begin, self.until, line.text, line.rule, playback is not None, line.reason))
        if playback is not None:
            if self._stopping:
                playback.stop()
            whole = playback.wait()
            ended = self._clock.now()
            self._sounding[-1] = (begin - _LEAD_SECONDS, ended + ECHO_SECONDS)
            if self._interrupted and not whole:
                self.until = ended
                self._tell(
                    InterviewerInterrupted(ended, begin, ended - begin, _said(line.text, (ended - begin) / seconds))
                )
        self._clock.reach(self.until)


def _said(text: str, share: float) -> str:
    """The words that are over when this share of the time is."""
    words = text.split()
    return " ".join(words[: int(len(words) * share)])
