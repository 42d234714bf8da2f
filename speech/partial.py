"""What somebody is saying just now: rough text of speech that has not ended, cheap enough to be made again and again.

It is for the eye alone. When the segment ends, `speech.transcriber` hears all of it properly, and that is what counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from speech.frames import SAMPLE_RATE, Float32, Segment

if TYPE_CHECKING:
    from faster_whisper.tokenizer import Tokenizer

_TOKENS_PER_SECOND = 6
_FEW_TOKENS = 8
_LONGEST_SECONDS = 5.0
_SHORTEST_SECONDS = 0.5
_EARLIEST_CUT_SECONDS = 2.5
_QUIET_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Partial:
    """Rough text of an open segment. start: the segment's. end: up to where it was heard, seconds of the session."""

    start: float
    end: float
    text: str


class PartialText:
    """Follows one open segment after the other.

    write: text of a few seconds of speech (float32 mono, 16 kHz). Only the last seconds are heard again at each
    update; what came before is cut off at a quiet place and its text kept.
    """

    def __init__(self, write: Callable[[Float32], str]) -> None:
        self._write = write
        self._start = self._until = -1.0
        self._text = ""

    def update(self, open_segment: Segment) -> Partial:
        """The text of what is open so far."""
        if open_segment.start != self._start:
            self.take(Partial(open_segment.start, open_segment.start, ""))
        tail = open_segment.samples[round((self._until - open_segment.start) * SAMPLE_RATE) :]
        if len(tail) > _LONGEST_SECONDS * SAMPLE_RATE:
            # Never more than this at once, also after a while without updates.
            tail = self._settle(tail)
        end = self._until + len(tail) / SAMPLE_RATE
        last = self._write(tail) if len(tail) >= _SHORTEST_SECONDS * SAMPLE_RATE else ""
        return Partial(self._start, end, _joined(self._text, last))

    def take(self, better: Partial) -> None:
        """Go on after better text of the beginning of a segment."""
        self._start, self._until, self._text = better.start, better.end, better.text

    def _settle(self, tail: Float32) -> Float32:
        cut = _quietest(tail[: round(_LONGEST_SECONDS * SAMPLE_RATE)])
        self._text = _joined(self._text, self._write(tail[:cut]))
        self._until += cut / SAMPLE_RATE
        return tail[cut : cut + round(_LONGEST_SECONDS * SAMPLE_RATE)]


def write_roughly(model: Any, samples: Float32) -> str:
    """Text of a few seconds of speech by a `ShortWindowWhisper`, as it comes first to its mind.

    It sometimes does not stop, so the length is limited.
    """
    states = model.encode(model.feature_extractor(samples))
    tokenizer = _tokenizer(model)
    prompt = model.get_prompt(tokenizer, [], without_timestamps=True)
    most = len(prompt) + _FEW_TOKENS + int(len(samples) / SAMPLE_RATE * _TOKENS_PER_SECOND)
    found = model.model.generate(
        states,
        [prompt],
        beam_size=1,
        repetition_penalty=1.1,
        max_length=most,
    )[0]
    text: str = tokenizer.decode([token for token in found.sequences_ids[0] if token < tokenizer.eot])
    return text.strip()


def _tokenizer(model: Any) -> "Tokenizer":
    from faster_whisper.tokenizer import Tokenizer

    return Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language="en")


def _quietest(sound: Float32) -> int:
    """The middle of the quietest tenth of a second, not too near to either end."""
    size = round(_QUIET_SECONDS * SAMPLE_RATE)
    first = round(_EARLIEST_CUT_SECONDS * SAMPLE_RATE)
    energy = np.square(sound[first : len(sound) - size // 2], dtype=np.float64)
    smooth = np.convolve(energy, np.ones(size), "valid")
    return first + int(np.argmin(smooth)) + size // 2


def _joined(*texts: str) -> str:
    return " ".join(text for text in texts if text)
