"""Pace, pauses and fillers, measured on the candidate alone."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.delivery import measure, pauses
from analysis.language import read
from analysis.report import Delivery, Filler, Pause
from speech.transcript import Speaker, Utterance, Word


def said(
    start: float, end: float, text: str, speaker: Speaker = "candidate", words: tuple[Word, ...] = ()
) -> Utterance:
    return Utterance(0, start, end, speaker, text, words)


def delivery(*utterances: Utterance, duration: float | None = None) -> Delivery:
    length = max((u.end for u in utterances), default=0.0) if duration is None else duration
    return measure(utterances, read(u.text for u in utterances), length)


def spoken(text: str, first: float = 0.0, each: float = 0.5) -> Utterance:
    """An utterance with word times, each word as long."""
    words = tuple(Word(first + i * each, first + (i + 1) * each, word) for i, word in enumerate(text.split()))
    return said(words[0].start, words[-1].end, text, words=words)


def test_nobody_speaking_is_silence() -> None:
    assert delivery(duration=60.0) == Delivery(0.0, 0.0, 60.0, (), 0.0, (Pause(0.0, 60.0),), ())


def test_pace_counts_the_candidates_speaking_time_only() -> None:
    found = delivery(said(0, 30, "word " * 75), said(30, 60, "other " * 10, "interviewer"), said(90, 120, "word " * 75))
    assert found.words_per_minute == 150
    assert found.speaking_seconds == 60
    assert found.silence_seconds == 30
    assert found.long_pauses == (Pause(60, 90),)


def test_a_word_of_no_length_has_no_pace() -> None:
    found = delivery(said(0, 1e-310, "um"))
    assert (found.words_per_minute, found.fillers_per_minute) == (0, 0)


def test_pace_is_followed_minute_by_minute() -> None:
    found = delivery(said(0, 60, "word " * 100), said(60, 120, "word " * 200), said(120, 125, "word"))
    assert [(point.start, point.words_per_minute) for point in found.pace] == [(0, 100), (60, 200)]


def test_an_utterance_over_the_minute_counts_in_both() -> None:
    assert [point.words_per_minute for point in delivery(said(30, 90, "word " * 120)).pace] == [120, 120]


def test_fillers_are_counted_with_their_seconds() -> None:
    found = delivery(spoken("um we rank um by score"), spoken("uh you know by time", first=20))
    assert found.fillers == (Filler("um", 2, (0.0, 1.5)), Filler("uh", 1, (20.0,)), Filler("you know", 1, (20.5,)))
    assert found.fillers_per_minute == pytest.approx(4 / (5.5 / 60), abs=0.01)


def test_without_word_times_a_filler_is_placed_by_its_position() -> None:
    ((_, _, (second,)),) = [(f.text, f.count, f.start) for f in delivery(said(10, 20, "we rank um it")).fillers]
    assert 10 < second < 20


@pytest.mark.parametrize("text", ["so...um", "well...um", "rank-um", "«um»", "um,uh"])
def test_a_filler_that_is_only_part_of_a_word_is_said_with_that_word(text: str) -> None:
    utterance = said(3, 4, text, words=(Word(3, 4, text),))
    for filler in delivery(utterance).fillers:
        assert set(filler.start) == {3.0}


def test_the_interviewers_fillers_and_words_are_not_counted() -> None:
    found = delivery(said(0, 10, "um uh um", "interviewer"))
    assert (found.fillers, found.words_per_minute, found.speaking_seconds) == ((), 0.0, 0.0)


def test_two_speaking_at_once_leave_no_negative_silence() -> None:
    found = delivery(said(0, 10, "a b c"), said(2, 12, "d e f", "interviewer"), said(4, 6, "g"))
    assert found.speaking_seconds == 10 and found.silence_seconds == 0


TIMES = st.floats(0, 7200, allow_nan=False).map(lambda value: round(value, 2))


@st.composite
def sessions(draw: st.DrawFn) -> list[Utterance]:
    rows = draw(
        st.lists(
            st.tuples(TIMES, st.floats(0, 300), st.sampled_from(["um we rank", "yes", "so...um", "you know"])),
            max_size=12,
        )
    )
    speakers = st.sampled_from(get_args(Speaker))
    return [said(start, round(start + length, 2), text, draw(speakers)) for start, length, text in sorted(rows)]


@settings(max_examples=80, deadline=None)
@given(sessions(), st.floats(0, 600))
def test_nothing_is_negative_or_longer_than_the_session(utterances: list[Utterance], silence: float) -> None:
    duration = max((u.end for u in utterances), default=0.0) + silence
    found = delivery(*utterances, duration=duration)
    assert 0 <= found.speaking_seconds <= duration + 0.01
    assert 0 <= found.silence_seconds <= duration + 0.01
    assert found.words_per_minute >= 0 and found.fillers_per_minute >= 0
    assert all(filler.count == len(filler.start) for filler in found.fillers)
    assert all(0 <= second <= duration for filler in found.fillers for second in filler.start)
    assert all(point.words_per_minute > 0 and point.start <= duration for point in found.pace)


@settings(max_examples=80, deadline=None)
@given(sessions(), st.floats(1, 60), st.floats(0, 100))
def test_pauses_are_disjoint_and_nobody_speaks_in_them(
    utterances: list[Utterance], least: float, silence: float
) -> None:
    duration = max((u.end for u in utterances), default=0.0) + silence
    clock = 0.0
    for pause in pauses(utterances, duration, least):
        assert clock <= pause.start and pause.end <= duration + 0.01
        assert pause.end - pause.start >= least - 0.02
        assert not any(u.start < pause.end - 0.01 and u.end > pause.start + 0.01 for u in utterances)
        clock = pause.end
