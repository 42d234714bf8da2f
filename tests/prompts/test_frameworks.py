"""Frameworks: steps with names and minutes, scaled to any session, expecting more the higher the level."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.errors import UserError
from prompts.frameworks import Framework, UnknownFramework, UnusableLength, get_framework, load_frameworks
from prompts.vocabulary import LEVELS, STAGES, Stage

IDS = ("business-first", "five-step", "requirements-first", "six-stage")
any_framework = st.sampled_from(IDS).map(get_framework)
any_length = st.floats(min_value=1, max_value=8 * 3600)


def planned_minutes(framework: Framework, minutes: float) -> dict[Stage, float]:
    return {stage: framework.planned_seconds(stage, minutes * 60) / 60 for stage in STAGES}


def test_there_are_four_frameworks() -> None:
    assert tuple(load_frameworks()) == IDS


def test_six_stage_plans_the_minutes_its_source_suggests() -> None:
    assert planned_minutes(get_framework("six-stage"), 45) == pytest.approx(
        {"problem": 5, "high_level": 6, "data": 8.5, "modeling": 15.5, "production": 5, "wrap_up": 5}
    )


def test_five_step_keeps_ten_minutes_for_both_ends_of_the_interview() -> None:
    assert planned_minutes(get_framework("five-step"), 45) == pytest.approx(
        {"problem": 5, "high_level": 5, "data": 10, "modeling": 10, "production": 5, "wrap_up": 10}
    )


def test_business_first_talks_of_metrics_before_architecture() -> None:
    names = [step.name for step in get_framework("business-first").steps]
    assert names.index("Business problem") < names.index("Metrics") < names.index("High-level architecture")


def test_requirements_first_spends_more_on_the_problem_than_any_other() -> None:
    shares = {id: get_framework(id).planned_seconds("problem", 2700) for id in IDS}
    assert max(shares, key=lambda id: shares[id]) == "requirements-first"


@given(any_framework, any_length)
def test_a_plan_fills_the_session_without_gaps(framework: Framework, seconds: float) -> None:
    plan = framework.plan(seconds)
    assert plan[0].start == 0
    for before, after in pairwise(plan):
        assert before.seconds > 0
        assert after.start == pytest.approx(before.start + before.seconds)
    assert plan[-1].start + plan[-1].seconds == pytest.approx(seconds)
    assert math.fsum(planned.seconds for planned in plan) == pytest.approx(seconds)


@given(any_framework, any_length)
def test_a_plan_keeps_every_step_in_the_frameworks_order(framework: Framework, seconds: float) -> None:
    plan = framework.plan(seconds)
    assert [(planned.name, planned.stage) for planned in plan] == [(step.name, step.stage) for step in framework.steps]


@given(any_framework, any_length, st.floats(min_value=0.1, max_value=10))
def test_a_longer_session_stretches_every_step_alike(framework: Framework, seconds: float, factor: float) -> None:
    short, long = framework.plan(seconds), framework.plan(seconds * factor)
    for step, stretched in zip(short, long, strict=True):
        assert stretched.start == pytest.approx(step.start * factor)
        assert stretched.seconds == pytest.approx(step.seconds * factor)


@given(any_framework, any_length)
def test_the_stages_share_the_session_among_them(framework: Framework, seconds: float) -> None:
    shares = [framework.planned_seconds(stage, seconds) for stage in STAGES]
    assert min(shares) > 0
    assert math.fsum(shares) == pytest.approx(seconds)


@given(any_framework)
def test_the_stages_come_in_the_usual_order(framework: Framework) -> None:
    positions = [STAGES.index(step.stage) for step in framework.steps]
    assert positions == sorted(positions)


@given(any_framework)
def test_each_level_expects_all_that_the_level_below_expects_and_more(framework: Framework) -> None:
    for lower, higher in pairwise(LEVELS):
        assert set(framework.expects[lower]) < set(framework.expects[higher])


@given(any_framework)
def test_running_the_system_matters_more_to_staff_than_to_seniors(framework: Framework) -> None:
    assert "monitoring" not in framework.expects["junior"]
    assert framework.expects["staff"].index("monitoring") < framework.expects["senior"].index("monitoring")


@given(any_framework)
def test_every_framework_says_where_it_comes_from_and_what_was_added(framework: Framework) -> None:
    assert framework.source
    assert "ours" in framework.note


@pytest.mark.parametrize("seconds", [0, -60, math.inf, math.nan])
def test_a_length_that_cannot_be_planned_is_refused(seconds: float) -> None:
    with pytest.raises(UnusableLength, match="Give a length above zero minutes"):
        get_framework("six-stage").plan(seconds)


def test_an_unknown_framework_lists_the_known_ones() -> None:
    with pytest.raises(UnknownFramework) as error:
        get_framework("seven-stage")
    assert isinstance(error.value, UserError)
    assert str(error.value) == f"There is no framework 'seven-stage'. Choose one of {', '.join(IDS)}."
