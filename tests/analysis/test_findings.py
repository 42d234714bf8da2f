"""What a strict, fair interviewer objects to, and what only looks like it."""

from dataclasses import replace

import pytest

from analysis.judgement import judge
from analysis.pitfalls import (
    missed_stage,
    missed_topic,
    overrun,
    questions,
    silence,
    speech_habits,
)
from analysis.report import Finding
from analysis.rules import rule, topic_rules
from prompts.frameworks import load_frameworks
from prompts.vocabulary import LEVELS, TOPICS, Level, Severity, Stage, Topic
from tests.analysis.talks import WORDS, Said, asked, talk, whole


@pytest.mark.parametrize("framework", list(load_frameworks()))
@pytest.mark.parametrize("minutes", [35, 45, 60])
@pytest.mark.parametrize("level", LEVELS)
def test_a_clean_talk_is_not_accused_of_anything(framework: str, minutes: float, level: Level) -> None:
    clean = talk(*whole(framework, minutes), framework=framework, minutes=minutes, level=level)
    assert [found.code for found in judge(clean) if found.severity != "info"] == []


@pytest.mark.parametrize("framework", list(load_frameworks()))
def test_a_stage_left_out_is_missed_and_the_others_are_not(framework: str) -> None:
    for stage in dict.fromkeys(step.stage for step in load_frameworks()[framework].steps):
        found = list(missed_stage.find(talk(*whole(framework, **{stage: 0.0}), framework=framework)))
        assert [finding.stage for finding in found] == [stage]
        assert found[0].severity == ("info" if stage == "wrap_up" else "fault")
        assert found[0].quote == "" and found[0].utterances == ()


def test_what_was_never_taken_up_stands_where_what_follows_it_began_in_earnest() -> None:
    before = [row for row in whole(data=0.0) if row.stage in ("problem", "high_level")]
    after = [row for row in whole(data=0.0) if row.stage not in ("problem", "high_level")]
    aside = Said("a two-tower model would do", "modeling", seconds=5)
    left = talk(before[0], aside, *before[1:], *after)
    begun = sum(row.seconds for row in (aside, *before))
    (found,) = missed_stage.find(left)
    assert found.start == found.end == begun
    (unfinished,) = missed_stage.find(talk(*whole(wrap_up=0.0)))
    assert unfinished.start == sum(row.seconds for row in whole(wrap_up=0.0))


def test_one_stray_sentence_does_not_fill_a_stage_and_is_quoted() -> None:
    said = whole(data=0.0)
    stray = Said("the data is in the logs somewhere", "data", ("labels",), 5)
    (found,) = missed_stage.find(talk(*said[:10], stray, *said[10:]))
    assert (found.stage, found.quote) == ("data", stray.text)


def test_content_said_during_another_stage_counts() -> None:
    blended = (
        Said(WORDS, "modeling", ("labels",)),
        Said(WORDS, "modeling", ("features",)),
        Said(WORDS, "modeling", ("split",)),
        Said(WORDS, "modeling", ("imbalance",)),
    )
    assert missed_stage.missed_stages(talk(*whole(data=0.0), *blended)) == ()


def test_a_stage_of_much_talk_and_no_known_topic_is_not_missed() -> None:
    silent_on_topics = tuple(Said(WORDS, "data", (), 30) for _ in range(14))
    assert "data" not in missed_stage.missed_stages(talk(*whole(data=0.0), *silent_on_topics))


def test_a_talk_without_the_candidate_misses_nothing() -> None:
    nobody = talk(asked("hello"), asked("are you there"))
    assert judge(nobody) == ()
    assert judge(talk()) == ()


def test_an_overrun_is_found_at_the_second_the_planned_time_was_up() -> None:
    planned = talk().planned("problem")
    rows = [Said(f"sentence number {index} about the users", "problem", seconds=10) for index in range(int(planned))]
    (found,) = overrun.find_stage(talk(*rows))
    assert found.stage == "problem" and found.severity == "fault"
    assert found.start <= planned <= found.start + 10
    assert found.end == 10 * len(rows)
    assert found.quote == rows[found.utterances[0]].text


def test_an_overrun_names_what_it_cost() -> None:
    (found,) = overrun.find_stage(talk(*whole(problem=4.0, modeling=0.3)))
    cost = found.message.partition(";")[2]
    assert "Model" in cost or "model" in cost


