"""How practice goes, stage by stage, finding by finding and by how it was said, and what comes next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from analysis.report import Report
from assistant.exercise import LATELY, Exercise, PlannedWeek, next_exercise, plan, weakest_of_last
from assistant.progress import Progress, SessionPoint, progress
from assistant.store import Store
from prompts.errors import UserError
from prompts.frameworks import get_framework
from prompts.vocabulary import STAGES, DrillChoice, FindingCode, Stage

_MOST_SESSIONS = 30
_LATELY = 5

DELIVERY = {
    "words_per_minute": "words a minute",
    "fillers_per_hundred": "fillers in a hundred words",
    "hedges_per_hundred": "hedges in a hundred words",
    "longest_monologue_seconds": "longest monologue in seconds",
    "longest_pause_seconds": "longest pause in seconds",
}
"""Figures of how it was said, and what they are called."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A finding and in how many of the last sessions, and of those before them, it was raised; the advice given last."""

    code: FindingCode
    lately: int
    before: int
    advice: str


@dataclass(frozen=True, slots=True)
class Outlook(Progress):
    """Progress and what follows from it.

    stages, delivery: for each stage and figure a value a session, oldest first, None where there is none. findings: the
    most frequent first. next: what to practise next. plan: the problems of this and the next weeks.
    """

    stages: dict[Stage, tuple[float | None, ...]]
    delivery: dict[str, tuple[float | None, ...]]
    findings: tuple[Repeated, ...]
    next: Exercise
    plan: tuple[PlannedWeek, ...]


def outlook(store: Store, today: date | None = None) -> Outlook:
    """Of all sessions that ended and were judged; stages, findings and delivery of the last thirty."""
    figures = progress(store.list_sessions(-1))
    today = today or date.today()
    reports = _reports(store, figures.sessions[-_MOST_SESSIONS:])
    return Outlook(
        **{field.name: getattr(figures, field.name) for field in fields(Progress)},
        stages={stage: tuple(report.score.by_stage.get(stage) for report in reports) for stage in STAGES},
        delivery={name: tuple(_figure(report, name) for report in reports) for name in DELIVERY},
        findings=_repeated(reports),
        next=next_exercise(figures.sessions, _interviews(store, figures.sessions), today),
        plan=plan(figures.sessions, today),
    )


def next_of(store: Store, today: date | None = None) -> Exercise:
    """What to practise next, without the rest of the outlook."""
    points = progress(store.list_sessions(-1)).sessions
    return next_exercise(points, _interviews(store, points), today or date.today())


def drilled(store: Store, drill: DrillChoice, problem: str | None, framework: str) -> tuple[str | None, str]:
    """Problem and framework of a drill: a stage, `probes`, or `weakest`, which looks at the last whole session.

    Raises NothingPractised, and UnknownFramework for a stage that the framework does not have.
    """
    if drill != "weakest":
        return problem, get_framework(f"{framework}:{drill}").id
    again = weakest_of_last(_interviews(store, progress(store.list_sessions(-1)).sessions))
    if again is None:
        raise NothingPractised
    return problem or again.problem, again.framework


class NothingPractised(UserError):
    """There is no session to learn from yet."""

    def __init__(self) -> None:
        super().__init__(
            "There is no judged session yet whose weakest stage could be drilled", "Begin with `viva practice`"
        )


def _interviews(store: Store, points: Sequence[SessionPoint]) -> list[Report]:
    return _reports(store, [point for point in points if point.whole][-LATELY:])


def _reports(store: Store, points: Sequence[SessionPoint]) -> list[Report]:
    kept = (store.outline(point.id) for point in points)
    return [report for report in kept if report is not None]


def _figure(report: Report, name: str) -> float | None:
    """A figure of how it was said; None where nothing was said."""
    return round(getattr(report.delivery, name), 1) if report.delivery.speaking_seconds else None


def _repeated(reports: Sequence[Report]) -> tuple[Repeated, ...]:
    advice = {finding.code: finding.advice for report in reports for finding in report.findings}
    lately, before = _sessions_with(reports[-_LATELY:]), _sessions_with(reports[:-_LATELY])
    rows = (Repeated(code, lately[code], before[code], advice[code]) for code in advice)
    return tuple(sorted(rows, key=lambda row: (-row.lately, -row.before, row.code)))


def _sessions_with(reports: Sequence[Report]) -> Counter[FindingCode]:
    return Counter(code for report in reports for code in {finding.code for finding in report.findings})
