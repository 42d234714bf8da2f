"""Problems: a bank in which each one gives the interviewer all they need."""

import pytest

from prompts.errors import UserError
from prompts.problems import UnknownProblem, get_problem, load_problems


def test_the_bank_covers_the_families_that_are_asked_most() -> None:
    assert {
        "feed", "video-recommendation", "harmful-images", "search-ranking", "ads-clicks", "card-fraud", "eta",
        "people-you-may-know", "entity-resolution", "visual-search", "support-chatbot", "keyword-spotting",
    } <= set(load_problems())  # fmt: skip
    assert len({problem.family for problem in load_problems().values()}) >= 12


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
