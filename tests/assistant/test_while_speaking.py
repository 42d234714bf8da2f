"""What a session does while the candidate still speaks: a recording played at the speed of talk, a real recogniser."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from assistant.events import Event, WordsHeard
from assistant.runner import SessionRunner
from assistant.session_setup import SessionSetup
from assistant.sources import FileSource
from assistant.store import Store
from models.store import WeightsMissing
from speech.frames import SAMPLE_RATE, Float32, Frame, Segment
from speech.transcriber import RecogniserFailed, Transcribed, Transcriber
from tests.assistant.conftest import Screen, plain
from tests.assistant.conftest import store as store
from tests.assistant.test_runner import Played
from tests.speech.conftest import BASELINE, INTRODUCTION, LABELS, Samples

SETUP = SessionSetup(None, "six-stage", "senior", 600.0, mute=True)


class Counting:
    """A recogniser that knows what it was given."""

    model_id = "tiny.en"

    def __init__(self, real: Transcriber) -> None:
        self._real = real
        self.given: list[tuple[float, float]] = []

    def cpu_seconds(self) -> float:
        return self._real.cpu_seconds()

    def transcribe(self, segment: Segment) -> Transcribed:
        self.given.append((segment.start, segment.end))
        return self._real.transcribe(segment)

    def write_roughly(self, samples: Float32) -> str:
        return self._real.write_roughly(samples)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A session that was held. given: what the recogniser was to write down. seconds: how long it really took."""

    screen: Screen
    events: list[Event]
    given: list[tuple[float, float]]
    seconds: float

    @property
    def heard(self) -> list[WordsHeard]:
        return [event for event in self.events if isinstance(event, WordsHeard)]

    @property
    def said(self) -> str:
        return plain(" ".join(event.text for event in self.heard))


def hold(folder: Path, recogniser: Counting, talk_file: Path) -> Spoken:
    store, screen = Store(folder), Screen()
    runner = SessionRunner(store, SETUP, FileSource(talk_file), recogniser, (), screen)
    began = time.monotonic()
    runner.run()
    return Spoken(screen, store.events(runner.id), recogniser.given, time.monotonic() - began)


@pytest.fixture(scope="module")
def spoken(tiny: Transcriber, talk_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Spoken:
    return hold(tmp_path_factory.mktemp("spoken"), Counting(tiny), talk_file)


def test_words_and_stage_are_there(spoken: Spoken, talk: Samples) -> None:
    length = len(talk) / SAMPLE_RATE
    assert spoken.seconds >= length
    during = [state for state in spoken.screen.states if state.elapsed < length - 2]
    assert any("watched the movie" in state.last_words for state in during)
    assert any(state.stage is not None and state.stage_planned > 0 for state in during)
    assert all(state.stage_seconds in state.stages.values() for state in during if state.stage is not None)
    assert any(state.speaking for state in during)
    assert max(state.level_db for state in during) > -35
    assert min(state.level_db for state in during) < -50
    assert all(state.planned == 600.0 for state in spoken.screen.states)
    elapsed = [state.elapsed for state in spoken.screen.states]
    assert elapsed == sorted(elapsed)
    assert spoken.screen.states[-1].behind_seconds == 0


def test_what_is_being_said_is_shown_but_never_kept(spoken: Spoken) -> None:
    first = spoken.heard[0]
    early = [state.partial for state in spoken.screen.states if state.partial is not None and not state.last_words]
    # How much of the sentence a partial text reaches depends on when the machine had time for it; not which sentence.
    assert any("movie" in partial.text for partial in early)
    assert all(first.at <= partial.start <= partial.end <= first.end for partial in early)
    assert spoken.screen.states[-1].partial is None
    assert spoken.said == plain(f"{INTRODUCTION} {LABELS} {BASELINE}")


def test_words_are_ready_when_the_silence_after_them_is_over(spoken: Spoken) -> None:
    # Each is transcribed once: what was made ready in the silence is what is kept.
    assert spoken.given == [(event.at, event.end) for event in spoken.heard]


@pytest.mark.fault
def test_partial_text_and_a_stage_that_fail_are_said_once_each_and_cost_nothing(
    tmp_path: Path, tiny: Transcriber, talk_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Mute(Counting):
        def write_roughly(self, samples: Float32) -> str:
            raise RecogniserFailed("Out of memory", "Start again")

    def fail(*arguments: object) -> None:
        raise WeightsMissing("minilm")

    monkeypatch.setattr("assistant.runner.stage_now", fail)
    spoken = hold(tmp_path, Mute(tiny), talk_file)
    for why in ("Out of memory", "viva models pull minilm"):
        assert len([line for line in spoken.screen.lines if why in line]) == 1
    assert spoken.said == plain(f"{INTRODUCTION} {LABELS} {BASELINE}")


def test_the_rest_of_a_long_segment_is_shown_before_it_is_written_down(
    store: Store, tiny: Transcriber, speak: Callable[[str], Samples]
) -> None:
    class Noting(Counting):
        def write_roughly(self, samples: Float32) -> str:
            done.append("shown")
            return super().write_roughly(samples)

        def transcribe(self, segment: Segment) -> Transcribed:
            done.append(f"written down: {segment.end - segment.start > 12}")
            return super().transcribe(segment)

    done: list[str] = []
    pieces = [speak(text)[1600:-1600] for text in (INTRODUCTION, LABELS, BASELINE, INTRODUCTION)]
    sound = np.concatenate([*pieces, np.zeros(SAMPLE_RATE, np.float32)])
    SessionRunner(store, SETUP, Played(Frame(0.0, sound)), Noting(tiny), (), Screen()).run()
    assert done[0] == "shown"
    assert "written down: True" in done
