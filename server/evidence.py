"""A report as an assistant reads it: without the transcript, its findings numbered, and what was said around each."""

from dataclasses import dataclass

from analysis.render.delivery import delivery_lines
from analysis.render.wording import next_time, title
from analysis.report import Finding, Report, Score, SessionFacts, StageTime
from prompts.errors import UserError
from prompts.vocabulary import StageLabel
from speech.transcript import Speaker

_AROUND = 2
"""Utterances shown before the first and after the last one that a finding rests on."""


@dataclass(frozen=True, slots=True)
class NumberedFinding:
    """A finding and the number by which its evidence is asked for."""

    number: int
    finding: Finding


# Without slots: the SDK of `mcp_tools` takes those for defaults.
@dataclass(frozen=True)
class ReportRead:
    """A report without its transcript. next_time: what to do first. delivery: how it was said, in sentences."""

    id: str
    title: str
    session: SessionFacts
    score: Score
    next_time: tuple[str, ...]
    stages: tuple[StageTime, ...]
    findings: tuple[NumberedFinding, ...]
    delivery: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """An utterance. id: as stages and findings name it. cited: whether the finding rests on it."""

    id: int
    start: float
    speaker: Speaker
    stage: StageLabel | None
    text: str
    cited: bool


# Without slots: the SDK of `mcp_tools` takes those for defaults.
@dataclass(frozen=True)
class Evidence:
    """What a finding rests on, with a little of what was said before and after."""

    number: int
    finding: Finding
    lines: tuple[EvidenceLine, ...]


class NoSuchFinding(UserError):
    """A number that no finding of the report has."""

    def __init__(self, number: int, count: int) -> None:
        has = f"its findings are numbered 1 to {count}" if count else "it has none"
        super().__init__(f"The report has no finding {number}", f"Take one that it has: {has}")


def read(report: Report) -> ReportRead:
    """The report without its transcript."""
    return ReportRead(
        report.session.id,
        title(report),
        report.session,
        report.score,
        tuple(finding.advice for finding in next_time(report)),
        report.stages,
        tuple(NumberedFinding(number, finding) for number, finding in enumerate(report.findings, start=1)),
        tuple(delivery_lines(report.delivery)),
        report.notes,
    )


def evidence(report: Report, number: int) -> Evidence:
    """What a finding rests on: its utterances, or for one about something missing those around its second.

    number: from 1, in the report's order. Raises NoSuchFinding.
    """
    if not 1 <= number <= len(report.findings):
        raise NoSuchFinding(number, len(report.findings))
    finding = report.findings[number - 1]
    cited = set(finding.utterances)
    rows = [row for row, u in enumerate(report.utterances) if u.id in cited]
    if not rows:
        rows = [row for row, u in enumerate(report.utterances) if u.start <= finding.start][-1:]
    around = {row for at in rows for row in range(at - _AROUND, at + _AROUND + 1)}
    return Evidence(
        number,
        finding,
        tuple(
            EvidenceLine(u.id, u.start, u.speaker, u.stage, u.text, u.id in cited)
            for row, u in enumerate(report.utterances)
            if row in around
        ),
    )
