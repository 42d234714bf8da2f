"""Pace, pauses, fillers and hedges, measured on the candidate alone, and what is usual."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.delivery import measure, pauses
from analysis.delivery_table import load_delivery_table
from analysis.language import read
from analysis.report import Delivery, Filler, Hedge, Norm, Pause
from analysis.training.sessions import parse_session
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
    assert delivery(duration=60.0) == Delivery(0.0, 0.0, 60.0, (), 0.0, (), ())


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


def test_the_average_lies_between_the_slowest_and_the_fastest_minute() -> None:
    talk = [said(start, start + 4.2, "word " * 12) for start in range(0, 300, 5)]  # breaths count as speaking time
    found = delivery(*talk)
    paces = [point.words_per_minute for point in found.pace]
    assert len(paces) == 5 and min(paces) <= found.words_per_minute <= max(paces)


def test_fillers_are_counted_with_their_seconds() -> None:
    found = delivery(spoken("um we rank um by score"), spoken("uh you know by time", first=20))
    assert found.fillers_per_hundred == pytest.approx(100 * 4 / 11, abs=0.01)
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


def test_hedges_are_counted_by_phrase_with_their_seconds() -> None:
    found = delivery(spoken("maybe we rank I guess by score"), spoken("so Maybe by time", first=20))
    assert found.hedges == (Hedge("maybe", 2, (0.0, 20.5)), Hedge("i guess", 1, (1.5,)))
    assert found.hedges_per_hundred == pytest.approx(100 * 3 / 11, abs=0.01)


def test_a_hedge_is_not_counted_as_a_filler_too() -> None:
    found = delivery(spoken("um it is kind of slow"))
    assert [filler.text for filler in found.fillers] == ["um"]
    assert [hedge.text for hedge in found.hedges] == ["kind of"]


def test_the_interviewers_hedges_are_not_counted() -> None:
    assert delivery(said(0, 10, "maybe, I guess", "interviewer")).hedges == ()


PLAIN = "we rank the posts by their score"


@pytest.mark.parametrize(
    "before",
    [
        "give me a minute to draw",
        "Let me think for a second.",
        "okay, let me, um, quickly sketch this",
        "I'd like half a minute of silence now",
        "can I take a moment here",
        "I'm just going to write that down",
        "bear with me",
        "drawing this now",
        "one second",
    ],
)
def test_a_pause_is_announced_by_what_was_said_just_before(before: str) -> None:
    later = said(50, 55, PLAIN)
    assert delivery(said(0, 10, before), later).long_pauses == (Pause(10, 50, announced=True),)
    between = said(11, 14, "so um")
    assert delivery(said(0, 10, before), between, later).long_pauses == (Pause(14, 50, announced=True),)


def test_the_interviewer_may_give_leave_for_a_pause() -> None:
    found = delivery(said(0, 10, PLAIN), said(10, 12, "Sure, take your time.", "interviewer"), said(40, 50, PLAIN))
    assert found.long_pauses == (Pause(12, 40, announced=True),)


@pytest.mark.parametrize(
    "before", [PLAIN, "so let me move on to the data", "um so what else hmm", "training takes a day"]
)
def test_other_words_announce_nothing(before: str) -> None:
    found = delivery(said(0, 10, before), said(50, 55, PLAIN))
    assert found.long_pauses == (Pause(10, 50),)
    assert found.longest_pause_seconds == 40


def test_an_announcement_long_ago_is_over() -> None:
    found = delivery(said(0, 5, "let me draw"), said(5, 9, PLAIN), said(9, 13, PLAIN), said(30, 40, PLAIN))
    assert found.long_pauses == (Pause(13, 30),)


def test_a_silence_that_the_interviewer_ends_is_not_the_candidates() -> None:
    assert delivery(said(0, 10, PLAIN), said(40, 45, "What about latency?", "interviewer")).long_pauses == ()


@pytest.mark.parametrize(
    "rescue", ["Are you still there?", "What about the data? Yes, sorry, I got stuck.", "Hello? I lost the thread."]
)
def test_it_is_the_candidates_where_words_after_it_say_so(rescue: str) -> None:
    question, _, answer = rescue.partition("? ")
    found = delivery(
        said(0, 10, PLAIN), said(40, 45, f"{question}?", "interviewer"), said(46, 50, answer or "Yes, so we rank.")
    )
    assert found.long_pauses == (Pause(10, 40),)


def test_silence_before_the_first_and_after_the_last_word_is_nobodys_pause() -> None:
    assert delivery(said(100, 110, PLAIN), duration=900).long_pauses == ()


def test_a_pause_inside_an_utterance_is_found_by_its_word_times() -> None:
    words = (Word(0, 1, "we"), Word(11, 12, "rank"))
    assert delivery(said(0, 12, "we rank", words=words)).long_pauses == (Pause(1, 11),)


def norm(found: Delivery, measure: str) -> Norm:
    (row,) = [row for row in found.norms if row.measure == measure]
    return row


@pytest.mark.parametrize(("words", "verdict"), [(100, "below"), (150, "usual"), (240, "above")])
def test_each_figure_stands_beside_what_is_usual(words: int, verdict: str) -> None:
    row = norm(delivery(said(0, 120, "word " * words * 2), said(120, 125, "I see.", "interviewer")), "words_per_minute")
    assert (row.value, row.verdict) == (words, verdict)
    assert (row.low, row.high, row.source) == (125, 210, "Tauroza and Allison 1990")


def test_figures_of_ours_say_that_they_are_and_why() -> None:
    found = delivery(said(0, 60, "word " * 150), said(60, 65, "Go on.", "interviewer"))
    assert len(found.norms) == 5
    ours = {row.measure for row in found.norms if row.source is None}
    assert ours == {"hedges_per_hundred", "longest_monologue_seconds", "longest_pause_seconds"}
    assert all(row.note for row in found.norms)
    assert all(row.value == getattr(found, row.measure) for row in found.norms)


def test_what_cannot_be_compared_is_not() -> None:
    assert delivery(said(0, 5, "um maybe")).norms == (), "rates over a few words"
    alone = {row.measure for row in delivery(said(0, 600, "word " * 1500)).norms}
    assert "longest_monologue_seconds" not in alone, "the interviewer may have spoken unheard"
    slow = {row.measure for row in delivery(said(0, 600, "word " * 150)).norms}
    assert "words_per_minute" not in slow, "such times count pauses as speech"


def test_hesitant_talks_stay_below_our_limit_of_hedges() -> None:
    folder = Path(__file__).parents[2] / "analysis" / "training" / "sessions"
    for path in (folder / "b" / "credit-risk-rambling.session", folder / "a" / "podcast-hesitant.session"):
        utterances = parse_session(path.read_text(encoding="utf-8"), path.stem, "").utterances
        assert 0.5 < delivery(*utterances).hedges_per_hundred < load_delivery_table().norms["hedges_per_hundred"].high


TIMES = st.floats(0, 7200, allow_nan=False).map(lambda value: round(value, 2))


TEXTS = (
    "um we rank",
    "yes",
    "so...um",
    "you know",
    "maybe I guess",
    "shall I go on?",
    "let me think",
    "how do we rank?",
)


@st.composite
def sessions(draw: st.DrawFn) -> list[Utterance]:
    rows = draw(
        st.lists(
            st.tuples(TIMES, st.floats(0, 300), st.sampled_from(TEXTS)),
            max_size=12,
        )
    )
    speakers = st.sampled_from(get_args(Speaker))
    return [said(start, round(start + length, 2), text, draw(speakers)) for start, length, text in sorted(rows)]


@settings(max_examples=80)
@given(sessions(), st.floats(0, 600))
def test_nothing_is_negative_or_longer_than_the_session(utterances: list[Utterance], silence: float) -> None:
    duration = max((u.end for u in utterances), default=0.0) + silence
    found = delivery(*utterances, duration=duration)
    assert 0 <= found.speaking_seconds <= duration + 0.01
    assert 0 <= found.silence_seconds <= duration + 0.01
    assert found.words_per_minute >= 0 and found.fillers_per_minute >= 0
    counted: tuple[Filler | Hedge, ...] = (*found.fillers, *found.hedges)
    for said_so in counted:
        assert said_so.count == len(said_so.start) > 0
        assert all(0 <= second <= duration + 0.01 for second in said_so.start)
        assert list(said_so.start) == sorted(said_so.start)
    assert len({hedge.text for hedge in found.hedges}) == len(found.hedges)
    hedges = sum(hedge.count for hedge in found.hedges)
    words = sum(len(u.text.split()) for u in utterances if u.speaker == "candidate")
    assert found.hedges_per_hundred == pytest.approx(100 * hedges / max(words, 1), abs=0.01)
    assert all(row.value == getattr(found, row.measure) for row in found.norms)
    assert all(point.words_per_minute > 0 and point.start <= duration for point in found.pace)


@settings(max_examples=80)
@given(sessions(), st.floats(1, 60))
def test_pauses_are_disjoint_and_nobody_speaks_in_them(utterances: list[Utterance], least: float) -> None:
    clock = 0.0
    for pause in pauses(utterances, read(u.text for u in utterances), least):
        assert clock <= pause.start
        assert pause.end - pause.start >= least - 0.02
        assert any(u.end <= pause.start + 0.01 for u in utterances)
        assert any(u.start >= pause.end - 0.01 for u in utterances)
        assert not any(u.start < pause.end - 0.01 and u.end > pause.start + 0.01 for u in utterances)
        clock = pause.end
