"""How practice goes over weeks: each session's figures, and those of each week together. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import mean

from assistant.store import SessionSummary

_COMPARED = 3


@dataclass(frozen=True, slots=True)
class SessionPoint:
    """One judged session. started_at: ISO 8601. framework: with the drill in its id. score: 0 to 100. findings: how many."""

    id: str
    started_at: str
    problem: str | None
    minutes: float
    score: float
    findings: int
    framework: str

    @property
    def whole(self) -> bool:
        """Whether it was no drill: only whole interviews compare."""
        return ":" not in self.framework


@dataclass(frozen=True, slots=True)
class Week:
    """One week's practice. monday: its first day, ISO 8601. score, findings: means of whole interviews, None without."""

    monday: str
    sessions: int
    minutes: float
    score: float | None
    findings: float | None


@dataclass(frozen=True, slots=True)
class Progress:
    """The history in figures.

    sessions: oldest first. weeks: every week from the first session to the last. problems: how often each was
    practised. score_change: mean score of the last three sessions less that of the first three, None for fewer than six.
    """

    sessions: tuple[SessionPoint, ...]
    weeks: tuple[Week, ...]
    problems: dict[str, int]
    minutes: float
    best_score: float | None
    score_change: float | None


def progress(summaries: Iterable[SessionSummary]) -> Progress:
    """The figures of all judged sessions among these, in any order; those without a report are left out."""
    points = sorted(
        (
            SessionPoint(
                s.id, s.started_at, s.problem, round(s.duration_seconds / 60, 2), s.score, s.findings, s.framework
            )
            for s in summaries
            if s.state == "finished" and s.score is not None and s.findings is not None
        ),
        key=lambda point: datetime.fromisoformat(point.started_at),
    )
    scores = [point.score for point in points if point.whole]
    compared = len(scores) >= 2 * _COMPARED
    return Progress(
        sessions=tuple(points),
        weeks=_weeks(points),
        problems=dict(Counter(point.problem for point in points if point.problem is not None).most_common()),
        minutes=round(sum(point.minutes for point in points), 2),
        best_score=max(scores, default=None),
        score_change=round(mean(scores[-_COMPARED:]) - mean(scores[:_COMPARED]), 1) if compared else None,
    )


def _weeks(points: list[SessionPoint]) -> tuple[Week, ...]:
    by_monday: dict[date, list[SessionPoint]] = defaultdict(list)
    for point in points:
        day = datetime.fromisoformat(point.started_at).date()
        by_monday[day - timedelta(days=day.weekday())].append(point)
    if not by_monday:
        return ()
    first, last = min(by_monday), max(by_monday)
    mondays = [first + timedelta(weeks=number) for number in range((last - first).days // 7 + 1)]
    return tuple(_week(monday, by_monday.get(monday, [])) for monday in mondays)


def _week(monday: date, points: list[SessionPoint]) -> Week:
    whole = [point for point in points if point.whole]
    return Week(
        monday=monday.isoformat(),
        sessions=len(points),
        minutes=round(sum(point.minutes for point in points), 2),
        score=round(mean(point.score for point in whole), 1) if whole else None,
        findings=round(mean(point.findings for point in whole), 1) if whole else None,
    )
