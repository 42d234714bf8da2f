"""Problems: a bank in which each one gives the interviewer all they need."""

import re

import pytest

from prompts.errors import UserError
from prompts.problems import Problem, UnknownProblem, get_problem, load_problems
from prompts.vocabulary import LEVELS, Stage

CONTENT_STAGES: tuple[Stage, ...] = ("problem", "high_level", "data", "modeling", "production")

every_problem = pytest.mark.parametrize("problem", load_problems().values(), ids=lambda problem: problem.id)


def spoken(problem: Problem) -> list[str]:
    """Everything that the interviewer's voice may have to say."""
    probes = [probe for stage in problem.probes.values() for probe in stage]
    return [problem.prompt, problem.change, *(fact.answer for fact in problem.facts), *probes]


def test_the_bank_covers_the_families_that_are_asked_most() -> None:
    assert {
        "feed", "video-recommendation", "harmful-images", "search-ranking", "ads-clicks", "card-fraud", "eta",
        "people-you-may-know", "entity-resolution", "visual-search", "support-chatbot", "keyword-spotting",
    } <= set(load_problems())  # fmt: skip
    assert len({problem.family for problem in load_problems().values()}) >= 12


@every_problem
def test_the_prompt_is_short_and_leaves_the_facts_to_be_asked_for(problem: Problem) -> None:
    assert 1 <= len(re.findall(r"[.!?]", problem.prompt)) <= 3
    assert len(problem.prompt.split()) <= 45


@every_problem
def test_the_fact_sheet_answers_the_usual_questions_in_several_wordings(problem: Problem) -> None:
    assert len(problem.facts) >= 15
    assert all(len(fact.ask) >= 3 for fact in problem.facts)
    assert "goal" in {fact.id for fact in problem.facts}


@every_problem
def test_no_question_belongs_to_two_facts(problem: Problem) -> None:
    questions = [question.lower() for fact in problem.facts for question in fact.ask]
    assert len(questions) == len(set(questions))
    assert all(question.endswith("?") for question in questions)


@every_problem
def test_every_content_stage_has_probes(problem: Problem) -> None:
    for stage in CONTENT_STAGES:
        assert len(problem.probes[stage]) >= 3


@every_problem
def test_every_level_knows_what_strong_looks_like(problem: Problem) -> None:
    assert len({problem.strong[level] for level in LEVELS}) == len(LEVELS)


@every_problem
def test_there_are_mistakes_to_warn_of_and_terms_to_listen_for(problem: Problem) -> None:
    assert len(problem.mistakes) >= 4
    assert len(problem.vocabulary) >= 15
    assert len({term.lower() for term in problem.vocabulary}) == len(problem.vocabulary)


@every_problem
def test_everything_spoken_is_written_as_speech(problem: Problem) -> None:
    for text in spoken(problem):
        assert text[-1] in ".?!", text
        assert len(text.split()) <= 50, text
        assert not re.search(r"[%$/&<>#*_(){}\[\]]|\b\d+\b", text), text


def test_a_problem_is_found_by_its_id() -> None:
    assert get_problem("card-fraud").title == "Fraudulent card payments"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("fraud", "card-fraud"), ("video-recomendation", "video-recommendation"), ("ETA", "eta"), ("ads", "ads-clicks")],
)
def test_an_unknown_problem_names_close_matches(typed: str, meant: str) -> None:
    with pytest.raises(UnknownProblem, match=f"There is no problem '{typed}'. Did you mean .*{meant}") as error:
        get_problem(typed)
    assert isinstance(error.value, UserError)


def test_a_problem_like_no_other_points_to_the_list() -> None:
    with pytest.raises(UnknownProblem) as error:
        get_problem("zzz")
    assert str(error.value) == "There is no problem 'zzz'. `viva problems` lists them all."
