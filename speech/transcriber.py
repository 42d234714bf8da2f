"""Speech segments in, words on the session clock out: Whisper through faster-whisper.

A file and a live session go the same way: segment by segment, so that memory stays flat and silence is never transcribed. Only
what goes on at once is read with the last words before it; else no mistake is carried from one segment into the next.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from models.store import locate
from prompts.errors import UserError
from speech.endpointer import PATIENT, Endpointer
from speech.frames import SAMPLE_RATE, Float32, Frame, Segment
from speech.loops import find_loop, without_loops
from speech.onset import start_at_sound
from speech.partial import write_roughly
from speech.terms import correct
from speech.transcript import Word

_BEAM = 4
"""Measured on 34 recordings: of 2,590 words, five gets one more right and three six fewer; a segment takes a tenth less than with five."""

_LONG_SECONDS = 12.0
_LONG_BEAM = 2
"""In the same recordings two where a segment is longer than this leaves 229 words wrong and four 230, in a fifth less time; the
words of long segments are the latest of all."""

_NO_SPEECH = 0.3
_UNSURE = -0.8
"""Beyond both, nobody spoke. Measured with base on clips of speech and on silence, hiss, hum and clicks: Whisper's
probability of no speech is below 0.11 against above 0.44, its mean log probability above -1.21 against below -1.06."""

PROMPT = "Um, uh, so, I was like, hmm, you know, let me think, uh, about it."
"""Whisper leaves filled pauses out unless it believes that the text before had some."""

_HESITATIONS = frozenset({"um", "uh", "umm", "uhm", "hmm", "mm"})
_DOUBTFUL = 0.05
"""Below this probability a word that stands alone may be the prompt's, not the sound's. Measured with tiny.en and base: knocks
give such a word at 0.015 and 0.022, which is gone without the prompt; a synthetic voice's at up to 26 dB less gives
0.023 and more, and it stays."""

_PLAIN: dict[str, Any] = {"initial_prompt": None, "hotwords": None}
"""Options under which nothing but the sound is read."""

_TOKENS_PER_SECOND = 10
_FEW_TOKENS = 20
_MOST_TOKENS = 160
"""Nobody says more in so many seconds, and it leaves room for the longest prompt; without a limit, a loop of the recogniser
costs ten seconds of its time."""

_GOES_ON_SECONDS = 1.6
_CONTEXT_WORDS = 20
"""What is said so soon after a segment may go on with its sentence; read by itself, it has more words wrong
(`tests/bench/word_error.py`)."""

_REST_SECONDS = 1.5
_SHORTEST_WORD = 0.01


class RecogniserFailed(UserError):
    """The recogniser cannot be loaded, or gave up on a segment."""


@dataclass(frozen=True, slots=True)
class Transcribed:
    """What was recognised in one segment.

    start, end: the segment's, in seconds since the session's start. words: in order, within the segment, never
    overlapping; their texts joined by spaces are text. seconds_of_compute: wall time the recognition took.
    """

    start: float
    end: float
    words: tuple[Word, ...]
    text: str
    seconds_of_compute: float


@dataclass(frozen=True, slots=True)
class _Piece:
    """One of Whisper's own segments, in seconds since the start of ours; words empty where it timed none."""

    start: float
    end: float
    text: str
    words: tuple[Word, ...]
    no_speech: float
    confidence: float


class Said(Protocol):
    """What was said up to some second of the session: something transcribed, or the event that it became."""

    @property
    def end(self) -> float: ...

    @property
    def text(self) -> str: ...


class Recogniser(Protocol):
    """What writes speech down: a `Transcriber`, by itself or in a process of its own. model_id: for the log."""

    model_id: str

    def cpu_seconds(self) -> float:
        """CPU seconds that its process has used so far."""
        ...

    def transcribe(self, segment: Segment) -> Transcribed:
        """The segment's words. Raises RecogniserFailed."""
        ...

    def write_roughly(self, samples: Float32) -> str:
        """Rough text of a few seconds of speech that goes on (float32 mono, 16 kHz). Raises RecogniserFailed."""
        ...


