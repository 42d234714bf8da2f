"""F12: clocks that jump, and a machine that sleeps."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import jiwer
import pytest

from assistant.events import AudioGap, WordsHeard
from assistant.store import Store
from speech.frames import SAMPLE_RATE
from tests.assistant.conftest import answer_file as answer_file
from tests.assistant.viva import viva
from tests.e2e.conftest import practise as practise
from tests.e2e.practising import Practising, answer, plain
from tests.e2e.virtual_audio import wait_until
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.practising import ROOT
from tests.speech.conftest import BASELINE, INTRODUCTION, LABELS, Samples

pytestmark = pytest.mark.fault

CLOCK = Path(__file__).parent / "witness" / "clock"
_CLOCKS = "Clocks that are set, and a machine that sleeps, move no second of a session"


def test_the_clock_is_set(claim: Claim, tmp_path: Path, answer_file: Path) -> None:
    row, looks = claim("F12", _CLOCKS), tmp_path / "looks"

    def times(name: str, modules: str) -> list[float]:
        told = viva(
            "practice",
            "feed",
            "--mute",
            "--fast",
            "--input",
            answer_file,
            VIVA_DATA_DIR=str(tmp_path / name),
            PYTHONPATH=modules,
            LOOKS=str(looks),
        )
        assert told.returncode == 0, told.stderr
        store = Store(tmp_path / name)
        (session,) = store.list_sessions()
        events = store.events(session.id)
        return [events[-1].at, *(word.start for e in events if isinstance(e, WordsHeard) for word in e.words)]

    before = times("before", str(ROOT))
    during = times("during", f"{CLOCK}{os.pathsep}{ROOT}")
    row.tried("a session of the program and its children in which the time of day jumps by an hour at every look")
    row.at_least("looks at the time of day", looks.stat().st_size, 1)
    assert len(before) == len(during) > 1
    # When the prompt has been read is up to the machine's other work; what follows, is not.
    row.at_most("the answer begun later or sooner by", abs(before[1] - during[1]), 10, "s")
    late = during[1] - before[1]
    moved = max(abs(one + late - other) for one, other in zip(before, during, strict=True))
    row.at_most("words and end moved by", moved, 0.5, "s")


@pytest.mark.parametrize("together", [False, True], ids=["the session", "it and its children"])
def test_a_session_that_stood_still_goes_on_in_time(
    claim: Claim, sized: Sized, practise: Callable[[str], Practising], speak: Callable[[str], Samples], together: bool
) -> None:
    """While the session alone stands still, the sound is kept for it; its children may lose some, which is marked."""
    row, still = claim("F12", _CLOCKS), sized(4, 60)
    before, meanwhile, after = speak(LABELS), speak(INTRODUCTION), speak(BASELINE)
    session = practise("")
    spoken = [time.monotonic()]
    answer(before)
    session.stand_still(together)
    spoken.append(time.monotonic())
    answer(meanwhile)
    time.sleep(still)
    session.go_on(together)
    spoken.append(time.monotonic())
    answer(after)
    wait_until(lambda: "popularity" in session.said, "the last sentence to be written down", 60)
    session.interrupt()

    words = {
        plain(word.text): word.start
        for event in session.events
        if isinstance(event, WordsHeard)
        for word in event.words
    }
    # By words near the beginning of each sentence, said after as many seconds wherever they are heard.
    first, last = words["label"] - spoken[0], words["baseline"] - spoken[2]
    who = "it and its children" if together else "the session"
    row.tried(f"SIGSTOP of {who} for {still} s")
    row.at_most(f"what was said after {who} stood still is beside its time by", abs(last - first - 0.2), 1.0, "s")
    gaps = [event for event in session.events if isinstance(event, AudioGap)]
    if not together:
        assert gaps == []
        assert words["recommend"] - spoken[1] - first == pytest.approx(0.2, abs=1.0)
        assert jiwer.wer(plain(f"{LABELS} {INTRODUCTION} {BASELINE}"), session.said) < 0.15
    recording = session.store.recording(session.folder.name)
    assert recording is not None
    ended = session.events[-1]
    assert len(recording.read()) / SAMPLE_RATE == pytest.approx(ended.at, abs=1.5)
