"""Recordings that are damaged in the middle keep what is before and after it."""

import io
import random

import numpy as np
import pytest

from speech.decode import Decoded, decode
from speech.frames import Float32
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.mutants import talk
from tests.speech.test_decode import encoded

CODECS = [
    ("flac", "flac", 16_000),
    ("mp4", "aac", 44_100),
    ("mp3", "libmp3lame", 44_100),
    ("ogg", "libopus", 48_000),
    ("webm", "libopus", 48_000),
]
SIZES = (1, 400, 4000)
_SECONDS = 120.0
_WINDOW = 8000
_SPOKEN = 0.01
_SAME = 0.9


def damaged(whole: bytes, size: int, seed: int) -> Decoded:
    """What is decoded of a file in which so many bytes about the middle are others."""
    data, dice = bytearray(whole), random.Random(f"{size}/{seed}")
    at = int(len(data) * dice.uniform(0.3, 0.7))
    data[at : at + size] = bytes(byte ^ dice.randrange(1, 256) for byte in data[at : at + size])
    return decode(io.BytesIO(bytes(data)))


def kept(whole: Float32, rest: Float32) -> float:
    """The share of half seconds with speech that are still there, not further than half a second from their place."""
    spoken = found = 0
    rest = np.pad(rest, (_WINDOW, len(whole) + _WINDOW))
    for at in range(0, len(whole) - _WINDOW, _WINDOW):
        piece = whole[at : at + _WINDOW]
        if np.sqrt(np.mean(piece**2)) < _SPOKEN:
            continue
        spoken += 1
        around = rest[at : at + 3 * _WINDOW]
        # Correlation of the piece with every place around it, normalised by the power there.
        length = 4 * _WINDOW
        match = np.fft.irfft(np.fft.rfft(around, length) * np.conj(np.fft.rfft(piece, length)))[: 2 * _WINDOW + 1]
        found += bool(np.max(match / np.sqrt(_sums(around**2) * np.sum(piece**2) + 1e-9)) > _SAME)
    return found / spoken


def _sums(values: Float32) -> np.ndarray:
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray(total[_WINDOW:] - total[:-_WINDOW])


@pytest.mark.hostile
def test_damage_in_the_middle(claim: Claim, sized: Sized) -> None:
    row = claim("B4", "A recording damaged in the middle loses what is damaged, not what follows")
    seeds = sized(1, 4)
    least, told, files = 1.0, 0, 0
    for container, codec, rate in CODECS:
        whole = encoded(talk(_SECONDS), container, codec, rate)
        reference = decode(io.BytesIO(whole)).samples
        assert kept(reference, reference) == 1.0
        assert kept(reference, reference[: len(reference) // 2]) < 0.6
        for size in SIZES:
            for seed in range(seeds):
                rest = damaged(whole, size, seed)
                least = min(least, kept(reference, rest.samples))
                # A block of FLAC is too short to be missed.
                if codec != "flac" and size > 1:
                    files += 1
                    told += bool(rest.notes)
    row.tried(
        f"{len(CODECS) * len(SIZES) * seeds} recordings of two minutes in 5 codecs, with 1, 400 and 4,000 bytes damaged"
    )
    row.at_least("speech kept, at worst", 100 * least, 95, "%")
    row.at_least("AAC, MP3 and Opus with 400 bytes and more damaged that are said to be", told, files)
