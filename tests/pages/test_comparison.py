"""Which attempt a session is compared with, and what is counted as the same."""

from dataclasses import replace

from analysis.report import Delivery, Finding, Report, Score, SessionFacts, StageTime
from assistant.store import SessionSummary
from prompts.vocabulary import FindingCode, Stage
from server.pages.comparison import compare, last_attempt

NOW = SessionSummary(
    "20260103-000000-0000", "feed", "six-stage", "senior", 2700, 2600, "2026-01-03T00:00:00+00:00", "finished", 60.0, 3
)


def before(day: int) -> SessionSummary:
    return replace(NOW, id=f"202601{day:02d}-000000-0000")


def test_the_last_judged_attempt_at_the_same_problem_is_taken() -> None:
    history = [before(4), NOW, replace(before(2), problem="ads"), replace(before(2), score=None), before(1)]
    assert last_attempt(NOW, history) == before(1)
    assert last_attempt(before(1), history) is None
    own = replace(NOW, problem=None)
    assert last_attempt(own, [own, replace(before(2), problem=None)]) is None


def test_what_was_broken_off_is_compared_with_nothing() -> None:
    broken = replace(before(2), broken_off=True)
    assert last_attempt(NOW, [NOW, broken, before(1)]) == before(1)
    assert last_attempt(broken, [NOW, broken, before(1)]) is None


def test_a_drill_is_compared_with_the_same_drill_alone() -> None:
    drill = replace(before(2), framework="six-stage:data")
    assert last_attempt(NOW, [NOW, drill, replace(before(1), framework="five-step")]) is not None
    assert last_attempt(NOW, [NOW, drill]) is None
    again = replace(NOW, framework="five-step:data")
    assert last_attempt(again, [again, before(2), drill]) == drill


def finding(code: FindingCode, stage: Stage | None = None) -> Finding:
    return Finding(code, "warning", 1.0, 2.0, (), "", f"{code} {stage}", "", "", stage)


def report(total: float, findings: tuple[Finding, ...], *stages: Stage) -> Report:
    times = tuple(StageTime(stage, 300, 200, None, None, ()) for stage in stages)
    return Report(
        SessionFacts("20260101-000000-0000", "feed", "six-stage", "senior", 2700, 2600),
        (), times, findings, Delivery(0, 0, 0, (), 0, (), ()), Score(total, dict.fromkeys(stages, 50.0), ()), (),
    )  # fmt: skip


def test_findings_are_the_same_by_code_stage_and_topic() -> None:
    hole, data, wrap = finding("rabbit_hole"), finding("missed_stage", "data"), finding("missed_stage", "wrap_up")
    made = compare(report(40.4, (hole, hole, hole, data)), report(62.6, (wrap, hole, hole)))
    assert made.change == 23
    assert made.gone == (data,)
    assert [(row.number, row.finding) for row in made.new] == [(1, wrap)]
    assert [(row.number, row.then, row.now) for row in made.again] == [(2, 3, 2)]


def test_a_stage_that_one_framework_lacks_has_no_time_there() -> None:
    rows = compare(report(1, (), "problem", "wrap_up"), report(1, (), "problem", "data")).stages
    found = [(row.stage, row.then is None, row.now is None, row.score_then, row.score_now) for row in rows]
    assert found == [
        ("problem", False, False, 50, 50),
        ("data", True, False, None, 50),
        ("wrap_up", False, True, 50, None),
    ]
