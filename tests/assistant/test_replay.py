"""A session is computed from its events alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import replay
from assistant.events import (
    AudioGap,
    AudioStarted,
    Event,
    InterviewerInterrupted,
    InterviewerSpoke,
    Noted,
    SessionEnded,
    WordsHeard,
)
from tests.assistant.sessions import heard, started

PROMPT = InterviewerSpoke(0.0, 9.0, "Design the home feed of a social network.", "prompt")
QUESTION = heard("So first I want to know who the user is. Is it for the whole world or one country?", 10.0)
ANSWER = InterviewerSpoke(19.0, 20.0, "The whole world.", "answer:users")
METRIC = heard("The success metric is how many people come back within a week.", 21.0)


def test_both_sides_are_in_the_order_of_time_and_numbered() -> None:
    said = replay.utterances([started("x"), METRIC, PROMPT, QUESTION, ANSWER])
    assert [utterance.id for utterance in said] == list(range(len(said)))
    assert [utterance.start for utterance in said] == sorted(utterance.start for utterance in said)
    assert [utterance.speaker for utterance in said] == [
        "interviewer", "candidate", "candidate", "interviewer", "candidate",
    ]  # fmt: skip


def test_a_stretch_of_speech_becomes_sentences_with_their_own_times() -> None:
    first, second = replay.utterances([QUESTION])
    assert first.text.endswith("who the user is.")
    assert first.start == 10.0
    assert first.end == pytest.approx(14.0)
    assert second.start == pytest.approx(14.0)


def test_a_line_the_candidate_talked_over_was_said_as_far_as_it_was_heard() -> None:
    broken_off = InterviewerInterrupted(3.5, PROMPT.at, 3.5, "Design the home")
    prompt, *_ = replay.utterances([PROMPT, broken_off, QUESTION])
    assert (prompt.start, prompt.end, prompt.text) == (0.0, 3.5, "Design the home …")
    nothing, *_ = replay.utterances([PROMPT, InterviewerInterrupted(0.1, PROMPT.at, 0.1, "")])
    assert nothing.text == "…"
    assert replay.facts([started("x"), PROMPT, broken_off]).duration_seconds == 3.5


def test_a_typed_answer_has_a_text_without_words() -> None:
    (line,) = replay.utterances([WordsHeard(3.0, 8.0, (), "I would ask about scale.")])
    assert (line.start, line.end, line.text, line.words) == (3.0, 8.0, "I would ask about scale.", ())


@settings(max_examples=30)
@given(st.permutations([started("x"), AudioStarted(9.0), METRIC, PROMPT, QUESTION, ANSWER]))
def test_the_order_in_which_threads_reported_does_not_matter(events: list[Event]) -> None:
    assert replay.utterances(events) == replay.utterances([PROMPT, QUESTION, ANSWER, METRIC])


def test_a_session_is_as_long_as_its_end_says() -> None:
    facts = replay.facts([started("x"), METRIC, SessionEnded(42.0, "finished")])
    assert (facts.id, facts.problem, facts.planned_seconds, facts.duration_seconds) == ("x", "feed", 600.0, 42.0)


def test_a_session_that_never_ended_is_as_long_as_the_last_thing_known_of_it() -> None:
    assert replay.facts([started("x"), METRIC, AudioGap(30.0, 4.0, "lost")]).duration_seconds == 34.0


def test_a_log_without_its_beginning_says_what_is_left_to_do() -> None:
    with pytest.raises(replay.DamagedSession, match="viva analyze"):
        replay.facts([METRIC])


def test_what_went_wrong_is_noted_once_and_lost_sound_is_summed_up() -> None:
    notes = replay.notes(
        [Noted(1.0, "Full."), Noted(2.0, "Full."), AudioGap(65.0, 2.0, "unplugged"), AudioGap(90.0, 1.25, "busy")]
    )
    assert notes == ("Full.", "Sound was lost 2 times, 3.2 s in all (first at 1:05: unplugged).")


def test_the_report_quotes_what_was_said() -> None:
    ended = SessionEnded(60.0, "finished")
    events: list[Event] = [started("x"), PROMPT, QUESTION, METRIC, Noted(60.0, "Remark."), ended]
    report = replay.report(events)
    assert report.session.duration_seconds == 60.0
    assert "The success metric is how many people come back within a week." in [u.text for u in report.utterances]
    assert "Remark." in report.notes
    assert replay.report(events) == report
