"""The session clock: seconds since the session's start."""

import time


class SessionClock:
    """Tells the second of the session.

    paced: it runs with real time; if not, it stands where the sound is that was taken last, so that a recording heard
    faster than it was spoken has its own times.
    """

    def __init__(self, paced: bool) -> None:
        self.origin = time.monotonic()
        self._paced = paced
        self._reached = 0.0

    def now(self) -> float:
        """Seconds since the session's start."""
        return time.monotonic() - self.origin if self._paced else self._reached

    def reach(self, second: float) -> None:
        """Sound up to this second was taken; moves a clock that is not paced, never backwards."""
        self._reached = max(self._reached, second)