def test_a_little_over_is_no_overrun() -> None:
    assert list(overrun.find_stage(talk(*whole(problem=1.2, data=1.1)))) == []


def test_time_that_may_belong_to_another_stage_is_not_held_against_the_candidate() -> None:
    doubtful = Said(WORDS, "problem", seconds=600, confidence=0.3)
    assert list(overrun.find_stage(talk(*whole(), doubtful))) == []


def test_the_interviewers_turns_count_where_they_fall() -> None:
    rows = (Said(WORDS, "problem"), asked("let me explain the product at length", seconds=1200), Said(WORDS, "problem"))
    (found,) = overrun.find_stage(talk(*rows))
    assert found.utterances == (2,), "the candidate's own words are quoted, not the interviewer's"


def test_stages_scale_with_the_session() -> None:
    rows = whole(minutes=45)
    assert list(overrun.find_stage(talk(*rows, minutes=45))) == []
    assert list(overrun.find_stage(talk(*rows, minutes=20)))


def test_the_session_runs_over_from_its_planned_end() -> None:
    rows = [Said(f"sentence {index}", "modeling", seconds=30) for index in range(100)]
    (found,) = overrun.find_session(talk(*rows, minutes=45))
    assert (found.start, found.end, found.quote) == (2700, 3000, "sentence 90")
    assert found.severity == "warning"
    (worse,) = overrun.find_session(talk(*rows, minutes=35))
    assert worse.severity == "fault"


@pytest.mark.parametrize("minutes", [50, 60])
def test_a_session_within_its_time_is_no_overrun(minutes: float) -> None:
    assert list(overrun.find_session(talk(*[Said(WORDS, "modeling", seconds=30)] * 100, minutes=minutes))) == []


def test_silence_after_the_last_word_is_not_talking_too_long() -> None:
    assert list(overrun.find_session(talk(*whole(), silence=900))) == []


def test_never_asking_is_found_and_one_question_is_enough() -> None:
    rows = [Said(WORDS, "problem")] * 20
    (found,) = questions.find_none(talk(*rows))
    assert found.code == "no_clarifying_questions"
    question = Said("who are the users", "problem", ("clarifying_questions",))
    assert list(questions.find_none(talk(*rows, question))) == []


def test_a_short_talk_is_not_blamed_for_asking_nothing() -> None:
    assert list(questions.find_none(talk(Said(WORDS, "problem")))) == []


QUESTION = Said("who are the users", "problem", ("clarifying_questions",))


def test_question_after_question_is_found_once_with_all_of_them() -> None:
    (found,) = questions.find_chain(talk(*[QUESTION, asked("people")] * 10, Said(WORDS, "data", ("labels",))))
    assert found.code == "too_many_questions" and "10 questions" in found.message
    assert found.utterances == tuple(range(0, 20, 2)) and found.start == 0


def test_many_questions_in_few_breaths_are_a_chain_too() -> None:
    text = "Who are the users? Which contracts are included? Are they all in English?"
    breath = Said(text, "problem", ("clarifying_questions",))
    (found,) = questions.find_chain(talk(breath, breath, breath))
    assert "9 questions" in found.message
    assert list(questions.find_chain(talk(breath, breath))) == []


def test_a_few_questions_followed_by_assumptions_are_what_one_wants() -> None:
    assumption = Said("i assume everybody is over eighteen and lives in one country today", "problem", ("assumptions",))
    assert list(questions.find_chain(talk(*[QUESTION, QUESTION, assumption] * 6))) == []


def silences(pause: float, before: str = WORDS, *, resumed: bool = True) -> list[Finding]:
    rows = [Said(before, "data", pause=pause), Said(WORDS, "data")]
    return list(silence.find(talk(*rows[: 2 if resumed else 1])))


def test_a_long_silence_is_found_where_it_was() -> None:
    (found,) = silences(45)
    assert (found.code, found.start, found.end, found.severity) == ("long_silence", 10, 55, "warning")
    assert found.quote == WORDS and "45 seconds" in found.message
    assert silences(120)[0].severity == "fault"


@pytest.mark.parametrize("before", ["give me a minute to draw this", "Let me think.", "bear with me for a second"])
def test_an_announced_pause_is_fine(before: str) -> None:
    assert silences(50, before) == []


