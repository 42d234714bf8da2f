"""When a session says that words come later than they are spoken: `tests/scorecard/test_backlog.py` has the case where they do."""

import threading
import time
from collections.abc import Iterator

import numpy as np

from assistant.keeping_up import BEHIND
from assistant.runner import SessionRunner
from assistant.sources import Line
from assistant.store import Store
from speech.frames import Frame, Segment
from speech.track import Gap
from speech.transcriber import Transcribed, Transcriber
from tests.assistant.conftest import Screen
from tests.assistant.conftest import store as store
from tests.assistant.conftest import tiny as tiny
from tests.assistant.test_runner import SETUP, Played
from tests.assistant.test_while_speaking import Counting
from tests.speech.conftest import Samples
from tests.speech.conftest import talk as talk


class Pausing(Counting):
    """Thinks for so long about what it is given first."""

    def __init__(self, real: Transcriber, seconds: float) -> None:
        super().__init__(real)
        self._seconds = seconds
        self.rested = threading.Event()

    def transcribe(self, segment: Segment) -> Transcribed:
        if not self.rested.is_set():
            time.sleep(self._seconds)
        self.rested.set()
        return super().transcribe(segment)


class UntilRested(Played):
    def __init__(self, sound: Samples, rested: threading.Event) -> None:
        super().__init__(Frame(0.0, sound))
        self._rested = rested

    def items(self, start: float) -> Iterator[Frame | Gap | Line]:
        yield from super().items(start)
        assert self._rested.wait(60)


def test_speech_that_waits_for_a_moment_is_not_behind(store: Store, tiny: Transcriber, talk: Samples) -> None:
    recogniser, screen = Pausing(tiny, 2.0), Screen()
    runner = SessionRunner(store, SETUP, UntilRested(np.tile(talk, 2), recogniser.rested), recogniser, (), screen)
    runner.run()
    assert max(state.behind_seconds for state in screen.states) > 10
    assert BEHIND not in screen.lines
    assert all(state.message != BEHIND for state in screen.states)
