"""What was chosen once and is not there today costs a remark, not the session."""

import pytest

from assistant import choosing
from assistant.choosing import present
from assistant.preferences import Preferences
from speech.audio_process import NoMicrophone
from speech.devices import Device

THERE = Device("Yeti", "ALSA", 1, 0, 48_000, True, False)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(choosing, "microphones", lambda: (THERE,))
    monkeypatch.setattr(choosing, "loudspeakers", tuple)
    return []


def test_what_is_there_is_used_without_a_word(said: list[str]) -> None:
    chosen = Preferences("pyttsx3", "Yeti, ALSA", None)
    assert present(chosen, said.append) == chosen
    assert said == []


def test_what_is_missing_is_said_and_the_default_taken(said: list[str]) -> None:
    chosen = Preferences("parrot", "Yeti, JACK", "Headset, ALSA")
    assert present(chosen, said.append) == Preferences()
    voice, microphone, loudspeaker = said
    assert "'parrot' is unknown" in voice
    assert "Yeti, JACK is not connected" in microphone
    assert "Headset, ALSA is not connected" in loudspeaker


@pytest.mark.fault
def test_without_a_sound_system_the_choice_stands(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def dead() -> None:
        raise NoMicrophone("the sound system gave no answer")

    monkeypatch.setattr(choosing, "microphones", dead)
    chosen = Preferences("pyttsx3", "Yeti, ALSA", None)
    assert present(chosen, said.append) == chosen
    assert said == []
