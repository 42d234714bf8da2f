"""Rough text while somebody speaks."""

import itertools
from collections.abc import Callable

import jiwer
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.endpointer import Endpointer
from speech.frames import Float32, Frame, Segment
from speech.partial import Partial, PartialText
from speech.transcriber import Transcriber
from tests.speech.conftest import BASELINE, INTRODUCTION, LABELS, Samples
from tests.speech.test_transcriber import plain

RATE = 16_000


def segment(samples: Float32, start: float = 0.0) -> Segment:
    return Segment(start, start + len(samples) / RATE, samples)


def test_speech_that_goes_on_is_written_as_far_as_it_was_heard(speak: Callable[[str], Samples]) -> None:
    sound = np.concatenate([speak(text) for text in (INTRODUCTION, LABELS, BASELINE)])
    endpointer = Endpointer(silences=[(0.0, 1.5)])
    partials, shown = PartialText(Transcriber("tiny.en").write_roughly), []
    for at in range(0, len(sound), RATE):
        endpointer.feed(Frame(5 + at / RATE, sound[at : at + RATE]))
        if (running := endpointer.open_segment) is not None:
            shown.append(partials.update(running))
    assert [partial.start for partial in shown] == [shown[0].start] * len(shown)
    assert all(one.end < other.end for one, other in itertools.pairwise(shown))
    assert shown[-1].end == pytest.approx(5 + len(sound) / RATE, abs=0.3)
    said = plain(f"{INTRODUCTION} {LABELS} {BASELINE}").replace("three hundred million", "300 million")
    assert jiwer.wer(said, plain(shown[-1].text)) < 0.2


def test_a_loop_ends_soon() -> None:
    text = Transcriber("tiny.en").write_roughly(np.random.default_rng(0).normal(0, 0.1, 2 * RATE).astype(np.float32))
    assert len(text.split()) <= 20


@settings(max_examples=40)
@given(st.lists(st.floats(0.05, 12), min_size=1, max_size=6), st.integers(0, 9))
def test_every_sample_is_heard_once_and_never_much_at_a_time(steps: list[float], seed: int) -> None:
    """The text of a stretch of sound is, here, its samples."""
    sound = np.random.default_rng(seed).normal(0, 1, round(sum(steps) * RATE) + 1).astype(np.float32)
    heard: dict[str, Float32] = {}

    def write(samples: Float32) -> str:
        assert len(samples) <= 5 * RATE
        heard[name := f"p{len(heard)}"] = samples
        return name

    partials, at = PartialText(write), 0
    for step in steps:
        at += round(step * RATE)
        partial = partials.update(segment(sound[:at], 100.0))
        pieces = [heard[name] for name in partial.text.split()]
        written = np.concatenate([np.zeros(0, np.float32), *pieces])
        assert np.array_equal(written, sound[: len(written)])
        assert partial.start == 100.0
        assert abs(partial.end - 100.0 - max(len(written), 0) / RATE) <= 0.5


def test_the_next_segment_begins_with_nothing() -> None:
    partials = PartialText(lambda samples: f"{len(samples) / RATE:.0f}")
    assert partials.update(segment(np.zeros(3 * RATE, np.float32))).text == "3"
    assert partials.update(segment(np.zeros(2 * RATE, np.float32), 7.0)) == Partial(7.0, 9.0, "2")


def test_better_text_of_the_beginning_is_kept() -> None:
    partials = PartialText(lambda samples: f"{len(samples) / RATE:.0f}")
    partials.take(Partial(0.0, 6.0, "So far"))
    assert partials.update(segment(np.zeros(8 * RATE, np.float32))) == Partial(0.0, 8.0, "So far 2")
