"""Clarifying questions get the fact they ask for, or are handed back; what is not one gets nothing."""

import pytest

from analysis.talk import Talk, understand
from assistant.answers import fact_asked_for, open_question
from prompts.frameworks import get_framework
from prompts.problems import get_problem
from speech.transcript import Speaker, Utterance


def talk(*said: str | tuple[Speaker, str]) -> Talk:
    """What was said in turn, a second of pause between; a bare text is the candidate's."""
    utterances, at = [], 0.0
    for number, one in enumerate(said):
        turn: tuple[Speaker, str] = ("candidate", one) if isinstance(one, str) else one
        speaker, text = turn
        end = at + len(text.split()) / 2.5
        utterances.append(Utterance(number, at, end, speaker, text))
        at = end + 1.0
    return understand(utterances, get_framework("six-stage"), "senior", 2700.0, at, online=True)


PROMPT: tuple[Speaker, str] = ("interviewer", get_problem("feed").prompt)


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("How many people use the app every day?", "users"),
        ("Is there a latency target we need to meet?", "latency"),
        ("What is the business goal behind this?", "goal"),
        ("How does the feed work at the moment?", "existing"),
    ],
)
def test_the_fact_that_was_asked_for_is_found(question: str, fact: str) -> None:
    found = fact_asked_for(question, get_problem("feed").facts)
    assert found is not None
    assert found.id == fact


@pytest.mark.parametrize(
    "question", ["What is the color of your car?", "Who won the match yesterday?", "Which font does the logo use?"]
)
def test_no_fact_is_given_away_for_what_none_answers(question: str) -> None:
    assert fact_asked_for(question, get_problem("feed").facts) is None


def test_a_problem_with_hardly_a_fact_is_no_obstacle() -> None:
    assert fact_asked_for("How many users?", ()) is None


def test_the_last_question_waits_for_an_answer() -> None:
    asked = open_question(talk(PROMPT, "Let me start with the problem.", "How many users do we have?"))
    assert asked is not None
    assert (asked.text, asked.check_in) == ("How many users do we have?", False)


@pytest.mark.parametrize(
    "said",
    [
        ("We have users and posts here and rank them.",),
        ("How many users do we have?", "I will just assume two hundred million people use it every day and go on."),
        ("What else is there that I should say?",),
        ("How many users do we have?", ("interviewer", "About two hundred million.")),
    ],
)
def test_a_statement_a_question_to_oneself_or_an_answered_one_waits_for_nothing(
    said: tuple[str | tuple[Speaker, str], ...],
) -> None:
    assert open_question(talk(PROMPT, *said)) is None


def test_an_afterthought_leaves_the_question_standing() -> None:
    assert open_question(talk(PROMPT, "How many users do we have? Just roughly.")) is not None


def test_a_confirmed_assumption_is_a_question() -> None:
    asked = open_question(talk(PROMPT, "So I'd assume ten million users a day?"))
    assert asked is not None
    assert not asked.check_in


def test_checking_in_only_asks_to_go_on() -> None:
    asked = open_question(talk(PROMPT, "I rank the posts by how likely people react.", "Does that make sense so far?"))
    assert asked is not None
    assert asked.check_in


def test_questions_in_a_row_are_counted_through_the_answers_until_there_is_design() -> None:
    chain: list[str | tuple[Speaker, str]] = [PROMPT]
    for question in ("How many users are there?", "Is it global?", "Is there a latency target?", "Do we rank ads?"):
        chain += [question, ("interviewer", "Yes.")]
    asked = open_question(talk(*chain, "What signals do we log?"))
    assert asked is not None
    assert asked.in_a_row == 5
    design = "The ingestion service writes every event to a log and a feature store keeps what we know about a person. "
    later = open_question(talk(*chain, design * 3, "What signals do we log?"))
    assert later is not None
    assert later.in_a_row == 1
