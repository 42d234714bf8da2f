"""Spoken test sound: real synthetic speech, the same samples on every run."""

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

Samples = npt.NDArray[np.float32]

INTRODUCTION = "We want to recommend movies to three hundred million users."
LABELS = "The label is whether somebody watched the movie to the end."
BASELINE = "As a baseline, I would simply rank movies by popularity."


@pytest.fixture(scope="session")
def speak() -> Callable[[str], Samples]:
    """Speaks a text: float32 mono, 16 kHz."""
    from hibari import Hibari
    from scipy.signal import resample_poly  # type: ignore[import-untyped]

    voice = Hibari()

    @cache
    def spoken(text: str) -> Samples:
        samples: Samples = resample_poly(voice(text, seed=0), 2, 3).astype(np.float32)
        return samples

    return spoken


@pytest.fixture(scope="session")
def talk(speak: Callable[[str], Samples]) -> Samples:
    """Three sentences with two seconds of faint room noise before, between and after them."""
    noise = np.random.default_rng(0)

    def pause() -> Samples:
        return noise.normal(0, 1e-3, 2 * 16_000).astype(np.float32)

    pieces = [pause()]
    for text in (INTRODUCTION, LABELS, BASELINE):
        pieces += [speak(text), pause()]
    return np.concatenate(pieces)
