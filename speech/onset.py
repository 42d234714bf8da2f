"""Word beginnings put where the sound of the word begins.

Whisper's times come from its attention over the sound, in which a pause belongs to the word after it: a word that
follows a pause begins, for Whisper, where the word before it ended. A short-time energy far below that of the speech
around it shows the pause (Rabiner and Sambur 1975, "An algorithm for determining the endpoints of isolated utterances").
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from speech.frames import SAMPLE_RATE, Float32
from speech.transcript import Word

_STEP_SECONDS = 0.01
_QUIET_SHARE = 0.35
"""Of the way, in decibels, from the quietest to the loudest tenth of the segment: below is a pause."""

_LEAST_RANGE = 15.0
"""Decibels between both below which a pause cannot be told from speech."""

_SHORTEST_PAUSE = 0.08
"""Seconds; the closure of a t or a k is as quiet, but seldom as long."""

_BEGINS_WITHIN = 0.3
"""Seconds of the word's time in which the pause must begin: the end of the word before may still sound."""

_SHORTEST_WORD = 0.05


def start_at_sound(words: Sequence[Word], samples: Float32) -> list[Word]:
    """Words (times in seconds from the first sample; float32 mono, 16 kHz) without the pause before them."""
    quiet = _quiet(samples)
    return [replace(word, start=_onset(word, quiet)) for word in words]


def _quiet(samples: Float32) -> NDArray[np.bool_]:
    """Whether each hundredth of a second is quiet; nowhere where loud and quiet lie too close."""
    step = round(_STEP_SECONDS * SAMPLE_RATE)
    steps = samples[: len(samples) // step * step].reshape(-1, step).astype(np.float64)
    if not len(steps):
        return np.zeros(0, np.bool_)
    level = 10 * np.log10((steps**2).mean(axis=1) + 1e-10)
    low, high = np.percentile(level, (10, 90))
    if high - low < _LEAST_RANGE:
        return np.zeros(len(level), np.bool_)
    quiet: NDArray[np.bool_] = level < low + _QUIET_SHARE * (high - low)
    return quiet


def _onset(word: Word, quiet: NDArray[np.bool_]) -> float:
    first, last = round(word.start / _STEP_SECONDS), round((word.end - _SHORTEST_WORD) / _STEP_SECONDS)
    row = first
    while row < min(last, first + round(_BEGINS_WITHIN / _STEP_SECONDS), len(quiet)) and not quiet[row]:
        row += 1
    began = row
    while row < min(last, len(quiet)) and quiet[row]:
        row += 1
    found = row < min(last, len(quiet)) and (row - began) * _STEP_SECONDS >= _SHORTEST_PAUSE
    return row * _STEP_SECONDS if found else word.start
