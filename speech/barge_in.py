"""Barge-in: whether the candidate talks over a line that is being played, and what he said so far.

A microphone in the room hears the line as well, so that speech alone proves nothing. What the room makes of the line is
learned while it plays and taken away (`speech.echo`). The candidate is there when for 0.3 s the rest is speech to the voice
detector, too loud to be what the prediction missed, and in its power over time and frequency unlike the line. In simulated
rooms the prediction misses less than a fifth, also with a loudspeaker that distorts, while somebody as loud as the line
leaves half; where clocks drift it misses all, but then a tenth at most is unlike the line, of him a fifth and more.
"""

from itertools import pairwise

import numpy as np

from speech.echo import unlike_echo, without_echo
from speech.endpointer import VoiceDetector
from speech.frames import SAMPLE_RATE, Float32, Frame, to_float

_CHUNK = 512
_CLEARLY = 10
"""Chunks of 32 ms in which the candidate must be heard: 0.32 s."""
_SPEECH = 0.5
_SHARE_OF_CHUNKS = 0.8
_EVERY_CHUNKS = 3
_FIRST_SECONDS = 1.8
"""Before that too little of the line was heard to know the room; some loudspeakers are half a second late."""
_LEARNED_SECONDS = 4.0
_SHARE_OF_HEARD = 0.35
_SHARE_OF_ECHO = 0.3
_SHARE_UNLIKE = 0.25
_IN_A_ROW = 2
"""Where a device loses sound, one look may be mistaken."""
_QUIETEST_POWER = 10.0 ** (-55 / 10)
_RUN_IN = SAMPLE_RATE
_KEPT = 6 * SAMPLE_RATE
_FORGOTTEN = 100 * _CHUNK
_ONSET, _EARLIEST = 78, 125
"""Chunks: speech that goes on now began within 2.5 s, what was said before a breath within 4 s."""
_PAUSE = 20
"""Chunks: 0.64 s."""
_MOSTLY = 0.5
_PAD_SECONDS = 0.2


