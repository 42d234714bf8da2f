"""The score: a hundred, less what each finding costs. Equal findings, equal score; a fault more never raises it."""

from collections.abc import Iterable, Sequence

from analysis.report import Finding, Score
from prompts.vocabulary import STAGES, Severity, Stage

COST: dict[Severity, float] = {"fault": 15.0, "warning": 7.0, "info": 2.0}
"""Points a finding costs in all. Its stage, where it has one, loses three times as much of its own hundred."""

STAGE_FACTOR = 3.0


def score(findings: Sequence[Finding], stages: Sequence[Stage] = STAGES) -> Score:
    """Total and per-stage points, 0 to 100, with one line for each finding that cost points.

    stages: that get points; where there is none, nothing was said that could earn any.
    """
    if not stages:
        return Score(0.0, {}, ("Nothing was said that could be judged.",))
    return Score(
        total=_left(COST[finding.severity] for finding in findings),
        by_stage={stage: _stage(findings, stage) for stage in stages},
        why=tuple(f"-{COST[finding.severity]:g}: {finding.message}" for finding in findings),
    )


def _stage(findings: Sequence[Finding], stage: Stage) -> float:
    own = [finding for finding in findings if finding.stage == stage]
    if any(finding.code == "missed_stage" for finding in own):
        return 0.0
    return _left(STAGE_FACTOR * COST[finding.severity] for finding in own)


def _left(costs: Iterable[float]) -> float:
    return max(0.0, 100.0 - sum(costs))
