"""How practice goes, stage by stage, finding by finding and by how it was said, and what comes next."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import TypeVar

from analysis.report import Finding, Report
from assistant.exercise import LATELY, Exercise, PlannedWeek, next_exercise, plan, weakest_of_last
from assistant.progress import Progress, SessionPoint, progress
from assistant.store import Store
from prompts.errors import UserError
from prompts.frameworks import get_framework
from prompts.vocabulary import STAGES, DrillChoice, FindingCode, Stage, Topic

T = TypeVar("T")

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
class Raised:
    """A kind of finding, and in how many of the last sessions, and of those before them, it was raised."""

    code: FindingCode
    lately: int
    before: int


@dataclass(frozen=True, slots=True)
class Repeated(Raised):
    """A finding about one stage and topic, where it has them; the advice given last."""

    stage: Stage | None
    topic: Topic | None
    advice: str


@dataclass(frozen=True, slots=True)
class Outlook(Progress):
    """Progress and what follows from it.

    stages, delivery: for each stage and figure a value a session, oldest first, None where there is none. codes,
    findings: by kind alone, and by what exactly they advise; the most frequent first. next: what to practise next. plan:
    the problems of this and the next weeks.
    """

    stages: dict[Stage, tuple[float | None, ...]]
    delivery: dict[str, tuple[float | None, ...]]
    codes: tuple[Raised, ...]
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
        codes=_raised(reports),
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


def _raised(reports: Sequence[Report]) -> tuple[Raised, ...]:
    rows = (Raised(code, *counts) for code, counts in _counts(reports, lambda finding: finding.code).items())
    return tuple(sorted(rows, key=_most_frequent))


def _repeated(reports: Sequence[Report]) -> tuple[Repeated, ...]:
    # The same code advises something else for another stage or topic.
    advice = {_about(finding): finding.advice for report in reports for finding in report.findings}
    rows = (
        Repeated(code, *counts, stage, topic, advice[code, stage, topic])
        for (code, stage, topic), counts in _counts(reports, _about).items()
    )
    return tuple(sorted(rows, key=lambda row: (*_most_frequent(row), row.stage or "", row.topic or "")))


def _about(finding: Finding) -> tuple[FindingCode, Stage | None, Topic | None]:
    return finding.code, finding.stage, finding.topic


def _most_frequent(row: Raised) -> tuple[int, int, str]:
    return -row.lately, -row.before, row.code


def _counts(reports: Sequence[Report], about: Callable[[Finding], T]) -> dict[T, tuple[int, int]]:
    """In how many of the last reports, and of those before them, there is a finding about each thing."""
    lately, before = (
        Counter(it for report in part for it in {about(finding) for finding in report.findings})
        for part in (reports[-_LATELY:], reports[:-_LATELY])
    )
    return {it: (lately[it], before[it]) for it in lately | before}
