"""How practice goes over weeks: figures, a trend for each stage, what keeps coming up, and what to do next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from analysis.render.wording import STAGE_NAMES
from assistant.outlook import DELIVERY, Outlook, outlook
from assistant.progress import Week
from prompts.problems import get_problem, load_problems
from prompts.vocabulary import Stage
from server.pages.answer import page
from server.pages.charts import trend
from server.services import Here

router = APIRouter(include_in_schema=False)

_MOST_SESSIONS = 30
_LATELY = 5
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Trend:
    """Scores of one kind, oldest first. stage: None for the whole. places: where to draw them. last: the latest."""

    stage: Stage | None
    name: str
    places: tuple[tuple[float, float], ...]
    values: tuple[float, ...]
    last: float


@router.get("/progress")
def progress(request: Request, here: Here) -> Response:
    """Of all sessions that ended and were judged; stages, findings and delivery of the last ones."""
    figures = outlook(here.store)
    judged = len(next(iter(figures.stages.values())))
    return page(
        "progress.html",
        request.url.path,
        figures=figures,
        streak=streak(figures.weeks, date.today()),
        trends=_trends(figures),
        spoken=tuple(_spoken(figures)),
        lately=min(judged, _LATELY),
        before=max(0, judged - _LATELY),
        problems=load_problems(),
        next_problem=get_problem(figures.next.problem),
        focus=figures.findings[0] if figures.findings and figures.findings[0].lately > 1 else None,
    )


def streak(weeks: Sequence[Week], today: date) -> int:
    """Weeks in a row with practice, up to this one or the one before; a session that was broken off is practice, too."""
    practised = {week.monday for week in weeks if week.minutes}
    monday = today - timedelta(days=today.weekday())
    if monday.isoformat() not in practised:
        monday -= timedelta(weeks=1)
    count = 0
    while monday.isoformat() in practised:
        count += 1
        monday -= timedelta(weeks=1)
    return count


def _trends(figures: Outlook) -> tuple[Trend, ...]:
    totals = [point.score if point.whole else None for point in figures.sessions[-_MOST_SESSIONS:]]
    rows: list[tuple[Stage | None, str, Sequence[float | None]]] = [(None, "All in all", totals)]
    rows += [(stage, STAGE_NAMES[stage], values) for stage, values in figures.stages.items()]
    trends = []
    for stage, name, values in rows:
        known = tuple(value for value in values if value is not None)
        if known:
            trends.append(Trend(stage, name, trend(values, 100), known, known[-1]))
    return tuple(trends)


def _spoken(figures: Outlook) -> Iterator[tuple[str, float, tuple[float, ...]]]:
    """Figures of how it was said: name, the last value, and all of the latest."""
    for name, values in figures.delivery.items():
        known = tuple(value for value in values if value is not None)
        if known:
            yield DELIVERY[name].capitalize(), known[-1], known[-_SHOWN:]
