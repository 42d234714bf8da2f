"""Whisper's encoder over no more of its window than was spoken."""

from collections.abc import Callable

import ctranslate2
import jiwer
import numpy as np
import pytest
from faster_whisper import WhisperModel

from models.store import locate
from speech.frames import Float32
from speech.short_window import ShortWindowWhisper
from tests.speech.conftest import BASELINE, INTRODUCTION, LABELS, Samples
from tests.speech.test_transcriber import plain

RATE = 16_000


@pytest.fixture(scope="module")
def short() -> ShortWindowWhisper:
    return ShortWindowWhisper(str(locate("tiny.en")), device="cpu", compute_type="int8", local_files_only=True)


@pytest.fixture(scope="module")
def whole() -> WhisperModel:
    return WhisperModel(str(locate("tiny.en")), device="cpu", compute_type="int8", local_files_only=True)


def states(model: WhisperModel, features: Float32) -> Float32:
    found: Float32 = np.asarray(model.encode(features))
    return found


def window(model: WhisperModel, samples: Samples) -> Float32:
    features: Float32 = model.feature_extractor(samples)[:, :3000]
    return np.pad(features, ((0, 0), (0, 3000 - features.shape[1])))


def test_what_was_said_is_read_as_with_the_whole_window(
    short: ShortWindowWhisper, whole: WhisperModel, speak: Callable[[str], Samples]
) -> None:
    for text in (LABELS, BASELINE, INTRODUCTION, f"{LABELS} {BASELINE}", f"{BASELINE} {INTRODUCTION}"):
        read = []
        for model in (short, whole):
            pieces, _ = model.transcribe(speak(text), language="en", temperature=0.0, without_timestamps=True)
            read.append(plain(" ".join(piece.text for piece in pieces)))
        assert jiwer.wer(read[1], read[0]) <= 0.1, (text, read)


def test_a_full_window_is_encoded_as_it_is(short: ShortWindowWhisper, whole: WhisperModel) -> None:
    features = window(short, np.random.default_rng(1).normal(0, 0.1, 30 * RATE).astype(np.float32))
    assert np.array_equal(states(short, features), states(whole, features))


@pytest.mark.parametrize("seconds", [0.0, 0.1, 5.0, 27.99, 28.0, 28.01, 30.0])
def test_no_more_is_encoded_than_was_spoken_and_a_little(
    short: ShortWindowWhisper, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[int] = []
    real = short._encoded

    def noted(features: Float32) -> ctranslate2.StorageView:
        encoded.append(features.shape[2])
        return real(features)

    monkeypatch.setattr(short, "_encoded", noted)
    sound = np.random.default_rng(2).normal(0, 0.1, round(seconds * RATE)).astype(np.float32)
    features = window(short, sound) if seconds else np.zeros((80, 3000), np.float32)
    assert states(short, features).shape[1] <= 1500
    assert len(encoded) == 1
    assert min(3000, 100 * seconds) <= encoded[0] <= min(3000, max(1000, 100 * seconds + 202))
