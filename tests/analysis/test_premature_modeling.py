"""Committing to an algorithm too early, and what only looks like it."""

import pytest

from analysis.conduct import load_conduct
from analysis.pitfalls import premature_modeling
from analysis.report import Finding
from prompts.vocabulary import Stage
from tests.analysis.talks import WORDS, Said, asked, talk

UNDERSTOOD = tuple(
    Said(WORDS, "problem", (topic,), 60)
    for topic in ("clarifying_questions", "assumptions", "scale_estimate", "success_metric")
)


def jumps(*said: Said) -> list[Finding]:
    return list(premature_modeling.find(talk(*said), load_conduct()))


def test_committing_before_the_problem_is_understood_is_a_fault_with_its_quote_and_second() -> None:
    text = "I would use a two tower model trained on clicks"
    (found,) = jumps(Said(WORDS, "problem", seconds=12.5), Said(text, "problem"))
    assert (found.code, found.severity, found.quote) == ("premature_modeling", "fault", text)
    assert (found.start, found.end, found.utterances) == (12.5, 22.5, (1,))
    assert "two tower" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "i'd train xgboost on the clicks",
        "What I would use is a transformer.",
        "what i would use is a transformer",
        "let's go with a random forest",
        "so we fine tune bert on it",
        "we pick logistic regression here",
    ],
)
def test_a_choice_is_heard_however_it_is_worded(text: str) -> None:
    assert [found.quote for found in jumps(Said(text, "problem"))] == [text]


def test_a_sure_commitment_needs_no_name_that_is_known() -> None:
    text = "I'd go with SigLIP, freeze it, and train a small head on top with cross-entropy."
    (found,) = jumps(Said(text, "problem"))
    assert found.quote == text and "a particular model" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "the team next door has a transformer in production",  # in passing
        "in my last job we used xgboost for spam",
        "many companies use transformers for this",
        "if we had more data we could use a transformer",
        "the current system is a logistic regression",
        "people would normally use a two tower model but let me first understand the problem",
        "the box is just called model it might be a transformer",
        "later we could use a transformer",  # put off
        "whether we train a transformer is a question i'll come back to",
        "I won't use a transformer here",  # negated
        "we do not need to train xgboost for this",
        "should we use a transformer for this",  # asked
        "Would you want me to use a transformer?",
        "as you said we use a transformer today",  # quoted
        "you mentioned we use xgboost today",
        "we treat it as a binary classification problem",  # framing
        "we use a model to rank the candidates",  # an abstract blueprint
        "we use the history of each user",
    ],
)
@pytest.mark.parametrize("stage", ["problem", "high_level"])
def test_what_only_mentions_an_algorithm_is_no_jump(text: str, stage: Stage) -> None:
    assert jumps(Said(text, stage)) == []


def test_repeating_what_the_interviewer_named_is_no_jump() -> None:
    assert jumps(asked("today we run XGBoost on it"), Said("okay so we use xgboost today", "problem")) == []


def test_what_the_interviewer_proposes_is_not_the_candidates_jump() -> None:
    assert jumps(asked("we use a two tower model")) == []


def test_naming_the_algorithm_inside_the_blueprint_is_a_warning_even_when_the_problem_is_understood() -> None:
    (found,) = jumps(*UNDERSTOOD, Said("the ranking box, i would use xgboost there", "high_level"))
    assert found.severity == "warning" and found.start == 240


@pytest.mark.parametrize("stage", ["modeling", "production", "data"])
def test_choosing_once_the_problem_is_understood_is_fine(stage: Stage) -> None:
    assert jumps(*UNDERSTOOD, Said("I would use a two tower model", stage)) == []


def test_one_jump_is_told_once_and_a_later_one_again() -> None:
    jump = Said("I would use a two tower model", "problem")
    assert len(jumps(jump, jump, jump)) == 1
    assert len(jumps(jump, Said(WORDS, "problem", seconds=1000), jump)) == 2
