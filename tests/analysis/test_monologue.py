"""A monologue: the candidate's talk between two turns of the interviewer or two ways of checking in."""

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.delivery import MONOLOGUE_SECONDS, measure
from analysis.language import read
from analysis.monologue import monologues
from analysis.report import Monologue
from speech.transcript import Speaker, Utterance

PLAIN = "the feed ranks the posts of the people you follow by their score"


def said(start: float, end: float, text: str = PLAIN, speaker: Speaker = "candidate") -> Utterance:
    return Utterance(0, start, end, speaker, text)


def found(*utterances: Utterance) -> tuple[Monologue, ...]:
    return monologues(utterances, read(u.text for u in utterances))


def test_the_interviewers_turns_end_a_monologue() -> None:
    talk = (said(0, 60), said(60, 100), said(100, 105, "Go on.", "interviewer"), said(110, 200))
    assert found(*talk) == (Monologue(0, 100), Monologue(110, 200))


def test_pauses_belong_to_it() -> None:
    assert found(said(5, 60), said(90, 120)) == (Monologue(5, 120),)


@pytest.mark.parametrize(
    "check",
    [
        "does that make sense",
        "Does that all make sense so far?",
        "shall I go on",
        "is that okay",
        "Is that okay with you?",
        "should I go deeper here or move on",
        "do you want me to talk about serving",
        "what do you think",
        "would you like to hear about the labels",
        "tell me if I should go faster",
    ],
)
def test_checking_in_ends_it_even_when_nobody_answers(check: str) -> None:
    assert found(said(0, 60), said(60, 63, check), said(63, 100)) == (Monologue(0, 63), Monologue(63, 100))


def test_a_question_with_room_for_an_answer_checks_in() -> None:
    question = said(60, 65, "How many users do we have?")
    assert found(said(0, 60), question, said(68, 100)) == (Monologue(0, 65), Monologue(68, 100))


def test_a_question_answered_by_oneself_does_not() -> None:
    question = said(60, 65, "So what are our labels?")
    assert found(said(0, 60), question, said(65.5, 100, "Clicks.")) == (Monologue(0, 100),)


@pytest.mark.parametrize("text", ["that makes sense for new users", "it should be okay", "we shall see", PLAIN])
def test_the_same_words_in_a_statement_check_nothing(text: str) -> None:
    assert found(said(0, 60), said(60, 65, text), said(65, 100)) == (Monologue(0, 100),)


def test_who_is_talked_over_is_in_two_monologues() -> None:
    assert found(said(0, 100), said(40, 41, "Mhm.", "interviewer")) == (Monologue(0, 40), Monologue(41, 100))


def test_nobody_or_only_the_interviewer_speaking_is_none() -> None:
    assert found() == found(said(0, 500, speaker="interviewer")) == ()


def test_the_report_shows_the_long_ones_and_the_length_of_the_longest() -> None:
    talk = (said(0, 119), said(119, 120, "Yes?", "interviewer"), said(120, 300), said(300, 301, "Ah.", "interviewer"))
    delivery = measure(talk, read(u.text for u in talk), 301)
    assert delivery.monologues == (Monologue(120, 300),)
    assert delivery.longest_monologue_seconds == 180
    short = measure(talk[:1], read([PLAIN]), 119)
    assert (short.monologues, short.longest_monologue_seconds) == ((), 119)
    assert MONOLOGUE_SECONDS == 120


@st.composite
def talks(draw: st.DrawFn) -> list[Utterance]:
    seconds = st.floats(0, 3600).map(lambda value: round(value, 2))
    texts = st.sampled_from([PLAIN, "shall I go on?", "what are the labels?", ""])
    rows = draw(st.lists(st.tuples(seconds, st.floats(0, 400), st.sampled_from(get_args(Speaker)), texts), max_size=14))
    return [
        said(start, round(start + length, 2), text, speaker)
        for start, length, speaker, text in sorted(rows, key=lambda row: row[0])
    ]


@settings(max_examples=150)
@given(talks())
def test_monologues_cover_the_candidates_talk_and_nothing_of_the_interviewers(talk: list[Utterance]) -> None:
    stretches = found(*talk)
    assert all(stretch.start <= stretch.end for stretch in stretches)
    assert all(earlier.end <= later.start for earlier, later in pairwise(stretches))
    interviewer = [u for u in talk if u.speaker == "interviewer"]
    for utterance in talk:
        if utterance.speaker == "interviewer":
            assert not any(s.start < utterance.end - 0.01 and s.end > utterance.start + 0.01 for s in stretches)
        elif not any(u.start < utterance.end and u.end > utterance.start for u in interviewer):
            inside = [s for s in stretches if s.start < utterance.end and s.end > utterance.start]
            covered = sum(min(s.end, utterance.end) - max(s.start, utterance.start) for s in inside)
            assert covered == pytest.approx(utterance.end - utterance.start, abs=0.02)
    for stretch in stretches:
        assert any(u.speaker == "candidate" and u.start <= stretch.end and u.end >= stretch.start for u in talk)
