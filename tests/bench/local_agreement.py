"""LocalAgreement-2, for comparison: the way `whisper_streaming` makes Whisper write while somebody speaks.

Macháček, Dabre and Bojar: Turning Whisper into Real-Time Transcription System, IJCNLP-AACL 2023 (demo), with the settings of
its authors' program: everything since the last cut is recognised again as soon as there is a second of new sound; words in
which two readings in a row agree are final; beyond fifteen seconds the sound is cut where Whisper's last but one finished segment ends.
"""

import time
from dataclasses import dataclass
from typing import Any

from faster_whisper import WhisperModel

from speech.frames import SAMPLE_RATE, Float32

_NEW_SECONDS = 1.0
_LONGEST_SECONDS = 15.0
_PROMPT_CHARACTERS = 200
_NEAR_SECONDS = 1.0
_LONGEST_REPEAT = 5
_SLACK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Final:
    """A word that will not change any more. at: when that was known; all in seconds since the sound began."""

    start: float
    end: float
    text: str
    at: float


class LocalAgreement:
    """Reads a recording as if it arrived at the speed of talk. model: faster-whisper's own."""

    def __init__(self, model: WhisperModel) -> None:
        self._model = model

    def read(self, samples: Float32) -> list[Final]:
        """All words. The time that recognising takes is measured; waiting for the sound takes none."""
        self._final: list[Final] = []
        self._last: list[Any] = []
        self._offset = 0.0
        length = len(samples) / SAMPLE_RATE
        now = heard = 0.0
        while heard < length:
            now = min(max(now, heard + _NEW_SECONDS), max(now, length))
            heard = min(now, length)
            began = time.perf_counter()
            ends = self._agree(samples[round(self._offset * SAMPLE_RATE) : round(heard * SAMPLE_RATE)])
            now += time.perf_counter() - began
            self._final += [Final(start, end, text, now) for start, end, text in self._agreed]
            self._trim(heard, ends)
        return self._final + [Final(start, end, text, now) for start, end, text in self._last]

    def _agree(self, sound: Float32) -> list[float]:
        """One reading; gives the ends of Whisper's own segments."""
        before = " ".join(word.text for word in self._final if word.end <= self._offset)
        found, _ = self._model.transcribe(
            sound, language="en", beam_size=5, word_timestamps=True, initial_prompt=before[-_PROMPT_CHARACTERS:]
        )
        pieces = list(found)
        read = [(w.start + self._offset, w.end + self._offset, w.word.strip()) for p in pieces for w in p.words or ()]
        until = self._final[-1].end if self._final else 0.0
        new = self._without_repeated([word for word in read if word[0] > until - _SLACK_SECONDS], until)
        common = 0
        while common < min(len(new), len(self._last)) and new[common][2] == self._last[common][2]:
            common += 1
        self._agreed, self._last = new[:common], new[common:]
        return [piece.end + self._offset for piece in pieces]

    def _without_repeated(self, new: list[Any], until: float) -> list[Any]:
        """Without the words at the beginning that are final already, timed a little later this time."""
        if not new or abs(new[0][0] - until) >= _NEAR_SECONDS:
            return new
        for count in range(1, min(len(new), len(self._final), _LONGEST_REPEAT) + 1):
            if [word.text for word in self._final[-count:]] == [text for *_, text in new[:count]]:
                return new[count:]
        return new

    def _trim(self, heard: float, ends: list[float]) -> None:
        if heard - self._offset <= _LONGEST_SECONDS or not self._final:
            return
        final = [end for end in ends[:-1] if end <= self._final[-1].end]
        if final:
            self._offset = final[-1]
