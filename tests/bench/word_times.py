"""How far the beginnings of words are from where they were spoken.

    python tests/bench/word_times.py [--model base] [--texts 4]

Speaks term_texts.txt in pieces of one to three words with the natural voice, each a rendering of its own, so that it is
known to the sample where the first word of each begins: where the piece first is a hundredth as loud as at its loudest.
Between pieces is a pause shorter than speakers make between phrases. Prints the errors of the words that were recognised
as what they are.
"""

import argparse
import itertools
import random
import sys
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from speech.frames import SAMPLE_RATE, Float32
from speech.transcriber import Transcriber, transcribe_file
from speech.voice_engines import HibariVoice
from tests.bench.term_recall import read_texts, tokens

_PAUSE_SECONDS = (0.08, 0.25)
_SENTENCE_SECONDS = 0.7
_AUDIBLE = 0.01
_EDGE_SECONDS = 0.005


def pieces_of(sentence: str, chance: random.Random) -> list[str]:
    """The sentence in pieces of one to three words."""
    words = iter(sentence.split())
    found = []
    while piece := list(itertools.islice(words, chance.randint(1, 3))):
        found.append(" ".join(piece))
    return found


def audible(samples: Float32) -> Float32:
    """The samples from the first audible one to the last."""
    loud = np.flatnonzero(np.abs(samples) > _AUDIBLE * np.max(np.abs(samples)))
    edge = round(_EDGE_SECONDS * SAMPLE_RATE)
    return samples[max(0, loud[0] - edge) : loud[-1] + edge]


def spoken(sentences: list[str], voice: HibariVoice) -> tuple[Float32, list[tuple[str, float | None]]]:
    """Sound, and its words with the second at which each began where that is known."""
    chance = random.Random(0)
    sound: list[Float32] = [np.zeros(SAMPLE_RATE, np.float32)]
    said: list[tuple[str, float | None]] = []
    at = SAMPLE_RATE
    for sentence in sentences:
        for piece in pieces_of(sentence, chance):
            rendered = voice.render(piece)
            floats = rendered.samples.astype(np.float32) / 32768
            samples = audible(resample_poly(floats, SAMPLE_RATE, rendered.sample_rate).astype(np.float32))
            first, *others = tokens(piece) or [""]
            said += [(first, at / SAMPLE_RATE + _EDGE_SECONDS), *((word, None) for word in others)]
            pause: Float32 = np.zeros(round(chance.uniform(*_PAUSE_SECONDS) * SAMPLE_RATE), np.float32)
            sound += [samples, pause]
            at += len(samples) + len(pause)
        sound.append(np.zeros(round(_SENTENCE_SECONDS * SAMPLE_RATE), np.float32))
        at += len(sound[-1])
    return np.concatenate([*sound, np.zeros(SAMPLE_RATE, np.float32)]), said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="base")
    parser.add_argument("--texts", type=int, default=4, help="how many of the texts")
    chosen = parser.parse_args()
    transcriber, voice = Transcriber(chosen.model), HibariVoice(1.0)
    errors: list[float] = []
    known = 0
    for text in read_texts()[: chosen.texts]:
        sound, said = spoken(text.sentences, voice)
        heard = [
            (token, word.start)
            for segment in transcribe_file(sound, transcriber)
            for word in segment.words
            for token in tokens(word.text)[:1]
        ]
        known += sum(begin is not None for _, begin in said)
        matcher = SequenceMatcher(None, [word for word, _ in said], [word for word, _ in heard], autojunk=False)
        for block in matcher.get_matching_blocks():
            for (_, begin), (_, found) in zip(
                said[block.a : block.a + block.size], heard[block.b : block.b + block.size], strict=True
            ):
                errors += [] if begin is None else [found - begin]
    off = np.abs(errors)
    print(
        f"{chosen.model}: beginnings of {len(errors)} of {known} words: median error {1000 * np.median(off):.0f} ms,"
        f" 90th percentile {1000 * np.percentile(off, 90):.0f} ms, more than 300 ms off {100 * np.mean(off > 0.3):.1f} %;"
        f" early or late by {1000 * np.median(errors):+.0f} ms"
    )


if __name__ == "__main__":
    main()
