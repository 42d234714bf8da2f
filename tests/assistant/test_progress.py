"""Weeks of practice in figures."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from assistant.progress import progress
from assistant.store import SessionSummary


def judged(day: str, score: float, findings: int = 2, problem: str = "feed", minutes: float = 30.0) -> SessionSummary:
    at = f"{day}T18:00:00+01:00"
    return SessionSummary(
        at, problem, "six-stage", "senior", 2700.0, 60 * minutes, at, "finished", score, findings
    )  # fmt: skip


def test_weeks_begin_on_monday_and_a_week_without_practice_is_a_gap() -> None:
    weeks = progress([judged("2026-03-18", 60, 1), judged("2026-03-01", 40, 4), judged("2026-03-16", 70, 2)]).weeks
    assert [(week.monday, week.sessions, week.score, week.findings) for week in weeks] == [
        ("2026-02-23", 1, 40, 4),
        ("2026-03-02", 0, None, None),
        ("2026-03-09", 0, None, None),
        ("2026-03-16", 2, 65, 1.5),
    ]
    assert weeks[-1].minutes == 60


def test_the_first_sessions_are_compared_with_the_last() -> None:
    scores = [30, 40, 50, 10, 60, 70, 80]
    figures = progress([judged(f"2026-03-{day:02d}", score) for day, score in enumerate(scores, 1)])
    assert figures.score_change == 30
    assert figures.best_score == 80
    assert progress([judged("2026-03-01", 50)]).score_change is None


def test_where_nothing_was_said_only_the_minutes_count() -> None:
    silent = replace(judged("2026-03-02", 0, problem="eta", minutes=2), score=None)
    figures = progress([judged("2026-03-01", 40), silent])
    assert (len(figures.sessions), figures.minutes, figures.problems) == (1, 32, {"feed": 1})


def test_problems_are_counted() -> None:
    days = [judged("2026-03-01", 1, problem="eta"), judged("2026-03-02", 1), judged("2026-03-03", 1)]
    assert progress(days).problems == {"feed": 2, "eta": 1}


def test_sessions_without_a_report_are_left_out() -> None:
    running = SessionSummary("x", None, "six-stage", "mid", 60.0, 60.0, "", "running", None, None)
    figures = progress([running])
    assert figures.sessions == ()
    assert figures.weeks == ()
    assert figures.best_score is None


def test_of_a_session_that_was_broken_off_only_the_minutes_count() -> None:
    broken = replace(judged("2026-03-09", 95, minutes=12), broken_off=True)
    figures = progress([judged("2026-03-02", 40), broken])
    assert (len(figures.sessions), figures.best_score, figures.problems) == (1, 40, {"feed": 1})
    assert [(week.sessions, week.minutes, week.score) for week in figures.weeks] == [(1, 30, 40), (0, 12, None)]
    assert figures.minutes == 42


@given(
    st.lists(st.tuples(st.dates(), st.floats(0, 100)), max_size=8).filter(
        lambda rows: not rows or (max(rows)[0] - min(rows)[0]).days < 1000
    )
)
def test_every_session_is_in_one_week(rows: list[tuple[object, float]]) -> None:
    figures = progress([judged(f"{day}", score) for day, score in rows])
    assert sum(week.sessions for week in figures.weeks) == len(figures.sessions) == len(rows)
