"""People at the next desk, or a television: a far quieter voice than the candidate's is nobody's answer."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.endpointer import Endpointer
from speech.foreground import Foreground
from speech.frames import SAMPLE_RATE, Float32, Segment
from tests.speech.conftest import BASELINE, INTRODUCTION, LABELS, Samples
from tests.speech.test_endpointer import frames, times

FAR = 10.0 ** (-24 / 20)
PAUSE = np.zeros(2 * SAMPLE_RATE, np.float32)


def heard(sound: Float32, foreground: Foreground | None) -> list[Segment]:
    endpointer = Endpointer(foreground=foreground)
    found = [segment for frame in frames(sound) for segment in endpointer.feed(frame)]
    return found + endpointer.flush()


def seconds(found: Sequence[Segment]) -> float:
    return sum(segment.end - segment.start for segment in found)


def test_who_talks_in_the_background_while_the_candidate_thinks_is_not_heard(speak: Callable[[str], Samples]) -> None:
    first, far, second = speak(f"{INTRODUCTION} {LABELS}"), FAR * speak("How many users do we have?"), speak(BASELINE)
    alone = np.concatenate([first, PAUSE, 0 * far, PAUSE, second])
    both = np.concatenate([first, PAUSE, far, PAUSE, second])
    assert len(heard(both, None)) > len(heard(alone, None))
    assert times(heard(both, Foreground())) == pytest.approx(np.array(times(heard(alone, None))), abs=0.1)


def test_a_television_that_was_there_first_is_not_heard_once_somebody_is_nearer(
    speak: Callable[[str], Samples],
) -> None:
    television, near = FAR * speak(f"{INTRODUCTION} {LABELS}"), speak(f"{BASELINE} {LABELS}")
    found = heard(np.concatenate([television, PAUSE, near, PAUSE, television]), Foreground())
    begin, end = (len(television) + len(PAUSE)) / SAMPLE_RATE, (len(television) + len(PAUSE) + len(near)) / SAMPLE_RATE
    alone = heard(np.concatenate([0 * television, PAUSE, near, PAUSE]), None)
    assert seconds([one for one in found if one.end > begin]) == pytest.approx(seconds(alone), abs=0.5)
    assert found[-1].end < end + 0.3


def test_who_moves_away_for_good_is_heard_again(speak: Callable[[str], Samples]) -> None:
    near = speak(f"{INTRODUCTION} {LABELS}")
    far = np.tile(FAR * near, int(np.ceil(40 * SAMPLE_RATE / len(near))))
    sound = np.concatenate([near, near, far])
    found = heard(sound, Foreground())
    assert found[-1].end > len(sound) / SAMPLE_RATE - 1
    assert seconds(heard(sound, None)) - seconds(found) < 35


@settings(max_examples=10)
@given(louder_db=st.lists(st.floats(-6, 6), min_size=3, max_size=3))
def test_of_one_person_who_speaks_up_and_down_nothing_is_lost(
    speak: Callable[[str], Samples], louder_db: list[float]
) -> None:
    texts = (INTRODUCTION, LABELS, BASELINE)
    said = [np.float32(10.0 ** (db / 20)) * speak(text) for text, db in zip(texts, louder_db, strict=True)]
    sound = np.concatenate([piece / 2 for one in said for piece in (one, PAUSE)])
    assert seconds(heard(sound, Foreground())) == pytest.approx(seconds(heard(sound, None)), abs=0.2)
