"""Finds where somebody speaks, while they speak, and cuts the sound into segments to transcribe.

The voice detector is Silero VAD v6 as faster-whisper ships it, with the thresholds of its
`get_speech_timestamps`, run one chunk at a time with the state carried along, so that a live session and a file,
in pieces of any size, give the same segments.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from speech.foreground import Foreground
from speech.frames import SAMPLE_RATE, Float32, Frame, Segment, to_float

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_CHUNK = 512
_CONTEXT = 64
_SPEECH = 0.5
_SILENCE = 0.35
"""Speech begins at 0.5 and goes on until below 0.35: Silero's own defaults."""
_PAD = round(0.2 * SAMPLE_RATE)

SILENCES = ((0.0, 0.6), (12.0, 0.35), (16.0, 0.2))
"""From so many seconds of speech on, the seconds of silence that end a segment: a breath does not part what belongs together, and
a monologue ends where a sentence does, before its words have waited for long."""

PATIENT = ((0.0, 1.5), (8.0, 0.6), (12.0, 0.35))
"""The same where nobody waits for words: what is read in one piece is read a little better, most of all a stutter."""

_GAP_SECONDS = 0.05
_CUT_WINDOW = 6
_SETTLING = 0.35 * SAMPLE_RATE
"""Most pauses in mid-sentence are shorter, so that transcribing then is seldom in vain."""


class VoiceDetector:
    """Silero VAD: how likely each 32 ms chunk is speech, given all before it."""

    def __init__(self) -> None:
        self._session = _load()
        self.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probability(self, chunk: Float32) -> float:
        """Probability of speech in the next 512 samples (float32 mono, 16 kHz)."""
        told = np.concatenate([self._context, chunk])[np.newaxis]
        out, self._h, self._c = self._session.run(None, {"input": told, "h": self._h, "c": self._c})
        self._context = chunk[-_CONTEXT:]
        return float(out[0])


