"""L3: words that come slower than they are spoken."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from assistant.keeping_up import BEHIND
from assistant.live_state import LiveState
from assistant.runner import SessionRunner
from assistant.sources import Line
from assistant.store import Store
from speech.frames import SAMPLE_RATE, Frame, Segment, to_pcm16
from speech.track import Gap
from speech.transcriber import Transcribed, Transcriber
from tests.assistant.conftest import Screen, plain
from tests.assistant.conftest import store as store
from tests.assistant.conftest import tiny as tiny
from tests.assistant.test_runner import SETUP, Played, said
from tests.assistant.test_while_speaking import Counting
from tests.scorecard.conftest import Claim
from tests.speech.conftest import BASELINE, INTRODUCTION, LABELS, Samples
from tests.speech.conftest import talk as talk


class Held(Played):
    """Gives the talk twice; in the midst of the fifth sentence it waits until it may go on."""

    def __init__(self, talk: Samples, may: threading.Event) -> None:
        sound = np.tile(talk, 2)
        at = int(30.5 * SAMPLE_RATE)
        super().__init__(Frame(0.0, sound[:at]), Frame(30.5, sound[at:]))
        self._may = may

    def items(self, start: float) -> Iterator[Frame | Gap | Line]:
        first, rest = self._items
        yield first
        assert self._may.wait(120)
        yield rest


class Waiting(Counting):
    """Writes nothing down before it may."""

    def __init__(self, real: Transcriber, model: str, may: threading.Event) -> None:
        super().__init__(real)
        self.model_id = model
        self._may = may

    def transcribe(self, segment: Segment) -> Transcribed:
        assert self._may.wait(120)
        return super().transcribe(segment)


@pytest.mark.load
@pytest.mark.parametrize(("model", "shows"), [("base", True), ("tiny.en", False)])
def test_a_recogniser_slower_than_speech_says_so_once_and_loses_nothing(
    claim: Claim, store: Store, tiny: Transcriber, talk: Samples, model: str, shows: bool
) -> None:
    """What is being said is then shown by a smaller model, where there is one."""
    row = claim("L3", "Words that come slower than speech cost neither sound nor words, and it is said once")
    may = threading.Event()
    seen: list[LiveState] = []

    def go_on(state: LiveState) -> None:
        if state.message == BEHIND:
            seen.append(state)
            if len(seen) > 600 or ((state.partial is not None) if shows else len(seen) > 20):
                may.set()

    screen = Screen(go_on)
    runner = SessionRunner(store, SETUP, Held(talk, may), Waiting(tiny, model, may), (), screen)
    runner.run()
    row.tried(f"a recogniser ({model}) that does nothing until 30 s of speech wait for it")
    row.at_most("times it was said", screen.lines.count(BEHIND), 1)
    rough = [state.partial.text for state in seen if state.partial is not None]
    assert bool(rough) is shows
    assert all("label" in text for text in rough)
    assert screen.states[-1].message != BEHIND
    assert said(store, runner.id) == plain(f"{INTRODUCTION} {LABELS} {BASELINE} " * 2)
    recording = store.recording(runner.id)
    assert recording is not None
    same = np.array_equal(to_pcm16(recording.read()), to_pcm16(np.tile(talk, 2)))
    row.at_most("recordings changed", int(not same), 0)
    row.at_most("words behind at the end", screen.states[-1].behind_seconds, 0, "s")