class Transcriber:
    """A loaded Whisper model; one segment at a time, callable from any thread.

    model_id: a weight of models/manifest.toml. hotwords: technical terms likely to be said. It uses one core.
    Raises WeightsMissing and WeightsDamaged (models.store), and RecogniserFailed.
    """

    def __init__(self, model_id: str = "base", hotwords: Sequence[str] = ()) -> None:
        folder = locate(model_id)
        self.model_id = model_id
        self._hotwords = ", ".join(hotwords) or None
        self._model = _load(folder)
        self._turn = threading.Lock()

    def cpu_seconds(self) -> float:
        """CPU seconds that its process has used so far."""
        return time.process_time()

    def transcribe(self, segment: Segment) -> Transcribed:
        """Recognise a segment of at most 30 s. Raises RecogniserFailed."""
        began = time.perf_counter()
        try:
            with self._turn:
                words = self._words_in(segment.samples, f"{PROMPT} {segment.before}".rstrip())
        except (RuntimeError, ValueError) as error:
            raise RecogniserFailed(
                f"The recogniser gave up on a stretch of speech ({error})", "Run `viva models verify`, then start again"
            ) from error
        timed = start_at_sound(correct(without_loops(words)), segment.samples)
        placed = place(timed, segment.start, segment.end)
        text = " ".join(word.text for word in placed)
        return Transcribed(segment.start, segment.end, placed, text, time.perf_counter() - began)

    def write_roughly(self, samples: Float32) -> str:
        """Rough text of a few seconds of speech that goes on (float32 mono, 16 kHz). Raises RecogniserFailed."""
        with self._turn:
            try:
                return write_roughly(self._model, samples)
            except (RuntimeError, ValueError) as error:
                raise RecogniserFailed(f"Partial text failed ({error})", "Run `viva models verify`") from error

    def _words_in(self, samples: Float32, prompt: str) -> list[Word]:
        pieces = self._recognise(samples, initial_prompt=prompt)
        if _loops(pieces):
            # Without prompt and with repetition made costly; the loop is not in the sound.
            pieces = self._recognise(samples, repetition_penalty=1.2, **_PLAIN)
        words = _words(self._read_again(pieces, samples))
        if words and len(samples) / SAMPLE_RATE - words[-1].end > _REST_SECONDS:
            # It stopped in the middle of a sentence, and read of the rest what the prompt suggests, or nothing.
            others = _words(self._recognise(samples, **_PLAIN))
            words = others if others and others[-1].end > words[-1].end else words
        if words and words[0].probability < _DOUBTFUL and _one_sound(words):
            words = _words(self._recognise(samples, **_PLAIN))
        return words

    def _recognise(self, samples: Float32, **changed: Any) -> list[_Piece]:
        options = {"initial_prompt": PROMPT, "hotwords": self._hotwords} | changed
        pieces: list[_Piece] = []
        at = 0.0
        # A segment is one window of Whisper's; left to itself it would go on into the last tenths of a
        # second and find thanks for watching there. Only where much is left has it stopped too early.
        while not pieces or len(samples) / SAMPLE_RATE - at > _REST_SECONDS:
            piece = self._first_piece(samples[round(at * SAMPLE_RATE) :], at, options)
            if piece is None or piece.end <= at:
                break
            pieces.append(piece)
            at = piece.end
        if pieces and pieces[0].start > _REST_SECONDS:
            # It also passes over whole first sentences.
            piece = self._first_piece(samples[: round(pieces[0].start * SAMPLE_RATE)], 0.0, options)
            pieces = [piece, *pieces] if piece else pieces
        return pieces

    def _read_again(self, pieces: list[_Piece], samples: Float32) -> list[_Piece]:
        """Beside what was said, a piece that looks like nothing may be a sentence whose reading broke off."""
        if all(_never_said(piece) for piece in pieces):
            return pieces
        read = list(pieces)
        for number, piece in enumerate(pieces):
            if _never_said(piece):
                begin = pieces[number - 1].end if number else 0.0
                end = pieces[number + 1].start if number + 1 < len(pieces) else len(samples) / SAMPLE_RATE
                stretch = samples[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
                read[number] = self._first_piece(stretch, begin, _PLAIN) or piece
        return read

    def _first_piece(self, samples: Float32, offset: float, options: dict[str, Any]) -> _Piece | None:
        try:
            found = next(self._run(samples, options | {"word_timestamps": True}), None)
        except IndexError:
            # The alignment of words fails on rare token sequences; the text is still there.
            found = next(self._run(samples, options), None)
        if found is None:
            return None
        words = tuple(
            _joined(
                (offset + float(word.start), offset + float(word.end), word.word, float(word.probability))
                for word in found.words or ()
            )
        )
        start, end = offset + found.start, offset + min(found.end, len(samples) / SAMPLE_RATE)
        if words:
            start, end = words[0].start, words[-1].end
        return _Piece(float(start), float(end), found.text, words, found.no_speech_prob, found.avg_logprob)

    def _run(self, samples: Float32, options: dict[str, Any]) -> Iterator[Any]:
        # One temperature: sampling would make the same recording read differently every time.
        found, _ = self._model.transcribe(
            samples,
            language="en",
            beam_size=_LONG_BEAM if len(samples) > _LONG_SECONDS * SAMPLE_RATE else _BEAM,
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=True,
            max_new_tokens=min(_MOST_TOKENS, _FEW_TOKENS + _TOKENS_PER_SECOND * len(samples) // SAMPLE_RATE),
            **options,
        )
        return iter(found)


def in_context(segment: Segment, last: Said | None) -> Segment:
    """The segment, with the end of what was said right before it, if anything was; last: what was said before it."""
    if last is None or segment.start - last.end > _GOES_ON_SECONDS:
        return segment
    return replace(segment, before=" ".join(last.text.split()[-_CONTEXT_WORDS:]))


def transcribe_file(
    sound: Float32 | Iterable[Frame], transcriber: Recogniser, progress: Callable[[float], None] | None = None
) -> Iterator[Transcribed]:
    """Transcribe a whole recording the way a live session is: endpointer, then segment by segment; every voice counts, and
    it takes longer pauses to end a segment, as nobody waits for words.

    sound: float32 mono 16 kHz samples, or frames (`speech.decode.iter_frames`), which need no more memory for an
    hour than for a minute. progress: told the seconds of sound that are done.
    """
    endpointer = Endpointer(silences=PATIENT)
    heard = 0.0
    last: Transcribed | None = None
    for frame in _frames(sound) if isinstance(sound, np.ndarray) else sound:
        for segment in endpointer.feed(frame):
            yield (last := transcriber.transcribe(in_context(segment, last)))
        heard = frame.end
        if progress:
            progress(heard)
    for segment in endpointer.flush():
        yield (last := transcriber.transcribe(in_context(segment, last)))
    if progress:
        progress(heard)


def place(words: Sequence[Word], start: float, end: float) -> tuple[Word, ...]:
    """Words timed from the beginning of a segment, moved to `start` and made to lie in it, in order, not overlapping."""
    placed: list[Word] = []
    shortest = min(_SHORTEST_WORD, (end - start) / max(1, len(words)))
    earliest = start
    for index, word in enumerate(words):
        # Room for the words still to come, so that none is pushed out of the segment.
        latest = end - (len(words) - 1 - index) * shortest
        began = max(earliest, min(start + word.start, latest - shortest))
        ended = max(began, min(latest, max(start + word.end, began + shortest)))
        placed.append(Word(began, ended, word.text, min(1.0, max(0.0, word.probability))))
        earliest = ended
    return tuple(placed)


def _load(folder: Path) -> Any:
    from speech.short_window import ShortWindowWhisper

    try:
        # Every word takes hundreds of steps too small to be shared: two threads wait for each other longer than they work,
        # and a segment takes twice the time (`tests/bench/threads.py`).
        # A folder with all four files never makes faster-whisper ask a hub; `locate` has checked them.
        return ShortWindowWhisper(str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    except Exception as error:  # damaged weights raise a plain Exception, too
        raise RecogniserFailed(
            f"The recogniser cannot be loaded from {folder} ({error})", "Run `viva models verify`"
        ) from error


def _words(pieces: Iterable[_Piece]) -> list[Word]:
    return [word for piece in pieces if not _never_said(piece) for word in piece.words or _spread(piece)]


def _never_said(piece: _Piece) -> bool:
    return piece.no_speech > _NO_SPEECH and piece.confidence < _UNSURE


def _one_sound(words: Sequence[Word]) -> bool:
    """Whether all is one word again and again, or no word at all; a lone hesitation, without the prompt, is left out, said or not."""
    said = {word.text.lower().strip(".,…!") for word in words}
    return (len(words) > 1 and said <= _HESITATIONS) or (len(said) == 1 and not said <= _HESITATIONS)


def _loops(pieces: Sequence[_Piece]) -> bool:
    # Hyphens, too: one way of looping is a single endless word.
    return find_loop(" ".join(piece.text for piece in pieces).replace("-", " ").split()) is not None


def _joined(timed: Iterable[tuple[float, float, str, float]]) -> Iterator[Word]:
    """Whole words: Whisper sometimes times the parts of one ("20", "%") on their own."""
    held: Word | None = None
    for start, end, text, probability in timed:
        if held is not None and not text.startswith(" "):
            held = Word(held.start, end, held.text + text, min(held.probability, probability))
            continue
        if held is not None and _is_word(held.text):
            yield held
        held = Word(start, end, text.strip(), probability)
    if held is not None and _is_word(held.text):
        yield held


def _is_word(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _spread(piece: _Piece) -> list[Word]:
    """Words of a piece whose timing failed, spread over it by their lengths."""
    texts = [text for text in piece.text.split() if _is_word(text)]
    lengths = np.cumsum([0] + [len(text) + 1 for text in texts])
    times = piece.start + (piece.end - piece.start) * lengths / max(1, lengths[-1])
    # The probability of the whole piece stands in for that of each word.
    probability = float(np.exp(piece.confidence))
    return [
        Word(float(begin), float(end), text, probability)
        for begin, end, text in zip(times, times[1:], texts, strict=False)
    ]


def _frames(samples: Float32) -> Iterator[Frame]:
    step = SAMPLE_RATE // 2
    for at in range(0, len(samples), step):
        yield Frame(at / SAMPLE_RATE, samples[at : at + step])
