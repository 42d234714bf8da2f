"""The length of recordings that do not say it, from their packets alone, however slow the machine."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from speech.containers import declared_seconds
from speech.decode import UndecodableAudio, audio_in
from speech.decoding_process import Decoders
from speech.length import length
from tests.scorecard.bombs import flac
from tests.speech.test_decode import encoded, tone

MEDIA = sorted((Path(__file__).parents[1] / "scorecard" / "corpus" / "media").iterdir())
FORMS = [("webm", "libopus", 48_000), ("mp3", "libmp3lame", 16_000), ("adts", "aac", 16_000), ("flac", "flac", 16_000)]


@pytest.mark.parametrize(("container", "codec", "rate"), FORMS)
def test_it_is_known_without_decoding(container: str, codec: str, rate: int) -> None:
    file = io.BytesIO(encoded(tone(30), container, codec, rate, told=False))
    with audio_in(file, "it") as (opened, stream):
        assert declared_seconds(opened, stream, file) is None
    assert length(file) == pytest.approx(30, abs=0.2)


@pytest.mark.parametrize(("container", "codec", "rate"), FORMS)
def test_a_slow_machine_estimates_it(monkeypatch: pytest.MonkeyPatch, container: str, codec: str, rate: int) -> None:
    file = io.BytesIO(encoded(tone(300), container, codec, rate, told=False))
    # As if each packet took a hundredth of the time there is.
    clock = iter(range(10**9))
    monkeypatch.setattr("speech.length.time.monotonic", lambda: next(clock) / 50)
    # What is read ahead of the packets makes it seem shorter.
    assert 30 < length(file) < 330


@pytest.mark.hostile
def test_days_are_refused_at_their_first_hours() -> None:
    with pytest.raises(UndecodableAudio, match="too long; the longest recording taken is 4:00:00"):
        length(io.BytesIO(flac(24, told=False)))


@pytest.mark.hostile
@pytest.mark.parametrize("path", MEDIA, ids=lambda path: path.name)
def test_it_is_the_same_in_a_process_of_its_own(path: Path) -> None:
    def found(measure: Callable[[BinaryIO], float]) -> float | str:
        try:
            return measure(io.BytesIO(path.read_bytes()))
        except UndecodableAudio as error:
            return str(error)

    decoders = Decoders()
    assert found(decoders.length) == found(length)
    decoders.close()
