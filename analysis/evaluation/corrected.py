"""How the analyzer does on people's own sessions, by what they corrected in them.

What was not corrected is taken as right, so the figures flatter: people correct what they notice. They compare one
version of the analyzer with the next on talks that nobody wrote for it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from analysis.evaluation.tables import figure, table
from analysis.judgement import judge
from analysis.report import Finding, SessionFacts
from analysis.talk import understand
from prompts.frameworks import get_framework
from prompts.vocabulary import FINDING_CODES, STAGE_LABELS, FindingCode, StageLabel
from speech.transcript import Utterance


class Rejection(Protocol):
    """A finding that somebody said is not right."""

    @property
    def code(self) -> FindingCode:
        """Its code."""

    def means(self, finding: Finding) -> bool:
        """Whether a finding is the rejected one."""


@dataclass(frozen=True, slots=True)
class CorrectedSession:
    """A talk, the stages that somebody gave some of its utterances (by their ids), and the findings set aside."""

    utterances: Sequence[Utterance]
    facts: SessionFacts
    right: Mapping[int, StageLabel]
    rejected: Sequence[Rejection]


@dataclass(frozen=True, slots=True)
class _Rejudged:
    """A corrected session as the analyzer hears it today, the corrections unseen."""

    session: CorrectedSession
    labels: tuple[StageLabel | None, ...]
    findings: tuple[Finding, ...]


def corrected_sections(sessions: Sequence[CorrectedSession]) -> str:
    """Stages and findings against the corrections, as markdown. Raises what `analysis.analyzer.analyze` raises."""
    judged = [_rejudged(session) for session in sessions]
    return f"## Stages\n\n{_stages(judged)}\n\n## Findings\n\n{_findings(judged)}"


def _rejudged(session: CorrectedSession) -> _Rejudged:
    facts = session.facts
    framework = get_framework(facts.framework)
    talk = understand(session.utterances, framework, facts.level, facts.planned_seconds, facts.duration_seconds)
    return _Rejudged(session, talk.labels, judge(talk))


def _stages(judged: Sequence[_Rejudged]) -> str:
    said, corrected, right = Counter[str](), Counter[str](), Counter[str]()
    for one in judged:
        for utterance, label in zip(one.session.utterances, one.labels, strict=True):
            if label is None:
                continue
            given = one.session.right.get(utterance.id)
            for name in (given or label, "**all**"):
                said[name] += 1
                corrected[name] += given is not None
                right[name] += given is None or given == label
    header = ["true stage", "utterances", "corrected by hand", "right today"]
    names = [name for name in (*STAGE_LABELS, "**all**") if said[name]]
    return table(
        header, ([name, str(said[name]), str(corrected[name]), figure(right[name] / said[name])] for name in names)
    )


def _findings(judged: Sequence[_Rejudged]) -> str:
    raised, rejected, still = Counter[str](), Counter[str](), Counter[str]()
    for one in judged:
        rejected.update(rejection.code for rejection in one.session.rejected)
        for finding in one.findings:
            raised[finding.code] += 1
            still[finding.code] += any(rejection.means(finding) for rejection in one.session.rejected)
    header = ["finding", "raised today", "rejected by hand", "of these raised today", "precision at most"]
    rows = []
    for code in FINDING_CODES:
        if raised[code] or rejected[code]:
            precision = 1 - still[code] / raised[code] if raised[code] else float("nan")
            rows.append([code, str(raised[code]), str(rejected[code]), str(still[code]), figure(precision)])
    return table(header, rows)
