"""The report as plain text: first what to do, then what was heard and when, then the figures behind it."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from analysis.render.delivery import delivery_lines
from analysis.render.wording import (
    SEVERITY_NAMES,
    STAGE_NAMES,
    circumstances,
    clean,
    clock,
    counted,
    difference,
    moment,
    next_time,
    nothing_to_do,
    title,
    topic_name,
)
from analysis.report import Finding, Report

Role = Literal["title", "heading", "fault", "warning", "info", "quote", "aside", "plain"]

WIDTH = 88


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report and what it is, for a terminal to colour."""

    text: str
    role: Role = "plain"


def render(report: Report, width: int = WIDTH) -> str:
    """The whole report, wrapped at `width` columns, without control characters."""
    return "".join(f"{line.text}\n" for line in lines(report, width))


def lines(report: Report, width: int = WIDTH) -> Iterator[Line]:
    """The report line by line."""
    yield from _head(report, width)
    yield from _section("What to do next time", _next_time(report, width))
    yield from _section(f"Findings: {counted(report.findings)}", _findings(report, width))
    yield from _section("Time", _stages(report))
    yield from _section("Topics", _topics(report, width))
    yield from _section("Delivery", _delivery(report, width))
    yield from _section("Score", _score(report, width))
    notes = [line for note in report.notes for line in _wrapped(clean(note), width, "- ", "  ", "aside")]
    if notes:
        yield from _section("Notes", iter(notes))


def _section(heading: str, body: Iterator[Line]) -> Iterator[Line]:
    yield Line("")
    yield Line(heading, "heading")
    yield from body


def _head(report: Report, width: int) -> Iterator[Line]:
    yield from _wrapped(title(report), width, "", "", "title")
    yield from _wrapped(f"{circumstances(report)} · score {report.score.total:.0f} of 100", width, "", "", "aside")


def _next_time(report: Report, width: int) -> Iterator[Line]:
    actions = next_time(report)
    if not actions:
        yield Line(nothing_to_do(report))
    for number, finding in enumerate(actions, start=1):
        yield from _wrapped(clean(finding.advice), width, f"{number}. ", "   ")


def _findings(report: Report, width: int) -> Iterator[Line]:
    for position, finding in enumerate(report.findings):
        if position:
            yield Line("")
        yield from _finding(finding, width)


def _finding(finding: Finding, width: int) -> Iterator[Line]:
    margin = " " * 8
    message = f"{clean(finding.message)} [{SEVERITY_NAMES[finding.severity][0]}]"
    yield from _wrapped(message, width, f"{moment(finding.start):>6}  ", margin, finding.severity)
    if finding.quote:
        yield from _wrapped(f'"{clean(finding.quote)}"', width, margin, margin + " ", "quote")
    if finding.advice:
        yield from _wrapped(f"Next time: {clean(finding.advice)}", width, margin, margin)
    yield from _wrapped(f"Source: {clean(finding.source)}", width, margin, margin, "aside")


def _stages(report: Report) -> Iterator[Line]:
    yield Line(f"{'':<18} {'planned':>8} {'actual':>8} {'':>8} {'score':>6}", "aside")
    for stage in report.stages:
        if stage.stage == "other":
            planned = apart = points = ""
        else:
            planned = clock(stage.planned_seconds)
            apart = difference(stage.actual_seconds - stage.planned_seconds)
            points = f"{report.score.by_stage[stage.stage]:.0f}" if stage.stage in report.score.by_stage else ""
        row = f"{STAGE_NAMES[stage.stage]:<18} {planned:>8} {clock(stage.actual_seconds):>8} {apart:>8} {points:>6}"
        yield Line(row.rstrip())


def _topics(report: Report, width: int) -> Iterator[Line]:
    starts = {utterance.id: utterance.start for utterance in report.utterances}
    topics = [coverage for stage in report.stages for coverage in stage.topics]
    covered = [
        f"{topic_name(coverage.topic)} ({', '.join(moment(starts[id]) for id in coverage.utterances[:1] if id in starts)})"
        for coverage in topics
        if coverage.covered
    ]
    not_heard = [topic_name(coverage.topic) for coverage in topics if not coverage.covered]
    yield from _wrapped(", ".join(covered) or "none", width, "Covered:   ", " " * 11)
    yield from _wrapped(", ".join(not_heard) or "none", width, "Not heard: ", " " * 11)


def _delivery(report: Report, width: int) -> Iterator[Line]:
    for line in delivery_lines(report.delivery):
        yield from _wrapped(line, width, "", "  ")


def _score(report: Report, width: int) -> Iterator[Line]:
    yield Line(f"{report.score.total:.0f} of 100")
    for why in report.score.why:
        yield from _wrapped(clean(why), width, "  ", "       ", "aside")


def _wrapped(text: str, width: int, first: str = "", later: str = "", role: Role = "plain") -> Iterator[Line]:
    for line in textwrap.wrap(text, max(width, 30), initial_indent=first, subsequent_indent=later):
        yield Line(line, role)
