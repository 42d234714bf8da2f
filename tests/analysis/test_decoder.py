"""The sequence decides: asides stay where they are said, real changes of stage are followed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis.decoder import Decoded, decode
from prompts.frameworks import get_framework, load_frameworks
from prompts.vocabulary import STAGE_LABELS, StageLabel

PLAN = get_framework("six-stage").plan(2700)


def many(stage: StageLabel, count: int) -> list[StageLabel]:
    """So many utterances of one stage."""
    return [stage] * count


def heard(*stages: StageLabel, sure: float = 0.8) -> NDArray[np.float64]:
    """What the classifier thinks of utterances of these stages, each with this much certainty."""
    rows = np.full((len(stages), len(STAGE_LABELS)), (1 - sure) / (len(STAGE_LABELS) - 1))
    for index, stage in enumerate(stages):
        rows[index, STAGE_LABELS.index(stage)] = sure
    return rows


def labels(*stages: StageLabel, sure: float = 0.8, seconds: float = 12.0, online: bool = False) -> list[StageLabel]:
    return list(decode(heard(*stages, sure=sure), [seconds] * len(stages), PLAN, online=online).labels)


@st.composite
def sessions(draw: st.DrawFn) -> tuple[NDArray[np.float64], list[float], str]:
    """Any classifier's opinion on any number of utterances of any length, judged by any framework."""
    seconds = draw(st.lists(st.floats(0, 4000), max_size=40))
    weights = draw(
        st.lists(st.lists(st.floats(0, 1), min_size=7, max_size=7), min_size=len(seconds), max_size=len(seconds))
    )
    rows = np.array(weights, np.float64).reshape(len(seconds), 7) + 1e-9
    return rows / rows.sum(axis=1, keepdims=True), seconds, draw(st.sampled_from(list(load_frameworks())))


@settings(max_examples=60)
@given(sessions(), st.booleans(), st.floats(60, 14_400))
def test_every_utterance_gets_a_stage_and_a_probability(
    session: tuple[NDArray[np.float64], list[float], str], online: bool, length: float
) -> None:
    probabilities, seconds, framework = session
    decoded = decode(probabilities, seconds, get_framework(framework).plan(length), online=online)
    assert len(decoded.labels) == len(decoded.confidence) == len(seconds)
    assert set(decoded.labels) <= set(STAGE_LABELS)
    assert all(0 <= sure <= 1 for sure in decoded.confidence)


@settings(max_examples=40)
@given(sessions(), st.data())
def test_online_never_uses_the_future(
    session: tuple[NDArray[np.float64], list[float], str], data: st.DataObject
) -> None:
    probabilities, seconds, framework = session
    plan = get_framework(framework).plan(2700)
    known = data.draw(st.integers(0, len(seconds)))
    then = decode(probabilities[:known], seconds[:known], plan, online=True)
    now = decode(probabilities, seconds, plan, online=True)
    assert now.labels[:known] == then.labels
    assert now.confidence[:known] == pytest.approx(then.confidence)


@settings(max_examples=20)
@given(sessions(), st.booleans(), st.booleans())
def test_the_same_talk_is_always_read_the_same(
    session: tuple[NDArray[np.float64], list[float], str], online: bool, durations: bool
) -> None:
    probabilities, seconds, framework = session
    plan = get_framework(framework).plan(2700)
    before = probabilities.copy()
    first = decode(probabilities, seconds, plan, online=online, durations=durations)
    assert decode(probabilities, seconds, plan, online=online, durations=durations) == first
    assert np.array_equal(probabilities, before)


@settings(max_examples=30)
@given(sessions(), st.floats(0.01, 100))
def test_a_whole_talk_is_read_the_same_at_any_speed(
    session: tuple[NDArray[np.float64], list[float], str], speed: float
) -> None:
    probabilities, seconds, framework = session
    plan = get_framework(framework).plan(2700)
    # Whole seconds and powers of two, so that the clock's ticks fall alike.
    slots = [float(round(second)) for second in seconds]
    faster = [second * 2.0 ** round(np.log2(speed)) for second in slots]
    assert decode(probabilities, faster, plan).labels == decode(probabilities, slots, plan).labels


def test_nothing_said_has_no_stage() -> None:
    assert decode(np.zeros((0, 7)), [], PLAN) == Decoded((), ())


def test_a_plain_session_is_read_as_it_is() -> None:
    stages: list[StageLabel] = many("problem", 8) + many("high_level", 8) + many("data", 12) + many("modeling", 16)
    stages += many("production", 10) + many("wrap_up", 4)
    assert labels(*stages) == stages


@pytest.mark.parametrize("aside", ["data", "production", "problem", "wrap_up"])
@pytest.mark.parametrize("online", [False, True])
def test_one_aside_does_not_open_a_span(aside: StageLabel, online: bool) -> None:
    stages: list[StageLabel] = many("modeling", 15) + many(aside, 1) + many("modeling", 15)
    found = labels(*stages, sure=0.7, online=online)
    assert found[3:] == many("modeling", 28)


