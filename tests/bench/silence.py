"""Words heard where nobody speaks: sounds of a room, and the interviewer's own voice out of the loudspeaker.

    python tests/bench/silence.py [--minutes 30] [--model base] [--hotwords feed]

Every kind of sound is made for its share of the minutes and goes the way of a live session: listening, endpointer,
recogniser. Prints for each kind how much of it was taken for speech and which words were heard. There must be none.
"""

import argparse
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.clock import SessionClock
from assistant.events import Input
from assistant.interviewer import ECHO_SECONDS, Interviewer
from assistant.listening import Listening
from assistant.practice import load_recogniser
from assistant.sources import Line
from prompts.lines import load_lines
from speech.frames import SAMPLE_RATE, Float32, Frame, Segment
from speech.track import Gap
from speech.transcriber import Recogniser
from speech.voice import choose_voices, render_with_fallback

Signal = npt.NDArray[np.float64]
_STEP = SAMPLE_RATE // 50
_OUTPUT_SECONDS = 0.12
_ROOM_SECONDS = 0.5


def silence(count: int, random: np.random.Generator) -> Signal:
    return np.zeros(count)


def hiss(count: int, random: np.random.Generator) -> Signal:
    """A preamplifier turned up and down."""
    return random.normal(0, 1, count) * _slow(count, random, 1e-4, 0.05)


def hum(count: int, random: np.random.Generator) -> Signal:
    """Mains and its harmonics, with the room's noise."""
    time = np.arange(count) / SAMPLE_RATE
    tones = sum(a * np.sin(2 * np.pi * 50 * n * time) for n, a in ((1, 1.0), (2, 0.5), (3, 0.3), (5, 0.2), (7, 0.1)))
    return tones * _slow(count, random, 0.003, 0.1) + random.normal(0, 1e-3, count)


def fan(count: int, random: np.random.Generator) -> Signal:
    """Low noise that beats with the blades."""
    time = np.arange(count) / SAMPLE_RATE
    return _band(random.normal(0, 1, count), 20, 600) * (1 + 0.3 * np.sin(2 * np.pi * 11 * time)) * 0.1


def typing(count: int, random: np.random.Generator) -> Signal:
    """Keys in bursts, each a click down and a softer one up."""
    return _strikes(count, random, every=0.14, decay=0.004, loud=0.4) + random.normal(0, 5e-4, count)


def knocks(count: int, random: np.random.Generator) -> Signal:
    """Cups and doors: dull, ringing, now and then."""
    return _band(_strikes(count, random, every=2.0, decay=0.06, loud=0.8), 60, 900) + random.normal(0, 5e-4, count)


def breathing(count: int, random: np.random.Generator) -> Signal:
    """In and out every four seconds, right at the microphone."""
    time = np.arange(count) / SAMPLE_RATE
    breath = np.clip(np.sin(2 * np.pi * 0.25 * time), 0, 1) + 0.6 * np.clip(np.sin(2 * np.pi * 0.25 * time - 2.6), 0, 1)
    return _band(random.normal(0, 1, count), 300, 3000) * breath**2 * _slow(count, random, 0.01, 0.15)


def music(count: int, random: np.random.Generator) -> Signal:
    """Chords of a few voices with harmonics and vibrato, and a beat."""
    sound = np.zeros(count)
    length = SAMPLE_RATE // 2
    time = np.arange(length) / SAMPLE_RATE
    for at in range(0, count - length, length):
        root = 110 * 2 ** (random.integers(0, 12) / 12)
        for ratio in (1, 1.26, 1.5, 2 * 2 ** (random.integers(0, 8) / 12)):
            vibrato = 0.004 * np.sin(2 * np.pi * 5.5 * time)
            for harmonic in range(1, 6):
                sound[at : at + length] += np.sin(2 * np.pi * root * ratio * harmonic * (time + vibrato)) / harmonic**2
        sound[at : at + length] *= np.minimum(1, 40 * time) * np.exp(-2 * time)
    return 0.05 * sound + _strikes(count, random, every=0.5, decay=0.02, loud=0.2)


