"""Prints how much of a voice in the background is taken for the candidate's.

    python tests/bench/background.py NEAR FAR

NEAR is a recording of who practises, who here pauses for five seconds after every ten; FAR one of somebody else, who talks
all the time, at several levels below. Speech in the pauses, and the words read there, are the other's.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from speech.decode import decode
from speech.endpointer import Endpointer
from speech.foreground import Foreground
from speech.frames import SAMPLE_RATE, Float32, Frame
from speech.transcriber import Transcriber

LEVELS_DB = (-12, -18, -24)
_TALK, _PAUSE = 10 * SAMPLE_RATE, 5 * SAMPLE_RATE
_EDGE_SECONDS = 0.5


def loudness(sound: Float32) -> float:
    """Root mean square of the louder half of its pieces of 20 ms."""
    power = np.square(sound[: len(sound) // 320 * 320]).reshape(-1, 320).mean(axis=1)
    return float(np.sqrt(power[power >= np.median(power)].mean()))


def heard_in_pauses(sound: Float32, foreground: Foreground | None, transcriber: Transcriber) -> tuple[float, int]:
    """Seconds of the pauses that are in segments, and words in them."""
    endpointer = Endpointer(foreground=foreground)
    segments = [*endpointer.feed(Frame(0.0, sound)), *endpointer.flush()]
    seconds, words = 0.0, 0
    for at in range(_TALK, len(sound), _TALK + _PAUSE):
        begin, end = at / SAMPLE_RATE + _EDGE_SECONDS, (at + _PAUSE) / SAMPLE_RATE - _EDGE_SECONDS
        seconds += sum(max(0.0, min(end, segment.end) - max(begin, segment.start)) for segment in segments)
        for segment in segments:
            if segment.start < end and begin < segment.end:
                words += sum(begin < word.start and word.end < end for word in transcriber.transcribe(segment).words)
    return seconds, words


def main(near: Path, far: Path) -> None:
    talk, other = decode(near).samples, decode(far).samples
    pieces = [talk[at : at + _TALK] for at in range(0, len(talk) - _TALK + 1, _TALK)]
    sound = np.concatenate([part for piece in pieces for part in (piece, np.zeros(_PAUSE, np.float32))])
    behind = np.resize(other, len(sound)) * (loudness(talk) / loudness(other))
    transcriber = Transcriber()
    pauses = len(pieces) * (_PAUSE / SAMPLE_RATE - 2 * _EDGE_SECONDS)
    print(f"{len(pieces)} pauses, {pauses:.0f} s; taken for speech of the candidate, and words read there:")
    print(f"{'below':>8} {'every voice':>20} {'the near voice':>20}")
    for db in LEVELS_DB:
        both = (sound + 10.0 ** (db / 20) * behind).astype(np.float32)
        row = [heard_in_pauses(both, which, transcriber) for which in (None, Foreground())]
        print(f"{db:>5} dB " + " ".join(f"{seconds:>8.1f} s {words:>3} words" for seconds, words in row))


if __name__ == "__main__":
    main(*(Path(each) for each in sys.argv[1:]))
