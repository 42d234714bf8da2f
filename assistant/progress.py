"""How practice goes over weeks: each session's figures, and those of each week together. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import mean
from typing import TypeVar

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
    """The history in figures. Of sessions that were broken off, or in which nothing was said, only the minutes count.

    sessions: oldest first. weeks: every week from the first session to the last. problems: how often each was
    practised. score_change: mean score of the last three sessions less that of the first three, None for fewer than six.
    """

    sessions: tuple[SessionPoint, ...]
    weeks: tuple[Week, ...]
    problems: dict[str, int]
    minutes: float
    best_score: float | None
    score_change: float | None


Begun = TypeVar("Begun", SessionSummary, SessionPoint)


def progress(summaries: Iterable[SessionSummary]) -> Progress:
    """The figures of all judged sessions among these, in any order; those without a report are left out."""
    judged = sorted(
        (s for s in summaries if s.state == "finished" and s.findings is not None),
        key=lambda s: datetime.fromisoformat(s.started_at),
    )
    points = [
        SessionPoint(s.id, s.started_at, s.problem, _minutes([s]), s.score, s.findings, s.framework)
        for s in judged
        if s.score is not None and s.findings is not None and not (s.broken_off or s.empty)
    ]
    scores = [point.score for point in points if point.whole]
    compared = len(scores) >= 2 * _COMPARED
    return Progress(
        sessions=tuple(points),
        weeks=_weeks(judged, points),
        problems=dict(Counter(point.problem for point in points if point.problem is not None).most_common()),
        minutes=_minutes(judged),
        best_score=max(scores, default=None),
        score_change=round(mean(scores[-_COMPARED:]) - mean(scores[:_COMPARED]), 1) if compared else None,
    )


def _weeks(judged: Sequence[SessionSummary], points: Sequence[SessionPoint]) -> tuple[Week, ...]:
    if not judged:
        return ()
    first, last = _monday(judged[0]), _monday(judged[-1])
    mondays = [first + timedelta(weeks=number) for number in range((last - first).days // 7 + 1)]
    sessions, complete = _by_monday(judged), _by_monday(points)
    return tuple(_week(monday, sessions[monday], complete[monday]) for monday in mondays)


def _week(monday: date, sessions: Sequence[SessionSummary], points: Sequence[SessionPoint]) -> Week:
    whole = [point for point in points if point.whole]
    return Week(
        monday=monday.isoformat(),
        sessions=len(points),
        minutes=_minutes(sessions),
        score=round(mean(point.score for point in whole), 1) if whole else None,
        findings=round(mean(point.findings for point in whole), 1) if whole else None,
    )


def _by_monday(begun: Iterable[Begun]) -> Mapping[date, Sequence[Begun]]:
    found: dict[date, list[Begun]] = defaultdict(list)
    for one in begun:
        found[_monday(one)].append(one)
    return found


def _monday(begun: SessionSummary | SessionPoint) -> date:
    day = datetime.fromisoformat(begun.started_at).date()
    return day - timedelta(days=day.weekday())


def _minutes(sessions: Iterable[SessionSummary]) -> float:
    return round(sum(session.duration_seconds for session in sessions) / 60, 2)