class Endpointer:
    """Turns frames into speech segments.

    max_segment_seconds: longest segment; a monologue is cut at its quietest place before that.
    silences: pairs of seconds, first of speech, then of the silence that ends a segment from there on.
    foreground: by which speech in the background counts as silence; without, every voice counts.
    Segments are in order, do not overlap, and hold all detected speech with up to 0.2 s around it.
    """

    def __init__(
        self,
        max_segment_seconds: float = 25.0,
        silences: Sequence[tuple[float, float]] = SILENCES,
        foreground: Foreground | None = None,
    ) -> None:
        self._foreground = foreground
        self._max = int(max_segment_seconds * SAMPLE_RATE)
        self._silences = [(spoken * SAMPLE_RATE, silence * SAMPLE_RATE) for spoken, silence in silences]
        self._detector = VoiceDetector()
        self._rest = np.zeros(0, np.float32)
        self._begin(0.0)

    @property
    def speaking(self) -> bool:
        """Whether a segment is open: somebody speaks, or has paused for less than the silence that ends it."""
        return self._start is not None

    @property
    def silence_seconds(self) -> float:
        """Time since speech was last heard (or since listening began), in seconds of sound."""
        return (self._position - self._heard) / SAMPLE_RATE

    @property
    def open_segment(self) -> Segment | None:
        """What is open so far; in silence it is already what will be complete if nobody goes on."""
        if self._start is None:
            return None
        end = self._position if self._quiet is None else min(self._position, self._quiet + _PAD)
        return self._segment(self._start, end) if end > self._start else None

    @property
    def hesitating(self) -> bool:
        """Whether a segment is open in which nothing is heard just now."""
        return self._quiet is not None

    @property
    def settling(self) -> bool:
        """Whether the silence that ends the open segment is well under way, and worth getting ready for."""
        return self._start is not None and self._quiet is not None and self._position - self._quiet >= _SETTLING

    def feed(self, frame: Frame) -> list[Segment]:
        """Listen to the next frame, of any length; gives the segments that are complete now.

        A frame that starts later than the last one ended (lost sound) closes what was open.
        """
        done: list[Segment] = []
        received = self._position + len(self._rest)
        if received == 0:
            self._begin(max(frame.start, self._origin))
        elif frame.start - (self._origin + received / SAMPLE_RATE) > _GAP_SECONDS:
            done += self.flush()
            self._begin(frame.start)
        sound = np.concatenate([self._rest, to_float(frame.samples)])
        whole = len(sound) // _CHUNK * _CHUNK
        for at in range(0, whole, _CHUNK):
            done += self._hear(sound[at : at + _CHUNK])
        self._rest = sound[whole:]
        return done

    def flush(self) -> list[Segment]:
        """End of the sound: gives what is still open. The next frame begins anew, at its own start."""
        done: list[Segment] = []
        total = self._position + len(self._rest)
        if len(self._rest):
            done += self._hear(np.pad(self._rest, (0, _CHUNK - len(self._rest))))
        if self._start is not None:
            end = total if self._quiet is None else min(total, self._quiet + _PAD)
            done += self._close(end)
        self._begin(self._origin + total / SAMPLE_RATE)
        return done

    def _begin(self, origin: float) -> None:
        self._origin = origin
        self._position = 0
        self._rest = np.zeros(0, np.float32)
        self._detector.reset()
        # Chunks and their probabilities from sample `_kept` on: all that an open or coming segment may need.
        self._chunks: list[Float32] = []
        self._probabilities: list[float] = []
        self._kept = 0
        self._start: int | None = None
        self._quiet: int | None = None
        self._heard = 0
        self._floor = 0

    def _hear(self, chunk: Float32) -> list[Segment]:
        probability = self._detector.probability(chunk)
        if self._foreground is not None and not self._foreground.has(chunk, probability >= _SPEECH):
            probability = 0.0
        self._chunks.append(chunk)
        self._probabilities.append(probability)
        done = self._step(self._position, self._probabilities[-1])
        self._position += _CHUNK
        if self._start is not None and self._position - self._start + _CHUNK > self._max:
            done += self._cut()
        self._forget(max(self._floor, self._position - _PAD) if self._start is None else self._start)
        return done

    def _step(self, at: int, probability: float) -> list[Segment]:
        """One chunk of the state machine of `get_speech_timestamps`: `at` is the chunk's first sample."""
        if probability >= _SPEECH:
            self._quiet = None
            self._heard = at + _CHUNK
            if self._start is None:
                self._start = max(self._floor, at - _PAD)
        elif self._start is not None and probability < _SILENCE:
            if self._quiet is None:
                self._quiet = at
            if at - self._quiet >= self._needed_silence(self._quiet - self._start):
                return self._close(min(self._quiet + _PAD, at + _CHUNK))
        return []

    def _needed_silence(self, spoken: int) -> float:
        return next(silence for least, silence in reversed(self._silences) if spoken >= least)

    def _cut(self) -> list[Segment]:
        """Cut the open segment in the middle of its least speech-like stretch, in its last third: its words are late already."""
        assert self._start is not None
        first = (self._start + self._max * 2 // 3 - self._kept) // _CHUNK
        smooth = np.convolve(self._probabilities[first:], np.ones(_CUT_WINDOW), "valid")
        quietest = len(smooth) - 1 - int(np.argmin(smooth[::-1]))
        at = self._kept + (first + quietest + _CUT_WINDOW // 2) * _CHUNK
        done = self._close(at)
        # What came after the cut is heard again as the beginning of the next segment.
        self._start = at
        for index in range((at - self._kept) // _CHUNK, len(self._probabilities)):
            done += self._step(self._kept + index * _CHUNK, self._probabilities[index])
        return done

    def _close(self, end: int) -> list[Segment]:
        assert self._start is not None
        start, self._start, self._quiet, self._floor = self._start, None, None, end
        low, high = (start - self._kept) // _CHUNK, -((self._kept - end) // _CHUNK)
        # After a cut inside a pause nothing may follow.
        if end <= start or max(self._probabilities[low:high], default=0.0) < _SPEECH:
            return []
        return [self._segment(start, end)]

    def _segment(self, start: int, end: int) -> Segment:
        low, high = (start - self._kept) // _CHUNK, -((self._kept - end) // _CHUNK)
        sound = np.concatenate(self._chunks[low:high])
        offset = self._kept + low * _CHUNK
        samples = sound[start - offset : end - offset]
        return Segment(self._origin + start / SAMPLE_RATE, self._origin + end / SAMPLE_RATE, samples)

    def _forget(self, before: int) -> None:
        count = max(0, (before - self._kept) // _CHUNK)
        del self._chunks[:count], self._probabilities[:count]
        self._kept += count * _CHUNK


@cache
def _load() -> "InferenceSession":
    from importlib.util import find_spec

    import onnxruntime

    # Found, not imported: the package brings the whole recogniser with it.
    package = find_spec("faster_whisper")
    assert package is not None and package.submodule_search_locations
    weights = Path(package.submodule_search_locations[0], "assets", "silero_vad_v6.onnx").read_bytes()

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = 1
    # The arena only grows; over an hour it would be the largest thing in the process.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(weights, providers=["CPUExecutionProvider"], sess_options=options)
