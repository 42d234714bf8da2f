"""A word begins where it sounds, not where the pause before it does."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from speech.frames import SAMPLE_RATE, Float32
from speech.onset import start_at_sound
from speech.transcript import Word


def sound(*parts: tuple[float, float]) -> Float32:
    """Noise in parts of (seconds, loudness)."""
    chance = np.random.default_rng(0)
    return np.concatenate(
        [loud * chance.standard_normal(round(seconds * SAMPLE_RATE)) for seconds, loud in parts]
    ).astype(np.float32)


def word(start: float, end: float) -> Word:
    return Word(start, end, "so", 0.9)


SPEECH, PAUSE = 0.2, 0.001


def test_the_pause_before_a_word_is_no_part_of_it() -> None:
    samples = sound((1.0, SPEECH), (0.4, PAUSE), (0.6, SPEECH))
    before, after = start_at_sound([word(0.2, 1.0), word(1.0, 2.0)], samples)
    assert before.start == 0.2
    assert abs(after.start - 1.4) < 0.02 and after.end == 2.0


def test_the_end_of_the_word_before_may_still_sound() -> None:
    (found,) = start_at_sound([word(0.9, 2.0)], sound((1.0, SPEECH), (0.3, PAUSE), (0.7, SPEECH)))
    assert abs(found.start - 1.3) < 0.02


def test_a_closure_within_a_word_is_no_pause() -> None:
    (found,) = start_at_sound([word(0.5, 1.5)], sound((0.7, SPEECH), (0.06, PAUSE), (1.0, SPEECH)))
    assert found.start == 0.5


def test_where_nothing_is_quiet_nothing_moves() -> None:
    samples = sound((1.0, SPEECH), (0.4, SPEECH / 2), (0.6, SPEECH))
    assert start_at_sound([word(1.0, 2.0)], samples)[0].start == 1.0
    assert start_at_sound([word(0.0, 1.0)], np.zeros(0, np.float32))[0].start == 0.0


@given(
    st.lists(st.tuples(st.floats(0, 2), st.sampled_from((SPEECH, PAUSE, 0.0))), max_size=6),
    st.lists(st.floats(0, 8), min_size=2, max_size=8),
)
def test_words_stay_in_order_and_keep_their_ends(parts: list[tuple[float, float]], times: list[float]) -> None:
    times.sort()
    words = [word(start, end) for start, end in pairwise(times)]
    moved = start_at_sound(words, sound((0.1, PAUSE), *parts))
    for before, after in zip(words, moved, strict=True):
        assert before.start <= after.start <= max(before.start, before.end) and after.end == before.end
