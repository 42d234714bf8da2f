"""A session that a crash ended: what was said counts, what had not come yet does not count as missed."""

from dataclasses import replace

from analysis.delivery import measure
from analysis.pitfalls import missed_stage, missed_topic, questions
from analysis.render.wording import nothing_to_do
from analysis.report import Report, Score, SessionFacts
from analysis.rules import topic_rules
from analysis.talk import Talk
from tests.analysis.talks import Said, talk, whole


def until(minutes: float, *said: Said) -> Talk:
    """A talk of 45 planned minutes that was broken off after some."""
    spoken: list[Said] = []
    for row in said or whole():
        if sum(one.seconds for one in (*spoken, row)) > 60 * minutes:
            break
        spoken.append(row)
    return replace(talk(*spoken), broken_off=True)


def test_what_had_not_come_yet_is_not_missed() -> None:
    cut = until(15)
    assert missed_stage.missed_stages(replace(cut, broken_off=False)) != ()
    assert missed_stage.missed_stages(cut) == ()
    passed = {topic_rules()[topic].stage for topic in missed_topic.missed_topics(cut)}
    assert passed.isdisjoint({"modeling", "production", "wrap_up"})


def test_what_was_left_behind_is_missed() -> None:
    skipped = until(36, *whole(data=0.0, production=2.0))
    assert missed_stage.missed_stages(skipped) == ("data",)


def test_who_went_ahead_of_the_plan_might_have_come_back() -> None:
    ahead = until(6, *whole(data=0.0, problem=0.3, high_level=0.3))
    assert ahead.rows("modeling")
    assert missed_stage.missed_stages(ahead) == ()


def test_no_question_yet_is_none_missed_before_the_problem_was_left() -> None:
    silent = [replace(row, topics=()) for row in whole()]
    assert list(questions.find_none(until(4, *silent))) == []
    assert len(list(questions.find_none(until(20, *silent)))) == 1


def test_whoever_was_broken_off_is_not_sent_to_a_higher_level() -> None:
    facts = SessionFacts("x", "feed", "six-stage", "senior", 600.0, 28.0, None)
    report = Report(facts, (), (), (), measure((), (), 0.0), Score(100.0, {"problem": 100.0}, ()), ())
    assert "Try a higher level" in nothing_to_do(report)
    assert "broken off" in nothing_to_do(replace(report, session=replace(facts, broken_off=True)))
