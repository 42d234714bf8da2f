"""Progress over weeks: every judged session as a point in time, and what goes wrong most often."""

from collections import Counter
from dataclasses import dataclass

from fastapi import APIRouter, Request

from analysis.report import Report
from assistant.store import SessionSummary
from prompts.errors import UserError
from prompts.vocabulary import FindingCode, Level, Stage
from server.services import Here
from server.work import Job, outcome

router = APIRouter(tags=["progress"])


@dataclass(frozen=True, slots=True)
class ProgressPoint:
    """One session. findings: how many of each code. Times in seconds, pace in words per minute."""

    id: str
    started_at: str
    problem: str | None
    framework: str
    level: Level
    duration_seconds: float
    score: float
    by_stage: dict[Stage, float]
    findings: dict[FindingCode, int]
    words_per_minute: float
    fillers_per_minute: float


@dataclass(frozen=True, slots=True)
class FindingTotal:
    """A finding's code, in how many sessions it was raised, and in how many of the last five."""

    code: FindingCode
    sessions: int
    of_last_five: int


@dataclass(frozen=True, slots=True)
class Progress:
    """points: the oldest first. findings: the most frequent first."""

    sessions: int
    points: tuple[ProgressPoint, ...]
    findings: tuple[FindingTotal, ...]


@router.get("/progress", summary="Scores, stages and findings over all finished sessions")
async def progress(request: Request, here: Here) -> Progress:
    """Sessions that are running or were never finished are left out."""

    def work(_: Job[Progress]) -> Progress:
        points = []
        for session in reversed(here.store.list_sessions(-1)):
            if session.state == "finished":
                try:
                    with here.turn:
                        points.append(_point(session, here.store.report(session.id)))
                except UserError:
                    # One session that cannot be judged does not hide the others.
                    continue
        return Progress(len(points), tuple(points), _totals(points))

    return await outcome(here.judging.submit(Job(work)), request)


def _point(session: SessionSummary, report: Report) -> ProgressPoint:
    return ProgressPoint(
        id=session.id,
        started_at=session.started_at,
        problem=session.problem,
        framework=session.framework,
        level=session.level,
        duration_seconds=session.duration_seconds,
        score=report.score.total,
        by_stage=report.score.by_stage,
        findings=dict(Counter(finding.code for finding in report.findings)),
        words_per_minute=report.delivery.words_per_minute,
        fillers_per_minute=report.delivery.fillers_per_minute,
    )


def _totals(points: list[ProgressPoint]) -> tuple[FindingTotal, ...]:
    ever = Counter(code for point in points for code in point.findings)
    lately = Counter(code for point in points[-5:] for code in point.findings)
    return tuple(FindingTotal(code, count, lately[code]) for code, count in ever.most_common())
