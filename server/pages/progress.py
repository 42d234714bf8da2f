"""How practice goes over weeks: figures, a trend for each stage, what keeps coming up, and what to do next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from analysis.render.wording import STAGE_NAMES
from analysis.report import Report
from assistant.practice import choose_problem
from assistant.progress import Progress, Week
from assistant.progress import progress as progress_of
from assistant.store import Store
from prompts.problems import get_problem
from prompts.vocabulary import STAGES, FindingCode, Stage
from server.pages.answer import page
from server.pages.charts import trend
from server.services import Here

router = APIRouter(include_in_schema=False)

_MOST_SESSIONS = 30
_LATELY = 5


@dataclass(frozen=True, slots=True)
class Trend:
    """Scores of one kind, oldest first. stage: None for the whole. places: where to draw them. last: the latest."""

    stage: Stage | None
    name: str
    places: tuple[tuple[float, float], ...]
    values: tuple[float, ...]
    last: float


@dataclass(frozen=True, slots=True)
class Repeated:
    """A finding and in how many of the last sessions, and of those before them, it was raised."""

    code: FindingCode
    lately: int
    before: int
    advice: str


@router.get("/progress")
def progress(request: Request, here: Here) -> Response:
    """Of all sessions that ended and were judged; stages and findings of the last ones."""
    figures = progress_of(here.store.list_sessions(-1))
    reports = _reports(here.store, figures)
    repeated = _repeated(reports)
    return page(
        "progress.html",
        request.url.path,
        figures=figures,
        streak=streak(figures.weeks, date.today()),
        trends=_trends(reports),
        repeated=repeated,
        lately=len(reports[-_LATELY:]),
        before=len(reports[:-_LATELY]),
        next_problem=get_problem(choose_problem(here.store)),
        focus=repeated[0] if repeated and repeated[0].lately > 1 else None,
    )


def streak(weeks: Sequence[Week], today: date) -> int:
    """Weeks in a row with practice, up to this one or the one before."""
    practised = {week.monday for week in weeks if week.sessions}
    monday = today - timedelta(days=today.weekday())
    if monday.isoformat() not in practised:
        monday -= timedelta(weeks=1)
    count = 0
    while monday.isoformat() in practised:
        count += 1
        monday -= timedelta(weeks=1)
    return count


def _reports(store: Store, figures: Progress) -> tuple[Report, ...]:
    kept = (store.kept_report(point.id) for point in figures.sessions[-_MOST_SESSIONS:])
    return tuple(report for report in kept if report is not None)


def _trends(reports: Sequence[Report]) -> tuple[Trend, ...]:
    rows: list[tuple[Stage | None, str, list[float | None]]] = [
        (None, "All in all", [report.score.total for report in reports])
    ]
    rows += [(stage, STAGE_NAMES[stage], [report.score.by_stage.get(stage) for report in reports]) for stage in STAGES]
    trends = []
    for stage, name, values in rows:
        known = tuple(value for value in values if value is not None)
        if known:
            trends.append(Trend(stage, name, trend(values, 100), known, known[-1]))
    return tuple(trends)


def _repeated(reports: Sequence[Report]) -> tuple[Repeated, ...]:
    """The most frequent first; of each the advice that was given last."""
    advice = {finding.code: finding.advice for report in reports for finding in report.findings}
    lately, before = _sessions_with(reports[-_LATELY:]), _sessions_with(reports[:-_LATELY])
    rows = (Repeated(code, lately[code], before[code], advice[code]) for code in advice)
    return tuple(sorted(rows, key=lambda row: (-row.lately, -row.before, row.code)))


def _sessions_with(reports: Sequence[Report]) -> Counter[FindingCode]:
    return Counter(code for report in reports for code in {finding.code for finding in report.findings})
