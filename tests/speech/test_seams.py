"""A monologue that had to be cut reads as if it had not been."""

import itertools
from pathlib import Path

import jiwer
import pytest

from speech.decode import decode
from speech.endpointer import Endpointer
from speech.frames import SAMPLE_RATE, Float32, Frame, Segment
from speech.transcriber import Transcriber
from tests.speech.test_transcriber import plain

_ANSWER = Path(__file__).parents[2] / "demo" / "answer.opus"
_FROM, _UNTIL = 30, 54


@pytest.fixture(scope="module")
def base() -> Transcriber:
    return Transcriber("base")


@pytest.fixture(scope="module")
def sound() -> Float32:
    return decode(_ANSWER).samples[_FROM * SAMPLE_RATE : _UNTIL * SAMPLE_RATE]


@pytest.fixture(scope="module")
def one_pass(sound: Float32, base: Transcriber) -> str:
    return plain(base.transcribe(Segment(0.0, len(sound) / SAMPLE_RATE, sound)).text)


@pytest.mark.parametrize("longest", [7.3, 9.1, 12.7])
def test_wherever_it_is_cut_no_word_is_doubled_or_lost(
    longest: float, sound: Float32, base: Transcriber, one_pass: str
) -> None:
    endpointer = Endpointer(longest, silences=[(0.0, 60.0)])
    segments = endpointer.feed(Frame(0.0, sound)) + endpointer.flush()
    assert len(segments) >= len(sound) / SAMPLE_RATE / longest
    heard = [plain(base.transcribe(segment).text) for segment in segments]
    compared = jiwer.process_words(one_pass, " ".join(heard))
    # A word or two is the recogniser's own variance between two hearings.
    assert compared.insertions + compared.deletions + compared.substitutions <= 3
    for before, after in itertools.pairwise(heard):
        pair = f"{before.split()[-1]} {after.split()[0]}"
        assert before.split()[-1] != after.split()[0] or pair in one_pass
