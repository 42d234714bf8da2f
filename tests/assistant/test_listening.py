"""What of the sound is the candidate's answer. Where both begin at once he has the floor, and nothing he says is lost."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import jiwer
import numpy as np
import pytest

from assistant.clock import SessionClock
from assistant.events import Event, Noted, WordsHeard
from assistant.interviewer import Playing
from assistant.listening import Listening
from assistant.recognising import recognise
from speech.endpointer import Endpointer
from speech.frames import SAMPLE_RATE, Frame, Int16, Segment, to_pcm16
from speech.transcriber import Transcriber
from tests.assistant.conftest import plain
from tests.assistant.test_runner import Played
from tests.speech.conftest import BASELINE, INTRODUCTION, Samples

_STEP = SAMPLE_RATE // 50
QUIET = np.zeros(SAMPLE_RATE * 2, np.float32)


class BeginsToSpeak:
    """An interviewer whose line begins at a second, and is silent soon after he is told to be."""

    def __init__(self, at: float, rule: str, line: Samples) -> None:
        self.playing = Playing(line, at, rule)
        self.until = at + len(line) / SAMPLE_RATE
        self.interrupted = threading.Event()
        self._at = at

    def wait(self) -> None:
        pass

    def sounds_in(self, frame: Frame) -> bool:
        return self._at < frame.end and frame.start < self.until

    def interrupt(self) -> None:
        self.until = min(self.until, self._at + 0.4)
        self.interrupted.set()


def listened_to(
    folder: Path, interviewer: BeginsToSpeak, sounds: Sequence[Samples]
) -> tuple[Listening, list[Event], Int16]:
    """These sounds, one after another, when they have been listened to; what was told meanwhile; and the sound itself."""
    sound = to_pcm16(np.concatenate(sounds))
    frames = [Frame(at / SAMPLE_RATE, sound[at : at + _STEP]) for at in range(0, len(sound), _STEP)]
    told: list[Event] = []
    clock = SessionClock(paced=False)
    listening = Listening(Played(*frames), folder / "audio.pcm", clock, interviewer, told.append)  # type: ignore[arg-type]
    listening.run()
    return listening, told, sound


def written_down(folder: Path, transcriber: Transcriber, interviewer: BeginsToSpeak, sounds: Sequence[Samples]) -> str:
    """What is taken for the candidate's words in these sounds, one after another."""
    listening, _, _ = listened_to(folder, interviewer, sounds)
    pieces = iter(listening.segments.get, None)
    heard = [event for piece in pieces if isinstance(piece, Segment) for event in recognise(piece, transcriber)]
    return plain(" ".join(event.text for event in heard if isinstance(event, WordsHeard)))


@pytest.mark.parametrize("rule", ["probe", "prompt"])
def test_who_speaks_already_when_a_line_begins_goes_on_and_only_the_prompt_is_said_all_the_same(
    tmp_path: Path, tiny: Transcriber, speak: Callable[[str], Samples], rule: str
) -> None:
    interviewer = BeginsToSpeak(2.8, rule, speak("And how would you measure it?"))
    said = written_down(tmp_path, tiny, interviewer, [QUIET, speak(INTRODUCTION), speak(BASELINE), QUIET])
    assert interviewer.interrupted.is_set() == (rule != "prompt")
    if rule != "prompt":
        assert jiwer.wer(plain(f"{INTRODUCTION} {BASELINE}"), said) < 0.05


@pytest.mark.fault
def test_people_in_the_background_answer_nothing_and_do_not_stop_a_line(
    tmp_path: Path, tiny: Transcriber, speak: Callable[[str], Samples]
) -> None:
    far = 10.0 ** (-24 / 20) * speak("How many users do we have in the United States of America?")
    before = len(QUIET) + len(speak(INTRODUCTION))
    interviewer = BeginsToSpeak(before / SAMPLE_RATE + 0.5, "probe", speak("And how would you measure it?"))
    sounds = [QUIET, speak(INTRODUCTION), QUIET, far, QUIET, far, QUIET, speak(BASELINE), QUIET]
    said = written_down(tmp_path, tiny, interviewer, sounds)
    assert not interviewer.interrupted.is_set()
    assert jiwer.wer(plain(f"{INTRODUCTION} {BASELINE}"), said) < 0.05


@pytest.mark.fault
def test_what_nobody_can_hear_any_more_is_recorded_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speak: Callable[[str], Samples]
) -> None:
    def feed(*_: object) -> None:
        raise RuntimeError("onnxruntime gave up")

    monkeypatch.setattr(Endpointer, "feed", feed)
    listening, told, sound = listened_to(tmp_path, BeginsToSpeak(60, "probe", QUIET), [QUIET, speak(BASELINE)])
    assert listening.segments.get() is None
    assert (tmp_path / "audio.pcm").read_bytes() == sound.tobytes()
    note, *_ = [event.text for event in told if isinstance(event, Noted)]
    assert "onnxruntime gave up" in note and "only recorded" in note
