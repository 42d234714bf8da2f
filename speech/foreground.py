"""Which speech is said near the microphone: people at the next desk or a television next door are far quieter.

A voice loses 6 dB with each doubling of its distance, so that somebody 3 m away is some 17 dB below who sits at 0.4 m, and
behind a wall far more. What that keeps out, and what it costs: `tests/bench/background.py`, `tests/bench/word_error.py`.
"""

import bisect
from collections import deque

import numpy as np

from speech.frames import SAMPLE_RATE, Float32

_CHUNK_SECONDS = 512 / SAMPLE_RATE
_BELOW = 10.0 ** (-20 / 10)
"""As a share of power: 20 dB."""
_USUAL_SHARE = 0.9
"""Even if nine tenths of what is heard come from a television, the usual level is that of the one who speaks nearby."""
_REMEMBERED_SECONDS = 30.0
"""Who moves away from the microphone for good is heard again after so much speech at most."""
_LEAST_SECONDS = 2.0
_SUSTAINED_SECONDS = 0.32
"""Between its vowels speech is as quiet as any."""
_SILENCE_POWER = 1e-12


class Foreground:
    """Learns how loud the near voice usually is, and tells what is too quiet to be it."""

    def __init__(self) -> None:
        self._lately: deque[float] = deque(maxlen=round(_SUSTAINED_SECONDS / _CHUNK_SECONDS))
        self._spoken: deque[float] = deque()
        self._sorted: list[float] = []

    def has(self, chunk: Float32, speech: bool) -> bool:
        """Whether the next chunk (512 samples, float32 mono, 16 kHz) may be the near voice. speech: whether it is a voice."""
        self._lately.append(float(np.mean(np.square(chunk))) + _SILENCE_POWER)
        power = max(self._lately)
        if speech:
            self._spoken.append(power)
            bisect.insort(self._sorted, power)
            if len(self._spoken) > _REMEMBERED_SECONDS / _CHUNK_SECONDS:
                del self._sorted[bisect.bisect_left(self._sorted, self._spoken.popleft())]
        return power >= self.least_power

    @property
    def least_power(self) -> float:
        """Mean square below which speech is somebody else's; 0 as long as too little was heard."""
        if len(self._spoken) < _LEAST_SECONDS / _CHUNK_SECONDS:
            return 0.0
        return self._sorted[int(_USUAL_SHARE * len(self._sorted))] * _BELOW
