"""L3: words that come slower than they are spoken."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from assistant import listening
from assistant.backlog import IN_MEMORY_SECONDS, Backlog
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
from tests.scorecard.conftest import Claim, Sized
from tests.speech.conftest import BASELINE, INTRODUCTION, LABELS, Samples
from tests.speech.conftest import talk as talk


class Held(Played):
    """Gives the talk so many times; in the midst of the fifth sentence it waits until it may go on."""

    def __init__(self, talk: Samples, times: int, may: threading.Event) -> None:
        sound = np.tile(talk, times)
        at = int(30.5 * SAMPLE_RATE)
        rest = [Frame(n / SAMPLE_RATE, sound[n : n + SAMPLE_RATE]) for n in range(at, len(sound), SAMPLE_RATE)]
        super().__init__(Frame(0.0, sound[:at]), *rest)
        self._may = may

    def items(self, start: float) -> Iterator[Frame | Gap | Line]:
        first, *rest = self._items
        yield first
        assert self._may.wait(120)
        yield from rest


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
    claim: Claim,
    sized: Sized,
    store: Store,
    tiny: Transcriber,
    talk: Samples,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    shows: bool,
) -> None:
    """What is being said is then shown by a smaller model, where there is one."""
    row = claim("L3", "Words that come slower than speech cost neither sound nor words, and it is said once")
    may, times = threading.Event(), sized(6, 60)
    in_memory: list[float] = []
    seen: list[LiveState] = []

    def go_on(state: LiveState) -> None:
        if state.message == BEHIND and not may.is_set():
            seen.append(state)
            if len(seen) > 600 or ((state.partial is not None) if shows else len(seen) > 20):
                may.set()

    class Measured(Backlog):
        def put(self, item: Segment | Line | None) -> None:
            super().put(item)
            in_memory.append(self.in_memory_seconds)

    monkeypatch.setattr(listening, "Backlog", Measured)
    screen = Screen(go_on)
    runner = SessionRunner(store, SETUP, Held(talk, times, may), Waiting(tiny, model, may), (), screen)
    runner.run()
    seconds = times * len(talk) / SAMPLE_RATE
    row.tried(
        f"a recogniser ({model}) that does nothing until 30 s of speech wait for it; then {seconds:.0f} s at once"
    )
    most = max(state.behind_seconds for state in screen.states)
    row.at_least("speech waiting, the most", most, seconds / 3, "s")
    row.at_most("of it in memory", max(in_memory), IN_MEMORY_SECONDS, "s")
    row.at_most("times it was said", screen.lines.count(BEHIND), 1)
    rough = [state.partial.text for state in seen if state.partial is not None]
    assert bool(rough) is shows
    assert all("label" in text for text in rough)
    assert screen.states[-1].message != BEHIND
    assert said(store, runner.id) == plain(f"{INTRODUCTION} {LABELS} {BASELINE} " * times)
    recording = store.recording(runner.id)
    assert recording is not None
    same = np.array_equal(to_pcm16(recording.read()), to_pcm16(np.tile(talk, times)))
    row.at_most("recordings changed", int(not same), 0)
    row.at_most("words behind at the end", screen.states[-1].behind_seconds, 0, "s")
