"""The doctor's verdicts on level and voice; real devices are in tests/e2e/test_devices.py."""

import json
from pathlib import Path

import numpy as np
import pytest

from speech.devices import check_loudspeaker, check_microphone, check_voice, judge_level
from speech.frames import SAMPLE_RATE

TALK = np.sin(2 * np.pi * 200 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)


@pytest.mark.parametrize(
    ("loudness", "ok", "detail"),
    [
        (0.2, True, "we hear you"),
        (0.002, False, "too quiet"),
        (0.0, False, "digital silence"),
        (3.0, False, "distorted"),
    ],
)
def test_levels(loudness: float, ok: bool, detail: str) -> None:
    check = judge_level(np.clip(TALK * loudness, -1, 1).astype(np.float32))
    assert check.ok is ok
    assert detail in check.detail
    assert (check.fix is None) is ok


def test_pauses_do_not_make_a_voice_too_quiet() -> None:
    assert judge_level(np.concatenate([np.zeros(5 * SAMPLE_RATE, np.float32), TALK * np.float32(0.1)])).ok


def test_the_voice_is_checked_by_letting_it_speak() -> None:
    assert check_voice().ok
    assert check_voice("pyttsx3").detail == "pyttsx3"
    unknown = check_voice("nobody")
    assert not unknown.ok
    assert unknown.fix is not None
    assert "pyttsx3" in unknown.fix


@pytest.mark.fault
def test_a_missing_sound_library_is_a_verdict_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).with_name("fake_card")))
    monkeypatch.setenv("FAKE_CARD", json.dumps({"missing": True}))
    for check in (check_microphone(0.1), check_loudspeaker()):
        assert not check.ok
        assert check.fix is not None
        assert "portaudio" in check.fix
