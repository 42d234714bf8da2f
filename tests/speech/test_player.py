"""Playing without a loudspeaker is one clear error; the rest is in tests/e2e/test_devices.py."""

import json
from pathlib import Path

import numpy as np
import pytest

from speech.player import AudioLibraryMissing, AudioUnavailable, NoLoudspeaker, Player
from speech.spoken import Spoken

TONE = Spoken((8000 * np.sin(np.arange(16_000) / 10)).astype(np.int16), 16_000)


@pytest.mark.fault
def test_no_sound_server_is_no_loudspeaker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    nothing = tmp_path / "asound.conf"
    nothing.write_text("pcm.!default { type pulse hint { show on description default } }\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(nothing))
    with pytest.raises(NoLoudspeaker, match="--mute"):
        Player().play(TONE)


@pytest.mark.fault
def test_a_missing_portaudio_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).with_name("fake_card")))
    monkeypatch.setenv("FAKE_CARD", json.dumps({"missing": True}))
    with pytest.raises(AudioLibraryMissing, match="[Ii]nstall") as caught:
        Player().play(TONE)
    assert isinstance(caught.value, AudioUnavailable)


@pytest.mark.fault
@pytest.mark.parametrize("program", [("false",), ("sh", "-c", "kill -SEGV $$"), ("sleep", "60")])
def test_a_sound_system_that_crashes_or_hangs_is_no_loudspeaker(
    program: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("speech.audio_process._PATIENCE_SECONDS", 0.5)
    with pytest.raises(NoLoudspeaker, match="the sound system"):
        Player(command=program).play(TONE)
