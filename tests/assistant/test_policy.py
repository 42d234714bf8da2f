"""When the interviewer speaks and why, as situations and what he says in them. Questions: `test_clarifying.py`."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.talk import understand
from assistant.policy import NUDGE_SECONDS, RULES, next_line
from assistant.situation import Said, Situation
from prompts.frameworks import get_framework
from prompts.vocabulary import LEVELS, STRICTNESSES
from speech.transcript import Utterance
from tests.assistant.situations import DESIGN, JUMP, PLANNED, PROBLEM, QUESTION, UNDERSTOOD, after, rule, talk


def test_a_jump_into_modeling_is_remarked_on_at_once_and_once() -> None:
    situation = after(talk(JUMP), 1.2)
    line = next_line(situation)
    assert line is not None
    assert line.rule == "premature_modeling"
    assert JUMP in line.reason
    told = replace(situation, now=situation.now + 8, said=(Said(line.rule, situation.now, line.text, line.cause),))
    assert rule(told) is None


def test_a_jump_that_is_long_past_is_let_pass() -> None:
    assert rule(replace(after(talk(JUMP), NUDGE_SECONDS + 1), quiet_seconds=2.0)) is None


def test_choosing_a_model_once_the_problem_is_understood_is_no_jump() -> None:
    assert rule(after(talk(*DESIGN, JUMP), 1.2)) is None


@pytest.mark.parametrize(
    ("level", "quiet", "expected"),
    [
        ("senior", 19.0, None), ("senior", 21.0, "stuck"),
        ("junior", 14.0, None), ("junior", 16.0, "stuck"),
        ("staff", 21.0, None), ("staff", 31.0, "stuck"),
    ],
)  # fmt: skip
def test_a_long_silence_gets_help_sooner_for_a_junior_later_for_staff(
    level: str, quiet: float, expected: str | None
) -> None:
    assert rule(replace(after(talk(UNDERSTOOD[0]), quiet), level=level)) == expected  # type: ignore[arg-type]


def test_an_announced_silence_is_left_alone() -> None:
    assert rule(after(talk(UNDERSTOOD[0], "Give me a minute to draw this."), 30.0)) is None


def test_somebody_who_types_is_given_more_time() -> None:
    assert rule(replace(after(talk(UNDERSTOOD[0]), 30.0), typed=True)) is None
    assert rule(replace(after(talk(UNDERSTOOD[0]), 61.0), typed=True)) == "stuck"


def test_a_stage_whose_time_is_over_is_told_to_move_on_once() -> None:
    long_talk = talk(*UNDERSTOOD, begins=60.0)
    late = replace(after(long_talk, 3.0), planned_seconds=PLANNED)
    slow = replace(long_talk, planned_seconds=120.0)
    line = next_line(replace(late, talk=slow))
    assert line is not None
    assert line.rule == "stage_ending"
    told = (Said("stage_ending", 0.0, line.text, line.cause),)
    assert rule(replace(late, talk=slow, said=told)) is None


def test_the_requirement_changes_once_in_the_second_half() -> None:
    situation = replace(after(talk(*DESIGN), 3.0), now=0.6 * PLANNED)
    line = next_line(situation)
    assert line is not None
    assert (line.rule, line.text) == ("change", PROBLEM.change)
    assert rule(replace(situation, now=0.3 * PLANNED)) != "change"
    assert rule(replace(situation, said=(Said("change", 100.0, line.text),))) != "change"


def test_a_probe_is_the_problems_own_and_not_asked_twice() -> None:
    # Far into a stage; what is asked for at its beginning may be the next sentence anyway.
    drawn = ("A request goes to a feed service when somebody opens the app.", "It asks the ranking box for an order.")
    pictured = replace(
        talk(*UNDERSTOOD, *DESIGN[3:5], *drawn, "An arrow leads from there to the log."), planned_seconds=60.0
    )
    situation = replace(after(pictured, 6.0), nudges=False, said=())
    line = next_line(situation)
    assert line is not None
    assert line.rule == "probe"
    assert line.text in {probe for probes in PROBLEM.probes.values() for probe in probes}
    again = next_line(replace(situation, said=(Said("probe", 0.0, line.text),)))
    assert again is None or again.text != line.text


def test_the_end_leaves_time_for_questions() -> None:
    situation = replace(after(talk(*DESIGN), 2.0), now=PLANNED - 200)
    said = (Said("time_five_minutes", PLANNED - 290, "Five minutes."),)
    assert rule(replace(situation, said=said)) == "wrap_up"
    assert rule(situation) == "time_five_minutes"


def test_who_goes_on_to_the_next_stage_is_not_told_to() -> None:
    moving = replace(
        talk(*UNDERSTOOD, "For the labels I take likes and comments of the last month."), planned_seconds=90.0
    )
    assert rule(replace(after(moving, 3.0), planned_seconds=PLANNED)) != "stage_ending"


def test_nothing_is_said_into_a_silence_that_was_asked_for() -> None:
    drawing = talk(*DESIGN, "Give me half a minute to draw this.")
    for quiet in (3.0, 10.0, 30.0):
        assert rule(replace(after(drawing, quiet), now=0.6 * PLANNED)) is None


def test_who_has_closed_early_is_asked_to_go_deeper() -> None:
    situation = replace(after(talk(*DESIGN, "That's it from my side."), 5.0), now=0.4 * PLANNED)
    line = next_line(situation)
    assert line is not None
    assert line.rule == "early"
    assert "27" in line.text or "minutes" not in line.text
    deeper = next_line(replace(situation, said=(Said("early", situation.now - 30, line.text),)))
    assert deeper is not None
    assert deeper.text in {probe for probes in PROBLEM.probes.values() for probe in probes}


def test_a_monologue_is_interrupted_at_a_breath() -> None:
    long = tuple(f"{sentence} And this goes on for quite a while number {n}." for n in range(6) for sentence in DESIGN)
    assert rule(replace(after(talk(*long), 1.0), nudges=True)) == "monologue"
    assert rule(replace(after(talk(*long), 1.0), nudges=False)) is None


@pytest.mark.parametrize(("line", "expected"), [("How would you …", "monologue"), ("How would you know?", None)])
def test_a_line_that_was_talked_over_is_no_turn_in_a_monologue(line: str, expected: str | None) -> None:
    long = tuple(f"{sentence} And this goes on for quite a while number {n}." for n in range(6) for sentence in DESIGN)
    spoken = talk(*long)
    utterances = list(spoken.utterances)
    late = len(utterances) * 3 // 4
    at = utterances[late].start - 0.9
    utterances.insert(late, Utterance(len(utterances), at, at + 0.8, "interviewer", line))
    again = understand(utterances, get_framework("six-stage"), "senior", PLANNED, utterances[-1].end, online=True)
    situation = after(again, 1.0)
    said = (*situation.said, Said("probe", at, line))
    assert rule(replace(situation, said=said)) == expected


def test_the_last_minute_is_the_candidates() -> None:
    told = (Said("time_five_minutes", PLANNED - 290, ""), Said("time_one_minute", PLANNED - 59, ""))
    assert rule(replace(after(talk(*DESIGN), 30.0), now=PLANNED - 30, said=told)) is None


def test_after_the_end_there_is_silence() -> None:
    situation = replace(after(talk(QUESTION), 1.2), said=(Said("time_up", 1.0, "That's it."),))
    assert rule(situation) is None


SITUATIONS = {
    "question": after(talk(QUESTION), 1.2),
    "jump": after(talk(JUMP), 1.2),
    "silence": after(talk(UNDERSTOOD[0]), 40.0),
    "seam": replace(after(talk(*DESIGN), 3.0), now=0.6 * PLANNED),
    "five minutes": replace(after(talk(*DESIGN), 3.0), now=PLANNED - 280),
}


@pytest.mark.parametrize(
    ("name", "silent", "without_nudges", "realistic"),
    [
        ("question", "answer", "answer", "answer"),
        ("jump", None, None, "premature_modeling"),
        ("silence", None, None, "stuck"),
        ("seam", None, "change", "change"),
        ("five minutes", "time_five_minutes", "time_five_minutes", "time_five_minutes"),
    ],
)
def test_an_exam_is_answers_and_time_alone(
    name: str, silent: str | None, without_nudges: str | None, realistic: str | None
) -> None:
    assert rule(replace(SITUATIONS[name], strictness="silent")) == silent
    assert rule(replace(SITUATIONS[name], nudges=False)) == without_nudges
    assert rule(SITUATIONS[name]) == realistic


def test_without_a_problem_or_understanding_only_the_time_is_told() -> None:
    for situation in SITUATIONS.values():
        for bare in (replace(situation, talk=None), replace(situation, talk=None, problem=None)):
            assert rule(bare) in (None, "time_five_minutes")


TALKS = ((QUESTION,), (JUMP,), UNDERSTOOD, DESIGN, (*DESIGN, JUMP), (*UNDERSTOOD, "Does that make sense so far?"))
situations = st.builds(
    lambda said, quiet, now, level, strictness, nudges, typed, lines: replace(
        after(talk(*said), quiet),
        now=now,
        level=level,
        strictness=strictness,
        nudges=nudges,
        typed=typed,
        said=tuple(Said(name, max(0.0, now - ago), "") for name, ago in sorted(lines, key=lambda line: -line[1])),
    ),
    st.sampled_from(TALKS),
    st.floats(0, 120),
    st.floats(0, PLANNED + 60),
    st.sampled_from(LEVELS),
    st.sampled_from(STRICTNESSES),
    st.booleans(),
    st.booleans(),
    st.lists(st.tuples(st.sampled_from([rule.name for rule in RULES] + ["answer"]), st.floats(0, 600)), max_size=4),
)


@settings(max_examples=200)
@given(situations)
def test_nobody_is_talked_over(situation: Situation) -> None:
    for busy in (replace(situation, quiet_seconds=0.0), replace(situation, quiet_seconds=0.9)):
        line = next_line(busy)
        assert line is None or not line.aloud


@settings(max_examples=200)
@given(situations)
def test_the_same_situation_gives_the_same_line_with_a_reason(situation: Situation) -> None:
    line = next_line(situation)
    assert line == next_line(situation)
    assert line is None or (line.text and line.reason)


@settings(max_examples=200)
@given(situations)
def test_every_rule_keeps_its_distance_and_its_number(situation: Situation) -> None:
    line = next_line(situation)
    table = {rule.name: rule for rule in RULES}
    if line is None or line.rule not in table:
        return
    own = table[line.rule]
    assert situation.now - max((said.at for said in situation.said), default=float("-inf")) >= own.spacing
    assert situation.times(own.name) < own.most * 2
    assert situation.strictness != "silent"
    assert situation.nudges or not own.nudge


@settings(max_examples=100)
@given(situations, st.floats(0, 300))
def test_what_has_not_been_written_down_yet_is_waited_for(situation: Situation, quiet: float) -> None:
    line = next_line(replace(situation, settled=False, quiet_seconds=quiet))
    assert line is None or line.rule.startswith("time_")
