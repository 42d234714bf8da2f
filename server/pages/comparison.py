"""A session beside the last attempt at the same problem: score, stages against the plan, findings gone and new. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.render.wording import circumstances
from analysis.report import Finding, Report, StageTime
from assistant.store import SessionSummary
from prompts.vocabulary import STAGES, FindingCode, Stage, Topic


@dataclass(frozen=True, slots=True)
class StageThenAndNow:
    """A stage in both attempts; None where the framework of one does not have it."""

    stage: Stage
    then: StageTime | None
    now: StageTime | None
    score_then: float | None
    score_now: float | None


@dataclass(frozen=True, slots=True)
class Numbered:
    """A finding of this report by its number. then, now: how often its kind was raised in each attempt."""

    number: int
    finding: Finding
    then: int
    now: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """With an earlier attempt. about: its framework, level, length and date. change: by how much this one scored better.

    gone: what was raised only then. new: what is raised only now. again: what is raised once more, each kind once.
    """

    id: str
    about: str
    score_then: float
    score_now: float
    stages: tuple[StageThenAndNow, ...]
    gone: tuple[Finding, ...]
    new: tuple[Numbered, ...]
    again: tuple[Numbered, ...]

    @property
    def change(self) -> int:
        """In whole points, as both scores are shown."""
        return round(self.score_now) - round(self.score_then)


def last_attempt(summary: SessionSummary, sessions: Iterable[SessionSummary]) -> SessionSummary | None:
    """The latest earlier session that can be compared with: the same problem, judged, and the same drill or none.

    Neither of the two may have been broken off, or be empty.

    sessions: newest first.
    """
    drill = _drill(summary)
    if summary.broken_off or summary.empty:
        return None
    for other in sessions:
        earlier = other.id < summary.id and other.score is not None and other.state == "finished"
        earlier = earlier and not (other.broken_off or other.empty)
        if earlier and other.problem == summary.problem is not None and _drill(other) == drill:
            return other
    return None


def _drill(summary: SessionSummary) -> str:
    return summary.framework.partition(":")[2]


def compare(before: Report, now: Report) -> Comparison:
    """An earlier attempt and this one. Findings are the same kind by code, stage and topic."""
    then = Counter(_kind(finding) for finding in before.findings)
    here = Counter(_kind(finding) for finding in now.findings)
    numbered = [
        Numbered(number, finding, then[_kind(finding)], here[_kind(finding)])
        for number, finding in enumerate(now.findings, start=1)
    ]
    first = {_kind(row.finding): row.number for row in reversed(numbered)}
    return Comparison(
        before.session.id,
        circumstances(before),
        before.score.total,
        now.score.total,
        tuple(row for stage in STAGES if (row := _stage(stage, before, now)).then or row.now),
        tuple(finding for finding in before.findings if not here[_kind(finding)]),
        tuple(row for row in numbered if not row.then),
        tuple(row for row in numbered if row.then and first[_kind(row.finding)] == row.number),
    )


def _stage(stage: Stage, before: Report, now: Report) -> StageThenAndNow:
    then, here = (next((time for time in report.stages if time.stage == stage), None) for report in (before, now))
    return StageThenAndNow(stage, then, here, before.score.by_stage.get(stage), now.score.by_stage.get(stage))


def _kind(finding: Finding) -> tuple[FindingCode, Stage | None, Topic | None]:
    return finding.code, finding.stage, finding.topic
