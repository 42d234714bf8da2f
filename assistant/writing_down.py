"""Speech becomes words while the candidate speaks: segment by segment, and in between what is being said just now."""

import queue
import time
from collections.abc import Callable

from assistant.events import Noted, WordsHeard
from assistant.listening import Listening
from assistant.recognising import recognise
from assistant.sources import Line
from speech.frames import Segment
from speech.partial import Partial, PartialText
from speech.transcriber import Recogniser, in_context

_LOOK_SECONDS = 0.05
_PARTIAL_SECONDS = 0.8
_PARTIAL_SHARE = 0.12
"""CPU seconds that partial text may take of each second; with base that is a new one about every second."""

_LONG_SECONDS = 12.0
"""Writing down a longer segment takes a second or two; the rest of its partial text comes before, after a tenth."""


class WritingDown:
    """Takes what `listening` gives; `run` is one thread's work.

    recogniser: None for typed answers. paced: somebody waits for the words, so that what is being said is shown, too.
    tell: takes what was heard, and whether it is the newest there is. say: takes lines for the screen.
    """

    def __init__(
        self,
        listening: Listening,
        recogniser: Recogniser | None,
        paced: bool,
        tell: Callable[[WordsHeard | Noted, bool], None],
        say: Callable[[str], None],
    ) -> None:
        self._listening = listening
        self._recogniser = recogniser
        self._tell = tell
        self._say = say
        self._shows_partials = paced and recogniser is not None
        self._partials = PartialText(recogniser.write_roughly if recogniser else lambda _: "")
        self._next_partial = 0.0
        self._ready: tuple[float, float, tuple[WordsHeard | Noted, ...]] | None = None
        self._last: WordsHeard | None = None
        self.partial: Partial | None = None
        """What is being said just now; None when nothing is, or when there is no time for it."""
        self.taken_seconds = self.done_seconds = 0.0
        """Sound that was taken from the queue so far, and that was written down."""

    def run(self) -> None:
        """Write down everything until listening ends. Never raises: what fails is told as a note."""
        at = 0.0
        while True:
            try:
                piece = self._next()
            except OSError as error:
                self._tell(Noted(at, f"A stretch of speech could not be written down ({error.strerror})."), False)
                continue
            if piece is None:
                return
            at = piece.end
            seconds = piece.end - piece.start if isinstance(piece, Segment) else 0.0
            self.taken_seconds += seconds
            heard = self._heard(piece)
            self.done_seconds += seconds
            self.partial = None
            for event in heard:
                self._last = event if isinstance(event, WordsHeard) else self._last
                self._tell(event, self._listening.segments.empty())

    def _next(self) -> Segment | Line | None:
        while self._shows_partials:
            try:
                return self._listening.segments.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                self._meanwhile()
        return self._listening.segments.get()

    def _heard(self, piece: Segment | Line) -> tuple[WordsHeard | Noted, ...]:
        if isinstance(piece, Line):
            return (WordsHeard(piece.start, piece.end, (), piece.text),)
        assert self._recogniser is not None, "sound without a recogniser"
        if self._ready is not None and self._ready[:2] == (piece.start, piece.end):
            return self._ready[2]
        if self._shows_partials and piece.end - piece.start > _LONG_SECONDS and self._listening.segments.empty():
            self._show(piece)
        return recognise(in_context(piece, self._last), self._recogniser)

    def _meanwhile(self) -> None:
        """Nothing waits to be written down: look at what is being said."""
        found = self._listening.open_segment()
        if found is None:
            self.partial = None
            return
        if found.settling:
            self._get_ready(found.segment)
        elif time.monotonic() >= self._next_partial and not found.hesitating:
            # In a pause, the words themselves may be due before partial text is.
            self._show(found.segment)

    def _get_ready(self, segment: Segment) -> None:
        """Transcribe what will be complete if the silence goes on, so that its words are there when it is."""
        assert self._recogniser is not None
        if self._ready is not None and self._ready[:2] == (segment.start, segment.end):
            return
        heard = recognise(in_context(segment, self._last), self._recogniser)
        if any(isinstance(event, Noted) for event in heard):
            # It may be different when the segment is complete; if not, that is told then.
            self._ready = None
            self._next_partial = time.monotonic() + _PARTIAL_SECONDS
            return
        self._ready = segment.start, segment.end, heard
        self.partial = Partial(segment.start, segment.end, " ".join(event.text for event in heard))
        self._partials.take(self.partial)

    def _show(self, segment: Segment) -> None:
        if self.partial is not None and (segment.start, segment.end) == (self.partial.start, self.partial.end):
            return
        assert self._recogniser is not None
        spent = 0.0
        try:
            began = self._recogniser.cpu_seconds()
            self.partial = self._partials.update(segment)
            spent = self._recogniser.cpu_seconds() - began
        except Exception as error:  # what is shown in passing is a help, not the session
            self._shows_partials = False
            self._say(f"Words cannot be shown while you speak ({error}); they come after each sentence.")
        self._next_partial = time.monotonic() + max(_PARTIAL_SECONDS, spent / _PARTIAL_SHARE)