@pytest.mark.parametrize("earlier", ["problem", "high_level", "data"])
def test_a_real_return_does(earlier: StageLabel) -> None:
    stages: list[StageLabel] = many("modeling", 15) + many(earlier, 10) + many("modeling", 15)
    assert labels(*stages, sure=0.7) == stages


def test_online_follows_a_real_change_after_a_few_utterances() -> None:
    found = labels(*many("problem", 15), *many("high_level", 5), sure=0.7, online=True)
    assert found[-1] == "high_level"


def test_an_unsure_sentence_belongs_to_what_surrounds_it() -> None:
    sure, unsure = heard("other", sure=0.8), heard("other", sure=0.42)
    introduction = np.vstack([sure, sure, unsure, sure, sure, heard(*many("problem", 6))])
    assert decode(introduction, [12.0] * 11, PLAN).labels[2] == "other"
    vague = np.vstack([heard(*many("problem", 3)), heard("other", sure=0.6), heard(*many("problem", 3))])
    assert decode(vague, [12.0] * 7, PLAN).labels[3] == "problem"


def test_thinking_aloud_belongs_nowhere_and_does_not_end_a_stage() -> None:
    stages: list[StageLabel] = many("data", 10) + many("other", 2) + many("data", 10)
    assert labels(*stages) == stages


ORDERLY: list[StageLabel] = [
    *many("problem", 8),
    *many("high_level", 9),
    *many("data", 12),
    *many("modeling", 20),
    *many("production", 8),
    *many("wrap_up", 5),
]


@pytest.mark.parametrize("online", [False, True])
@pytest.mark.parametrize("second", [0.0, -5.0, 1e-9, 1e9, float("inf"), float("nan")])
def test_impossible_times_do_not_hide_what_was_said(second: float, online: bool) -> None:
    found = labels(*ORDERLY, sure=0.9, seconds=second, online=online)
    right = sum(label == stage for label, stage in zip(found, ORDERLY, strict=True))
    assert right >= (len(ORDERLY) if not online else 0.8 * len(ORDERLY))


def test_one_impossible_time_does_not_either() -> None:
    seconds = [12.0] * len(ORDERLY)
    seconds[20] = 1e8
    assert list(decode(heard(*ORDERLY), seconds, PLAN).labels) == ORDERLY


def test_forty_minutes_in_forty_utterances_are_read_as_they_are() -> None:
    stages: list[StageLabel] = many("problem", 5) + many("high_level", 5) + many("data", 8) + many("modeling", 14)
    stages += many("production", 5) + many("wrap_up", 3)
    assert labels(*stages, seconds=60.0) == stages


@pytest.mark.parametrize("missing", ["high_level", "data", "production"])
def test_a_stage_that_was_left_out_is_not_made_up(missing: StageLabel) -> None:
    stages = [stage for stage in ORDERLY if stage != missing]
    assert labels(*stages, sure=0.7) == stages


def test_another_order_than_the_framework_s_is_followed() -> None:
    stages: list[StageLabel] = many("data", 12) + many("problem", 8) + many("modeling", 15) + many("high_level", 10)
    assert labels(*stages, sure=0.7) == stages


def hints_needed(before: int, durations: bool = True) -> int:
    """How many doubtful utterances of production after so many minutes of modeling it takes to be believed."""
    rows = np.vstack([heard(*many("modeling", before), sure=0.9), heard(*many("production", 12), sure=0.3)])
    found = decode(rows, [60.0] * len(rows), PLAN, online=True, durations=durations).labels
    return found.index("production") - before if "production" in found else 12


def test_a_stage_whose_time_is_over_is_left_sooner_than_one_just_begun() -> None:
    assert hints_needed(20) < hints_needed(5)


def test_without_durations_it_is_not() -> None:
    assert hints_needed(20, durations=False) == hints_needed(5, durations=False)


@pytest.mark.parametrize("online", [False, True])
def test_ten_thousand_utterances_are_read_like_ten(online: bool) -> None:
    stages = [stage for stage in ORDERLY for _ in range(10_000 // len(ORDERLY) + 1)][:10_000]
    found = decode(heard(*stages), [0.3] * len(stages), PLAN, online=online)
    wrong = sum(label != stage for label, stage in zip(found.labels, stages, strict=True))
    assert wrong <= 5 * len(set(stages))


def test_what_is_surely_heard_is_surer_than_what_is_not() -> None:
    sure = decode(heard(*many("problem", 10), sure=0.9), [12.0] * 10, PLAN).confidence
    unsure = decode(heard(*many("problem", 10), sure=0.3), [12.0] * 10, PLAN).confidence
    assert all(more > less for more, less in zip(sure, unsure, strict=True))


def test_where_nothing_can_be_told_the_plan_decides() -> None:
    assert labels(*many("problem", 3), sure=1 / 7)[0] == "problem"
