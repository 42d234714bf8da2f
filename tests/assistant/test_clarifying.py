"""What the interviewer says to a question, as situations and what he says in them."""

from dataclasses import replace

import pytest

from assistant.policy import next_line
from assistant.situation import Said
from prompts.lines import load_lines
from tests.assistant.situations import DESIGN, QUESTION, UNDERSTOOD, after, fact, rule, talk


def test_a_question_is_answered_with_the_fact_and_the_log_says_why() -> None:
    line = next_line(after(talk(QUESTION), 1.2))
    assert line is not None
    assert (line.rule, line.text, line.aloud) == ("answer", fact("users"), True)
    assert "users" in line.reason
    assert QUESTION in line.reason


def test_it_is_answered_once() -> None:
    situation = after(talk(QUESTION), 1.2)
    line = next_line(situation)
    assert line is not None
    assert (
        rule(replace(situation, said=(*situation.said, Said("answer", situation.now, line.text, line.cause)))) is None
    )


def test_what_no_fact_answers_is_handed_back() -> None:
    line = next_line(after(talk("What is the favorite color of our users?"), 1.2))
    assert line is not None
    assert line.rule == "your_call"
    assert line.text in load_lines()["your_call"]


@pytest.mark.parametrize(
    "asked",
    [
        (QUESTION, "And is there a latency target we need to meet?"),
        ("How many people use the app every day, and is there a latency target we need to meet?",),
    ],
    ids=["two sentences", "one sentence"],
)
def test_two_questions_in_one_breath_are_both_answered(asked: tuple[str, ...]) -> None:
    line = next_line(after(talk(*asked), 1.2))
    assert line is not None
    assert (line.rule, line.text) == ("answer", f"{fact('users')} {fact('latency')}")


def test_two_questions_about_the_same_get_its_fact_once() -> None:
    line = next_line(after(talk("How many users do we have, and how many people use the app every day?"), 1.2))
    assert line is not None
    assert (line.rule, line.text) == ("answer", fact("users"))


def test_of_two_questions_the_one_no_fact_answers_is_handed_back() -> None:
    line = next_line(after(talk(QUESTION, "And what is the favorite color of our users?"), 1.2))
    assert line is not None
    assert line.text in [f"{fact('users')} {handed_back}" for handed_back in load_lines()["the_other"]]


def test_the_fifth_question_in_a_row_meets_an_assumption() -> None:
    questions = ("Is it global?", "Are ads part of it?", "Is there a latency target?", "What do we log?", QUESTION)
    assert rule(after(talk(*questions), 1.2)) == "assume"


def test_who_checks_in_is_told_to_go_on() -> None:
    assert rule(after(talk(*UNDERSTOOD, "Does that make sense so far?"), 1.2)) == "go_on"


def test_what_was_answered_before_is_said_to_be_so() -> None:
    situation = replace(after(talk(QUESTION), 1.2), said=(Said("answer", 5.0, fact("users"), 5.0),))
    line = next_line(situation)
    assert line is not None
    assert line.rule == "answer"
    assert fact("users") in line.text and line.text != fact("users")


def test_wordings_are_not_repeated_while_there_are_others() -> None:
    situation = after(talk("What is the favorite color of our users?"), 1.2)
    said: tuple[Said, ...] = ()
    for _ in load_lines()["your_call"]:
        line = next_line(replace(situation, said=said))
        assert line is not None
        assert line.text not in {before.text for before in said}
        said = (*said, Said(line.rule, 0.0, line.text))


def test_a_question_about_the_work_is_no_question_about_the_problem() -> None:
    closing = ("To sum up, we narrow down, rank and re-rank.", "What does the team like most about working here?")
    assert rule(after(talk(*DESIGN, *closing), 1.2)) == "about_work"