def test_short_pauses_and_the_silence_after_the_end_are_fine() -> None:
    assert silences(6) == []
    assert silences(300, resumed=False) == []
    assert list(silence.find(talk(Said(WORDS, "data"), silence=600))) == []


def test_a_silence_the_interviewer_ends_is_not_the_candidates_unless_they_were_stuck() -> None:
    waiting = (Said(WORDS, "data", pause=30), asked("And where do the labels come from?"), Said(WORDS, "data"))
    assert list(silence.find(talk(*waiting))) == []
    stuck = (*waiting[:2], Said("sorry, I lost the thread", "other"))
    (found,) = silence.find(talk(*stuck))
    assert (found.start, found.end, found.quote) == (10, 40, WORDS)


def test_an_expected_topic_that_never_came_near_is_missed() -> None:
    said = tuple(
        Said(row.text, row.stage, tuple(topic for topic in row.topics if topic != "labels"), row.seconds)
        for row in whole()
    )
    found = [finding for finding in missed_topic.find(talk(*said)) if finding.topic == "labels"]
    assert [(finding.code, finding.stage) for finding in found] == [("missed_topic", "data")]
    assert list(missed_topic.find(talk(*said, touched=("labels",)))) == []


@pytest.mark.parametrize(("stage", "missed"), [("data", False), ("modeling", True)])
def test_in_another_stage_than_its_own_a_topic_must_be_plainer_to_count(stage: Stage, missed: bool) -> None:
    said = [replace(row, topics=tuple(topic for topic in row.topics if topic != "labels")) for row in whole()]
    spoken = talk(*said)
    half_heard = spoken.heard.copy()
    half_heard[spoken.labels.index(stage), TOPICS.index("labels")] = 0.2
    found = missed_topic.find(replace(spoken, heard=half_heard))
    assert any(finding.topic == "labels" for finding in found) is missed


@pytest.mark.parametrize("level", LEVELS)
def test_only_what_the_level_expects_is_missed_and_never_all_at_once(level: Level) -> None:
    bare = tuple(Said(row.text, row.stage, (), row.seconds) for row in whole())
    spoken = talk(*bare, level=level)
    found = list(missed_topic.find(spoken))
    expected: tuple[Topic, ...] = spoken.framework.expects[level]
    named = [finding.topic for finding in found if finding.topic]
    assert len(found) == len(named) <= rule("missed_topic").numbers["most"]
    assert named == sorted(named, key=expected.index), "the most important first"


@pytest.mark.parametrize(("level", "severity"), [("junior", "info"), ("staff", "fault")])
def test_a_missing_monitoring_plan_is_a_note_for_a_junior_and_a_fault_for_staff(
    level: Level, severity: Severity
) -> None:
    gone = [replace(row, topics=tuple(topic for topic in row.topics if topic != "monitoring")) for row in whole()]
    (found,) = [finding for finding in missed_topic.find(talk(*gone, level=level)) if finding.topic == "monitoring"]
    assert found.severity == severity
    assert ("junior" in found.source) is False


def test_the_topics_of_a_missed_stage_come_last_and_weigh_little() -> None:
    spoken = talk(*(row for row in whole(data=0.0) if "baseline" not in row.topics))
    assert missed_stage.missed_stages(spoken) == ("data",)
    first, *others = missed_topic.find(spoken)
    assert (first.topic, first.severity) == ("baseline", "warning")
    assert {finding.topic for finding in others} >= {"labels", "features"}
    assert {finding.severity for finding in others} == {"info"}


def test_fillers_well_above_the_usual_are_found_in_the_worst_sentence() -> None:
    rows = [Said(f"um {WORDS} uh", "data")] * 15
    worst = Said(f"um uh um {WORDS} um uh", "data")
    (found,) = speech_habits.find_fillers(talk(*rows, worst, *rows))
    assert found.code == "rambling_fillers" and found.quote == worst.text
    few = [Said(f"um {WORDS} {WORDS} {WORDS}", "data")] * 15
    assert list(speech_habits.find_fillers(talk(*few))) == []


def test_the_interviewers_fillers_are_not_the_candidates() -> None:
    rows = [Said(WORDS, "data"), asked("um uh um uh um uh")] * 20
    assert list(speech_habits.find_fillers(talk(*rows))) == []


