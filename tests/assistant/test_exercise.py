"""What to practise next: one problem a week, what went badly sooner, and the weakest stage in between."""

from dataclasses import replace
from datetime import date

import pytest

from analysis.delivery import measure
from analysis.report import Report, Score, SessionFacts
from assistant.exercise import Exercise, next_exercise, plan, weakest_of_last
from assistant.progress import SessionPoint
from assistant.proposing import propose
from prompts.problems import load_problems
from prompts.vocabulary import STAGES

MONDAY = date(2026, 3, 2)
WEDNESDAY = date(2026, 3, 4)
FIRST, SECOND, *_ = load_problems()


def following(*reports: Report, today: date = WEDNESDAY) -> Exercise:
    """What comes next after these sessions."""
    return next_exercise(points(*reports), [report for report in reports if ":" not in report.session.framework], today)


def points(*reports: Report) -> list[SessionPoint]:
    return [
        SessionPoint(
            report.session.id,
            report.session.started_at or "",
            report.session.problem,
            report.session.duration_seconds / 60,
            report.score.total,
            0,
            report.session.framework,
        )
        for report in reports
    ]


def judged(day: str, problem: str, score: float = 70.0, framework: str = "six-stage", **points: float) -> Report:
    facts = SessionFacts(day, problem, framework, "senior", 2700.0, 2600.0, f"{day}T18:00:00+01:00")
    stages = {stage: points.get(stage, 90.0) for stage in STAGES}
    return Report(facts, (), (), (), measure((), (), 0.0), Score(score, stages, ()), ())


def test_who_has_not_practised_begins_with_a_whole_interview() -> None:
    first = following()
    assert (first.problem, first.drill, first.command) == (FIRST, None, f"viva practice {FIRST}")
    assert first.reason
    assert weakest_of_last([]) is None


def test_an_interview_that_was_only_begun_leaves_the_week_s_problem_to_do() -> None:
    begun = judged("2026-03-03", FIRST)
    begun = replace(begun, session=replace(begun.session, duration_seconds=49.0))
    exercise = following(begun)
    assert (exercise.problem, exercise.drill, exercise.reason) == (FIRST, None, "You only began it so far.")


def test_a_week_has_one_problem_and_then_the_weakest_stage_is_drilled() -> None:
    this_week = judged("2026-03-03", "feed", data=40.0)
    exercise = following(this_week)
    assert (exercise.problem, exercise.drill, exercise.framework) == ("feed", "data", "six-stage:data")
    assert exercise.command == "viva practice feed --drill data"
    assert "data: 40 of 100" in exercise.reason
    drilled = judged("2026-03-04", "feed", framework="six-stage:data")
    assert following(this_week, drilled).drill == "probes"
    assert following(this_week, today=date(2026, 3, 9)).drill is None


def test_a_session_without_points_for_a_stage_is_not_what_the_next_follows() -> None:
    doubted = replace(judged("2026-03-03", "feed"), score=Score(85.0, {"wrap_up": 100.0}, ()))
    assert (following(doubted).problem, following(doubted).drill) == ("feed", None)
    assert weakest_of_last([doubted]) is None
    earlier = judged("2026-03-02", "eta", data=40.0)
    assert (following(earlier, doubted).problem, following(earlier, doubted).drill) == ("eta", "data")


def test_a_strong_week_ends_in_quick_questions() -> None:
    assert following(judged("2026-03-03", "feed", 95.0)).drill == "probes"


def test_a_problem_comes_back_the_sooner_the_worse_it_went() -> None:
    badly, well = judged("2026-02-24", "feed", 30.0), judged("2026-02-17", "eta", 85.0)
    weeks = plan(points(well, badly), MONDAY, weeks=8)
    assert len({week.problem for week in weeks}) == len(weeks)
    places = {week.problem: number for number, week in enumerate(weeks)}
    assert places["feed"] == 1
    assert places.get("eta", 8) >= 5
    assert "scored 30" in weeks[1].reason
    assert [week.monday for week in weeks[:2]] == ["2026-03-02", "2026-03-09"]


def test_the_plan_shows_what_was_practised_this_week() -> None:
    assert plan(points(judged("2026-03-03", "feed")), WEDNESDAY)[0].problem == "feed"


def test_the_weakest_stage_of_the_last_session_is_repeated_on_its_problem() -> None:
    before = judged("2026-03-01", "feed", data=10.0)
    last = judged("2026-03-03", "eta", framework="five-step", modeling=55.0)
    again = weakest_of_last([before, last])
    assert again is not None
    assert (again.problem, again.framework) == ("eta", "five-step:modeling")
    assert again.command == "viva practice eta --drill modeling --framework five-step"


@pytest.mark.parametrize("count", [0, 1, 40])
def test_there_is_always_something_to_do(count: int) -> None:
    problems = list(load_problems())
    reports = [
        judged(f"2025-{1 + n // 28:02d}-{1 + n % 28:02d}", problems[n % len(problems)], 20.0 + n) for n in range(count)
    ]
    assert following(*reports).problem in load_problems()
    assert len(plan(points(*reports), WEDNESDAY)) == 4


def test_whoever_names_no_problem_is_proposed_the_next_exercise_and_may_prefer_another() -> None:
    drill = following(judged("2026-03-03", "feed", data=40.0))

    def proposed(*typed: str) -> tuple[Exercise, list[str]]:
        said: list[str] = []
        answers = iter(typed)
        return propose(drill, lambda _: next(answers), said.append), said

    taken, (line,) = proposed("")
    assert taken == drill
    assert "(feed), data alone, 10 minutes" in line and drill.reason in line
    other, (_, mistake) = proposed("fead", " eta ")
    assert (other.problem, other.framework, other.drill) == ("eta", "six-stage", None)
    assert "'fead'" in mistake
    assert propose(drill, None, lambda _: None) == drill


def test_a_problem_that_is_gone_is_not_proposed() -> None:
    assert following(judged("2026-03-03", "my-own", data=40.0)).problem in load_problems()
