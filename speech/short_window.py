"""Whisper's encoder, given no more of its window than was spoken.

Whisper takes thirty seconds whatever was said, and most segments are a third of that. With less, its decoder, which was
taught with thirty, leaves out the ends of sentences or does not stop. It does not need the silence to be encoded for that,
only to find it: what the encoder makes of silence after a sound hardly depends on the sound. So this is worked out once, and
put behind what was spoken. `tests/bench/short_window.py` prints what it saves, and what it costs in words.
"""

from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel

from speech.frames import SAMPLE_RATE, Float32

_WINDOW = 3000
_PER_STATE = 2
"""Frames of 10 ms: Whisper's window, and how many the encoder makes one state of."""

_LEAST = 1000
_AFTER = 200
_NEAR = 150
_END = 150
"""Of the silence, the states right after what was encoded, and those at the end of Whisper's window, by which the decoder tells
that nothing follows. Every further one costs time for every word. With fewer, or a shorter window, it reads single words twice."""

_SOUND_SECONDS = 3.0
"""The sound before the silence has to be over where the shortest window is."""


class ShortWindowWhisper(WhisperModel):  # type: ignore[misc]  # faster-whisper has no types
    """faster-whisper's model, whose encoder works in proportion to what it is given. Arguments: as for `WhisperModel`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        noise = np.random.default_rng(0).normal(0.0, 0.05, round(_SOUND_SECONDS * SAMPLE_RATE)).astype(np.float32)
        features = self.feature_extractor(noise)
        whole = np.zeros((1, len(features), _WINDOW), np.float32)
        whole[0, :, : features.shape[1]] = features
        self._silence = np.asarray(self._encoded(whole))

    def encode(self, features: Float32) -> ctranslate2.StorageView:
        """The encoder's states for a window; features: float32, mel bands by frames of 10 ms, zero after the sound's end."""
        heard = features[np.newaxis] if features.ndim == 2 else features
        spoken = np.flatnonzero(heard.any(axis=(0, 1)))
        frames = max(_LEAST, (spoken[-1] + 1 if len(spoken) else 0) + _AFTER)
        states = -(-frames // _PER_STATE)
        if states >= self._silence.shape[1]:
            return self._encoded(heard)
        begun = np.asarray(self._encoded(heard[:, :, : states * _PER_STATE]))
        near, end = (
            self._silence[:, states : states + _NEAR],
            self._silence[:, max(states + _NEAR, len(self._silence[0]) - _END) :],
        )
        return ctranslate2.StorageView.from_array(np.concatenate([begun, near, end], axis=1))

    def _encoded(self, features: Float32) -> ctranslate2.StorageView:
        return self.model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(features)))