@pytest.mark.parametrize(("words_per_minute", "found"), [(20, ""), (70, "slow"), (150, ""), (300, "fast")])
def test_pace_is_found_outside_what_people_follow_easily(words_per_minute: float, found: str) -> None:
    # Nobody speaks 20 words a minute: such times count the pauses as speech.
    seconds = 60 * len(WORDS.split()) / words_per_minute
    messages = [
        finding.message for finding in speech_habits.find_pace(talk(*[Said(WORDS, "data", seconds=seconds)] * 30))
    ]
    assert [f"too {found}" in message for message in messages] == [True] * bool(found)


def test_hedges_well_above_our_limit_are_remarked_on() -> None:
    rows = [Said(f"maybe {WORDS} I guess", "data")] * 15
    worst = Said(f"maybe {WORDS} or something, I guess, probably", "data")
    (found,) = speech_habits.find_hedging(talk(*rows, worst, *rows))
    assert (found.code, found.severity, found.quote) == ("hedging", "info", worst.text)
    assert '"i guess" and "maybe"' in found.message
    assert list(speech_habits.find_hedging(talk(*[Said(f"maybe {WORDS} {WORDS} {WORDS} {WORDS}", "data")] * 15))) == []
    assert list(speech_habits.find_hedging(talk(*rows[:3]))) == [], "too few words to judge"


def test_the_interviewers_hedges_are_not_the_candidates() -> None:
    assert list(speech_habits.find_hedging(talk(*[Said(WORDS, "data"), asked("maybe I guess")] * 20))) == []


def test_a_very_long_monologue_is_remarked_on_once() -> None:
    long = [Said(WORDS, "data", seconds=30)] * 15
    (found,) = speech_habits.find_monologue(talk(*long, asked("Go on."), *long, Said(WORDS, "data")))
    assert (found.code, found.severity) == ("monologue", "info")
    assert (found.start, found.end) == (455, 915) and "7:40" in found.message


@pytest.mark.parametrize("between", [asked("Sure."), Said("does that make sense so far", "data")])
def test_a_turn_or_a_check_in_divides_a_monologue(between: Said) -> None:
    half = [Said(WORDS, "data", seconds=30)] * 13
    assert list(speech_habits.find_monologue(talk(asked("Begin."), *half, between, *half))) == []


def test_a_recording_of_one_voice_is_not_called_a_monologue() -> None:
    assert list(speech_habits.find_monologue(talk(*[Said(WORDS, "data", seconds=30)] * 60))) == []


def test_how_it_was_said_is_never_a_fault() -> None:
    rows = [Said(f"um maybe {WORDS} I guess uh", "data", seconds=4)] * 200
    found = judge(talk(asked("Begin."), *rows))
    habits = [row for row in found if row.code in ("hedging", "monologue", "pace", "rambling_fillers")]
    assert {row.code for row in habits} == {"hedging", "monologue", "pace", "rambling_fillers"}
    assert {row.severity for row in habits if row.code != "rambling_fillers"} == {"info"}
    assert not [row for row in habits if row.severity == "fault"]


def test_faults_come_first() -> None:
    jump = Said("I would use a two tower model", "problem")
    order = [finding.severity for finding in judge(talk(jump, *whole(production=0.0, problem=3.0)))]
    assert order == sorted(order, key=["fault", "warning", "info"].index)
    assert "fault" in order


def test_every_finding_says_what_to_do_and_where_it_comes_from() -> None:
    rough = talk(
        Said("I would use a two tower model", "problem", pause=90),
        *[Said(f"um {WORDS} uh uh", "problem", ("trade_off",), 60)] * 60,
    )
    found = judge(rough)
    assert {"premature_modeling", "missed_stage", "stage_overrun", "session_overrun", "long_silence"} <= {
        finding.code for finding in found
    }
    for finding in found:
        assert finding.message and finding.advice and finding.source and "{" not in finding.message + finding.source
        assert 0 <= finding.start <= finding.end <= rough.duration_seconds
        texts = [rough.utterances[id].text for id in finding.utterances]
        assert finding.quote == (texts[0] if texts else "")


def test_every_topic_has_a_home() -> None:
    assert set(topic_rules()) == set(TOPICS)
