"""Sound onto the disk, before anything else happens to it and by a thread that does nothing else.

What hears it may load, compute or wait meanwhile: a session that is killed then has lost none of what was said.
"""

import queue
from collections.abc import Callable, Iterator
from pathlib import Path

from assistant.clock import SessionClock
from assistant.events import AudioGap, AudioStarted, Event, Noted
from assistant.interviewer import Interviewer
from assistant.sources import Line, RecordsItself, Source
from speech.frames import Frame
from speech.microphone import Remark
from speech.recorder import SteadyRecorder
from speech.track import Gap

_QUEUED_ITEMS = 3000
_QUEUED_WHEN_NOT_PACED = 4


class Capturing:
    """Takes everything a source gives; `run` is one thread's work, `items` what another goes on with.

    audio: the recording to write. interviewer: who is waited for when the source hears nobody. tell: takes events.
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
        self._audio = audio
        self._clock = clock
        self._interviewer = interviewer
        self._tell = tell
        self._recorder: SteadyRecorder | None = None
        self._began = False
        # A microphone drops what nobody has taken for two minutes, and says so; a file waits.
        self._items: queue.Queue[Frame | Line | None] = queue.Queue(
            _QUEUED_ITEMS if source.paced else _QUEUED_WHEN_NOT_PACED
        )
        self.ended_at: float | None = None
        """Second of the session at which the source ended."""

    def run(self) -> None:
        """Capture until the source ends or is stopped. Never raises: what goes wrong is told as an event."""
        try:
            if isinstance(self._source, RecordsItself):
                self._source.record(self._audio)
            else:
                self._recorder = SteadyRecorder(self._audio)
            if not self._source.interactive:
                self._interviewer.wait()
            start = max(self._clock.now(), self._interviewer.until)
            for item in self._source.items(start):
                self._take(item)
        except Exception as error:  # a session in which nothing can be heard any more still has its report
            self._note(f"Listening failed ({error or type(error).__name__}); what was heard before is kept.")
        finally:
            self.ended_at = self._clock.now()
            self._note(self._recorder.close() if self._recorder else None)
            for note in self._source.notes:
                self._note(note)
            self._items.put(None)

    def items(self) -> Iterator[Frame | Line]:
        """What was captured, in order, until the end."""
        while (item := self._items.get()) is not None:
            yield item

    def _take(self, item: Frame | Gap | Line | Remark) -> None:
        match item:
            case Gap(start, end, reason):
                self._tell(AudioGap(start, end - start, reason))
                return
            case Remark(text):
                self._note(text)
                return
            case Frame():
                if not self._began:
                    self._began = True
                    self._tell(AudioStarted(item.start))
                if self._recorder is not None:
                    self._note(self._recorder.write(item))
                self._clock.reach(item.end)
        self._items.put(item)

    def _note(self, text: str | None) -> None:
        if text is not None:
            self._tell(Noted(self._clock.now(), text))
