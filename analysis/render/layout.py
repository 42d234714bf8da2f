"""A report laid out for a page: the time line in percent of its width, and the transcript in bands of one stage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.render.spans import StageSpan, actual_spans
from analysis.render.wording import SEVERITY_NAMES, STAGE_NAMES, clean, clock, moment
from analysis.report import Finding, Report, ReportUtterance
from prompts.vocabulary import Severity, StageLabel

_LETTERS_ACROSS = 120
"""Letters of a label that fit side by side on the whole time line of a desktop's window."""
_MARKER_WIDTH = 4.5
"""Percent of the time line that a marker covers on a phone."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stage on the time line; x and width in percent of it. text: as much of the label as the bar has room for."""

    stage: StageLabel
    x: float
    width: float
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the time line, x in percent of it."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Marker:
    """Where findings are on the time line, x in percent of it: those that would hide each other are one.

    severity: the worst of theirs. numbers: the findings', from 1. label: what they say, a line each.
    """

    x: float
    severity: Severity
    numbers: tuple[int, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance of the transcript: its text around the quoted part, and the numbers of the findings it belongs to."""

    utterance: ReportUtterance
    before: str
    quoted: str
    after: str
    findings: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of the transcript in one stage."""

    span: StageSpan
    said: tuple[Said, ...]


def total_seconds(report: Report) -> float:
    """Seconds the time line shows."""
    return max(report.session.planned_seconds, report.session.duration_seconds, 1.0)


def percent(report: Report, seconds: float) -> float:
    """A second of the session as a place on the time line."""
    return round(100 * min(1.0, max(0.0, seconds / total_seconds(report))), 3)


def bars(report: Report, spans: Sequence[StageSpan]) -> tuple[Bar, ...]:
    """Stretches of stages as bars."""
    return tuple(_bar(report, span) for span in spans)


def _bar(report: Report, span: StageSpan) -> Bar:
    x = percent(report, span.start)
    width = round(percent(report, span.end) - x, 3)
    name, time = STAGE_NAMES[span.stage], clock(span.seconds)
    room = width / 100 * _LETTERS_ACROSS - 1
    # Half a word tells less than none; the whole label shows when the mouse rests on the bar.
    text = next((text for text in (f"{name} {time}", name, time) if len(text) <= room), "")
    return Bar(span.stage, x, width, f"{name} {time}", text)


def ticks(report: Report) -> tuple[Tick, ...]:
    """Marks at round times, at most seven so that their labels fit on a phone."""
    total = total_seconds(report)
    step = next((s for s in (10, 30, 60, 300, 600, 1800, 3600, 7200, 14400) if total / s <= 6), 86_400)
    return tuple(Tick(percent(report, at), clock(at)) for at in range(0, int(total) + 1, step))


def markers(report: Report) -> Iterator[Marker]:
    """Where the findings are, from left to right."""
    places: list[tuple[float, list[int]]] = []
    for number, finding in sorted(enumerate(report.findings, start=1), key=lambda numbered: numbered[1].start):
        x = percent(report, finding.start)
        if places and x < places[-1][0] + _MARKER_WIDTH:
            places[-1][1].append(number)
        else:
            places.append((x, [number]))
    for x, found in places:
        numbers = tuple(sorted(found))
        findings = [report.findings[number - 1] for number in numbers]
        severity = min((finding.severity for finding in findings), key=list(SEVERITY_NAMES).index)
        label = "\n".join(f"{moment(finding.start)} {clean(finding.message)}" for finding in findings)
        yield Marker(x, severity, numbers, label)


def bands(report: Report) -> Iterator[Band]:
    """The transcript, a band for each stretch of one stage."""
    findings = _findings_of_utterances(report.findings)
    rest = list(report.utterances)
    spans = actual_spans(report) or (StageSpan("other", 0.0, 0.0),)
    for span, later in zip(spans, (*spans[1:], None), strict=True):
        until = next((n for n, u in enumerate(rest) if later and u.start >= later.start), len(rest))
        said = tuple(_said(utterance, findings.get(utterance.id, ()), report.findings) for utterance in rest[:until])
        rest = rest[until:]
        if said:
            yield Band(span, said)


def _findings_of_utterances(findings: Sequence[Finding]) -> Mapping[int, tuple[int, ...]]:
    numbers: dict[int, tuple[int, ...]] = {}
    for number, finding in enumerate(findings, start=1):
        for id in finding.utterances:
            numbers[id] = (*numbers.get(id, ()), number)
    return numbers


def _said(utterance: ReportUtterance, numbers: tuple[int, ...], findings: Sequence[Finding]) -> Said:
    text = clean(utterance.text)
    for number in numbers:
        finding = findings[number - 1]
        quote = clean(finding.quote).removesuffix(" …")
        if quote and finding.utterances[0] == utterance.id and quote in text:
            before, _, after = text.partition(quote)
            return Said(utterance, before, quote, after, numbers)
    return Said(utterance, text, "", "", numbers)
