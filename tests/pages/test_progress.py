"""Weeks, trends, and what keeps coming up."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assistant.events import SessionStarted
from assistant.progress import Week
from server.pages.progress import streak
from tests.pages.chromium import Tab
from tests.pages.conftest import fits
from tests.server.conftest import Served, happened, keep, start, stop

DAYS = ("2026-10-05", "2026-10-07", "2026-10-20")


@pytest.fixture(scope="module")
def practising(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server over a history of three sessions in three weeks."""
    served = start(Path(tmp_path_factory.mktemp("history")))
    for day in DAYS:
        first, *rest = happened(f"{day.replace('-', '')}-090000-0001")
        assert isinstance(first, SessionStarted)
        served.store.report(keep(served.store, [replace(first, started_at=f"{day}T09:00:00+02:00"), *rest]))
    yield served
    stop(served)


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (320, "light"), (1200, "light")])
def test_it_is_accessible_and_fits(
    practising: Served, tab: Tab, violations: Callable[[Tab], list[str]], width: int, scheme: str
) -> None:
    tab.size(width, 800)
    tab.colours(scheme)
    tab.open(f"{practising.url}/progress")
    assert fits(tab)
    assert violations(tab) == []


def test_weeks_without_practice_are_shown_too(practising: Served, tab: Tab) -> None:
    tab.open(f"{practising.url}/progress")
    rows = tab.run(
        "[...document.querySelectorAll('#weeks ~ div tbody tr')].map(e => e.textContent.trim().split(/\\s+/))"
    )
    assert [row[0][:10] for row in rows] == ["2026-10-19", "2026-10-12", "2026-10-05"]
    assert "–" in "".join(rows[1])


def test_every_stage_has_a_trend_and_every_finding_a_count(practising: Served, tab: Tab) -> None:
    tab.open(f"{practising.url}/progress")
    assert tab.run("document.querySelectorAll('.trend').length") == 7
    assert tab.run("document.querySelector('.trend').querySelectorAll('path').length") == len(DAYS)
    counts = tab.run(
        "[...document.querySelectorAll('#repeated ~ div tbody td:nth-child(2)')].map(e => Number(e.textContent))"
    )
    assert counts and set(counts) == {len(DAYS)}
    assert "Raised in 3 of your last 3 sessions" in tab.run("document.querySelector('main').textContent")


def test_without_a_history_it_says_where_to_begin(started: Callable[..., Served], tab: Tab, tmp_path: Path) -> None:
    tab.open(f"{started(tmp_path).url}/progress")
    assert "no judged sessions yet" in tab.run("document.querySelector('main').textContent")


def week(monday: str, sessions: int, minutes: float = 0.0) -> Week:
    return Week(monday, sessions, minutes or 12.0 * sessions, None, None)


def test_a_streak_is_broken_by_a_week_without_practice_but_not_by_one_that_has_just_begun() -> None:
    weeks = [week("2026-11-02", 1), week("2026-11-09", 2)]
    assert streak(weeks, date(2026, 11, 11)) == 2
    assert streak(weeks, date(2026, 11, 16)) == 2
    assert streak(weeks, date(2026, 11, 23)) == 0
    assert streak([week("2026-11-02", 1), week("2026-11-09", 0), week("2026-11-16", 1)], date(2026, 11, 17)) == 1


def test_a_session_that_was_broken_off_is_practice() -> None:
    assert (
        streak([week("2026-11-02", 1), week("2026-11-09", 0, minutes=8), week("2026-11-16", 1)], date(2026, 11, 17))
        == 3
    )