def melody(count: int, random: np.random.Generator) -> Signal:
    """A bowed instrument: a glottal sort of wave with vibrato and the resonances of a body, note after note."""
    notes = 196 * 2 ** (random.choice([0, 2, 4, 5, 7, 9, 11, 12], count // 8000 + 2) / 12)
    time = np.arange(count) / SAMPLE_RATE
    pitch = np.repeat(notes, 8000)[:count] * (1 + 0.01 * np.sin(2 * np.pi * 5 * time))
    saw = 2 * ((np.cumsum(pitch) / SAMPLE_RATE) % 1) - 1
    body = sum(_band(saw, centre - width, centre + width) for centre, width in ((450, 150), (1100, 200), (2600, 300)))
    return 0.05 * body * (0.4 + 0.6 * np.abs(np.sin(np.pi * time * 2)))


KINDS: Mapping[str, Callable[[int, np.random.Generator], Signal]] = {
    kind.__name__: kind for kind in (silence, hiss, hum, fan, typing, knocks, breathing, music, melody)
}


class Lines:
    """An interviewer who has already spoken: when his lines sounded."""

    until = 0.0

    def __init__(self, sounding: list[tuple[float, float]]) -> None:
        self._sounding = sounding

    def sounds_in(self, frame: Frame) -> bool:
        return any(start - 0.05 < frame.end and frame.start < end + ECHO_SECONDS for start, end in self._sounding)


class Room:
    """A microphone in a room with such a sound."""

    kind: Input = "mic"
    interactive = True
    paced = False
    trouble = None
    notes: tuple[str, ...] = ()

    def __init__(self, sound: Float32) -> None:
        self._sound = sound

    def open(self, origin: float) -> None:
        pass

    def items(self, start: float) -> Iterator[Frame | Gap | Line]:
        for at in range(0, len(self._sound), _STEP):
            yield Frame(at / SAMPLE_RATE, self._sound[at : at + _STEP])

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass


def loudspeaker(count: int, random: np.random.Generator) -> tuple[Signal, list[tuple[float, float]]]:
    """All that an interviewer says, out of a loudspeaker into a room that echoes; and when each line was played."""
    sound, sounding, at = random.normal(0, 5e-4, count), [], SAMPLE_RATE
    echo = random.normal(0, 1, round(_ROOM_SECONDS * SAMPLE_RATE))
    echo *= np.exp(-6.9 * np.arange(len(echo)) / len(echo)) * 0.05
    echo[0] = 1.0
    voices = choose_voices("auto")
    texts = [text for texts in load_lines().values() for text in texts]
    while voices:
        text = texts[random.integers(len(texts))].format_map(defaultdict(lambda: "the feed of a social app"))
        spoken = render_with_fallback(voices, text).spoken
        if spoken is None:
            break
        played = _at_our_rate(np.asarray(spoken.samples, np.float64) / 32768, spoken.sample_rate)
        heard = 0.3 * np.fft.irfft(np.fft.rfft(played, len(played) * 2) * np.fft.rfft(echo, len(played) * 2))
        heard = heard[: len(played) + len(echo)]
        begin = at + round(_OUTPUT_SECONDS * SAMPLE_RATE)
        if begin + len(heard) > count:
            break
        sound[begin : begin + len(heard)] += heard
        sounding.append((at / SAMPLE_RATE, (at + len(played)) / SAMPLE_RATE))
        at += len(played) + 3 * SAMPLE_RATE
    return sound, sounding


def heard_in(
    sound: Signal, recogniser: Recogniser, sounding: list[tuple[float, float]] | None = None
) -> tuple[float, list[str]]:
    """Seconds of a sound that were taken for speech, and the words heard in them."""
    room, clock = Room(sound.astype(np.float32)), SessionClock(paced=False)
    with tempfile.TemporaryDirectory() as folder:
        interviewer: Interviewer = Lines(sounding or [])  # type: ignore[assignment]
        listening = Listening(room, Path(folder, "audio.pcm"), clock, interviewer, lambda event: None)
        thread = threading.Thread(target=listening.run)
        thread.start()
        seconds, words = 0.0, []
        while (segment := listening.segments.get()) is not None:
            assert isinstance(segment, Segment)
            seconds += segment.end - segment.start
            words += recogniser.transcribe(segment).text.split()
        thread.join()
    return seconds, words


def _slow(count: int, random: np.random.Generator, low: float, high: float) -> Signal:
    """A loudness that wanders between two amplitudes, a new one every five seconds."""
    knots = np.exp(random.uniform(np.log(low), np.log(high), count // (5 * SAMPLE_RATE) + 2))
    return np.interp(np.arange(count) / (5 * SAMPLE_RATE), np.arange(len(knots)), knots)


def _band(sound: Signal, low: float, high: float) -> Signal:
    spectrum = np.fft.rfft(sound)
    frequency = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    filtered: Signal = np.fft.irfft(spectrum * ((frequency >= low) & (frequency <= high)), len(sound))
    return filtered / max(1e-9, float(np.std(filtered))) * float(np.std(sound))


def _strikes(count: int, random: np.random.Generator, every: float, decay: float, loud: float) -> Signal:
    sound = np.zeros(count)
    size = round(8 * decay * SAMPLE_RATE)
    ring = np.exp(-np.arange(size) / (decay * SAMPLE_RATE))
    at = 0
    while (at := at + round(random.exponential(every) * SAMPLE_RATE) + size) < count - size:
        sound[at : at + size] += random.normal(0, 1, size) * ring * loud * random.uniform(0.2, 1)
    return sound


def _at_our_rate(sound: Signal, rate: int) -> Signal:
    count = round(len(sound) * SAMPLE_RATE / rate)
    resampled: Signal = np.interp(np.arange(count) / SAMPLE_RATE, np.arange(len(sound)) / rate, sound)
    return resampled


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--model", default="base")
    parser.add_argument("--hotwords", help="id of the problem whose terms are listened for")
    chosen = parser.parse_args()
    recogniser = load_recogniser(chosen.hotwords, chosen.model)
    count = round(chosen.minutes * 60 * SAMPLE_RATE / (len(KINDS) + 1))
    total = 0
    for number, (name, make) in enumerate(KINDS.items()):
        total += told(name, count, *heard_in(make(count, np.random.default_rng(number)), recogniser))
    sound, sounding = loudspeaker(count, np.random.default_rng(99))
    total += told("loudspeaker", count, *heard_in(sound, recogniser, sounding))
    print(f"{total} words in {chosen.minutes:.0f} minutes")


def told(name: str, count: int, seconds: float, words: list[str]) -> int:
    print(
        f"{name:12} {count / SAMPLE_RATE:5.0f} s, {seconds:5.1f} s taken for speech, {len(words)} words: {words[:12]}"
    )
    return len(words)


if __name__ == "__main__":
    main()