class BargeIn:
    """Listens while one line is played.

    played: the line, float32 mono, 16 kHz. begin: second of the session at which it began to sound.
    least_power: mean square below which speech is not the candidate's.
    """

    def __init__(self, played: Float32, begin: float, least_power: float = 0.0) -> None:
        self._played = played
        self._begin = begin
        self._least_power = max(least_power, _QUIETEST_POWER)
        self._start: float | None = None
        self._heard = np.zeros(0, np.float32)
        self._taken = 0
        self._in_a_row = 0
        self._speech: list[bool] = []
        self._detector, self._rest_detector = VoiceDetector(), VoiceDetector()
        self.since: float | None = None
        """Second of the session from which on the candidate talks over the line; None while he does not."""

    def hear(self, frame: Frame) -> bool:
        """Take the next frame; whether the candidate clearly talks over the line, now or before."""
        if self._start is None:
            self._start = frame.start
        self._heard = np.concatenate([self._heard, to_float(frame.samples)])
        while len(self._heard) - self._taken >= _CHUNK:
            chunk = self._heard[self._taken : self._taken + _CHUNK]
            self._taken += _CHUNK
            self._speech.append(self._detector.probability(chunk) >= _SPEECH)
            if self.since is None and len(self._speech) % _EVERY_CHUNKS == 0:
                self._in_a_row = self._in_a_row + 1 if self._somebody_else() else 0
                if self._in_a_row == _IN_A_ROW:
                    self.since = self._onset()
        if self.since is None and len(self._heard) > _KEPT + _FORGOTTEN:
            self._heard = self._heard[_FORGOTTEN:]
            self._taken -= _FORGOTTEN
            self._start += _FORGOTTEN / SAMPLE_RATE
        return self.since is not None

    def words(self, stopped: float) -> Frame:
        """The candidate from his first word until now, without the line, which stopped at this second of the session."""
        assert self._start is not None and self.since is not None
        first = round((self.since - self._start) * SAMPLE_RATE)
        rest = self._rest(first, len(self._heard), stopped)
        return Frame(self.since, rest[len(rest) - (len(self._heard) - first) :])

    def _somebody_else(self) -> bool:
        now, window = self._taken, _CLEARLY * _CHUNK
        if now < _FIRST_SECONDS * SAMPLE_RATE or np.mean(self._speech[-_CLEARLY:]) < _SHARE_OF_CHUNKS:
            return False
        rest = self._rest(now - window, now)
        heard = self._heard[now - len(rest) : now]
        left, power = _power(rest[-window:]), _power(heard[-window:])
        echo = heard - rest
        usual_echo = np.quantile(
            [_power(echo[at : at + window]) for at in range(0, len(echo) - window + 1, window)], 0.75
        )
        if left < max(_SHARE_OF_HEARD * power, _SHARE_OF_ECHO * usual_echo, self._least_power):
            return False
        if np.mean(self._is_speech(rest[-_RUN_IN:])[-_CLEARLY:]) < _SHARE_OF_CHUNKS:
            return False
        line = self._line_from(now - len(rest))
        return unlike_echo(heard, line, len(heard) - window) >= _SHARE_UNLIKE

    def _onset(self) -> float:
        """Where the speech that goes on now began."""
        assert self._start is not None
        now = self._taken
        rest = self._rest(now - _CLEARLY * _CHUNK, now)[-_EARLIEST * _CHUNK :]
        rest = rest[len(rest) % _CHUNK :]
        heard = self._heard[now - len(rest) : now]
        lately = self._is_speech(rest[-_ONSET * _CHUNK :])
        quiet = [place for place, speech in enumerate(lately[:-_CLEARLY]) if not speech]
        begun = len(rest) // _CHUNK - len(lately) + (quiet[-1] + 1 if quiet else 0)
        for first, past in reversed(_stretches(self._is_speech(rest)[:begun])):
            # Before a short pause he may have spoken already; what the prediction missed is a part of what was heard.
            place = slice(first * _CHUNK, past * _CHUNK)
            if begun - past > _PAUSE or _power(rest[place]) < _MOSTLY * _power(heard[place]):
                break
            begun = first
        at = now - len(rest) + begun * _CHUNK
        return max(self._start, self._start + at / SAMPLE_RATE - _PAD_SECONDS)

    def _rest(self, learned: int, until: int, stopped: float = float("inf")) -> Float32:
        """What was heard of the last seconds before `until` without the line; the room is learned before `learned`."""
        assert self._start is not None
        low = max(0, learned - round(_LEARNED_SECONDS * SAMPLE_RATE))
        return without_echo(self._heard[low:until], self._line_from(low, stopped), learned - low)

    def _line_from(self, low: int, stopped: float = float("inf")) -> Float32:
        """What was played from the moment on at which sample `low` was heard."""
        assert self._start is not None
        played = self._played
        if stopped < float("inf"):
            played = played[: max(0, round((stopped - self._begin) * SAMPLE_RATE))]
        at = low + round((self._start - self._begin) * SAMPLE_RATE)
        return np.concatenate([np.zeros(max(0, -at), np.float32), played[max(0, at) :]])

    def _is_speech(self, sound: Float32) -> list[bool]:
        """For each 32 ms, counted from the end."""
        self._rest_detector.reset()
        sound = sound[len(sound) % _CHUNK :]
        return [
            self._rest_detector.probability(sound[at : at + _CHUNK]) >= _SPEECH for at in range(0, len(sound), _CHUNK)
        ]


def _stretches(speech: list[bool]) -> list[tuple[int, int]]:
    """Where speech begins and where it is over, in order."""
    edges = [place for place, (before, after) in enumerate(pairwise([False, *speech, False])) if before != after]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _power(sound: Float32) -> float:
    return float(np.mean(np.square(sound)))
