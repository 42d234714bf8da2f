"""The candidate's own notes, written down while the session runs."""

import threading
from collections.abc import Callable

from assistant.clock import SessionClock
from assistant.events import NoteWritten


class NoteTaking:
    """Takes notes between `begin` and `end`. take: is given each one, by the thread that notes."""

    def __init__(self, take: Callable[[NoteWritten], None]) -> None:
        self._take = take
        self._noting = threading.Lock()
        self._clock: SessionClock | None = None
        self._last = 0.0

    def begin(self, clock: SessionClock) -> None:
        """From now on, by this clock."""
        self._clock = clock

    def end(self) -> None:
        """No note is taken after this returns."""
        with self._noting:
            self._clock = None

    def note(self, text: str, at: float | None = None) -> NoteWritten | None:
        """Take down a note; None while the session is not under way. For any thread.

        at: second of an earlier note, which this one replaces, or takes back if empty; None, or one yet to come, for a
        new one.
        """
        with self._noting:
            if self._clock is None:
                return None
            now = self._clock.now()
            if at is None or at > max(now, self._last):
                # Notes are known by their hundredths of a second.
                at = self._last = max(round(now, 2), round(self._last + 0.01, 2))
            note = NoteWritten(at, text)
            self._take(note)
            return note
