"""The report as Markdown (CommonMark with GitHub's tables), for notes and repositories."""

import re
from collections.abc import Iterator

from analysis.render.delivery import delivery_lines
from analysis.render.spans import actual_spans
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

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&!$@])")
_LIST_START = re.compile(r"^(\d+)([.)])|^([-+=])")
_LINK_START = re.compile(r"\b(https?|ftp|www)([:.])", re.IGNORECASE)


def escape(text: str) -> str:
    """Text on one line in which nothing is markup, wherever in a document it is put."""
    text = _LINK_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", clean(text)))
    return _LIST_START.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", text)


def render(report: Report) -> str:
    """The whole report with the transcript at the end."""
    blocks = [*_head(report), *_findings(report), *_figures(report), *_transcript(report)]
    return "\n\n".join(blocks) + "\n"


def _head(report: Report) -> Iterator[str]:
    yield f"# {escape(title(report))}"
    yield f"{escape(circumstances(report))} · **score {report.score.total:.0f} of 100**"
    yield "## What to do next time"
    actions = [f"{number}. {escape(finding.advice)}" for number, finding in enumerate(next_time(report), start=1)]
    yield "\n".join(actions) or nothing_to_do(report)


def _findings(report: Report) -> Iterator[str]:
    yield f"## Findings: {counted(report.findings)}"
    for finding in report.findings:
        yield f"### {moment(finding.start)} · {escape(finding.message)}"
        yield from _finding(finding)


def _finding(finding: Finding) -> Iterator[str]:
    if finding.quote:
        yield f"> {escape(finding.quote)}"
    if finding.advice:
        yield f"**Next time:** {escape(finding.advice)}"
    yield f"*{SEVERITY_NAMES[finding.severity][0].capitalize()}; source: {escape(finding.source)}*"


def _figures(report: Report) -> Iterator[str]:
    yield "## Time"
    yield "\n".join(["| Stage | Planned | Actual | Difference | Score |", "|---|--:|--:|--:|--:|", *_stages(report)])
    yield "## Topics"
    topics = [coverage for stage in report.stages for coverage in stage.topics]
    heard = ", ".join(topic_name(coverage.topic) for coverage in topics if coverage.covered)
    not_heard = ", ".join(topic_name(coverage.topic) for coverage in topics if not coverage.covered)
    yield f"- **Covered:** {heard or 'none'}\n- **Not heard:** {not_heard or 'none'}"
    yield "## Delivery"
    yield "\n".join(f"- {escape(line)}" for line in delivery_lines(report.delivery))
    yield "## Score"
    yield "\n".join([f"- {report.score.total:.0f} of 100", *(f"- {escape(why)}" for why in report.score.why)])
    if report.notes:
        yield "## Notes"
        yield "\n".join(f"- {escape(note)}" for note in report.notes)


def _stages(report: Report) -> Iterator[str]:
    for stage in report.stages:
        actual = clock(stage.actual_seconds)
        if stage.stage == "other":
            yield f"| {STAGE_NAMES[stage.stage]} | | {actual} | | |"
            continue
        points = f"{report.score.by_stage[stage.stage]:.0f}" if stage.stage in report.score.by_stage else ""
        apart = difference(stage.actual_seconds - stage.planned_seconds)
        yield f"| {STAGE_NAMES[stage.stage]} | {clock(stage.planned_seconds)} | {actual} | {apart} | {points} |"


def _transcript(report: Report) -> Iterator[str]:
    if not report.utterances:
        return
    yield "## Transcript"
    headings = {span.start: span.stage for span in actual_spans(report)}
    for utterance in report.utterances:
        if utterance.start in headings:
            yield f"### {STAGE_NAMES[headings.pop(utterance.start)]}"
        name = "Interviewer: " if utterance.speaker == "interviewer" else ""
        yield f"**{moment(utterance.start)}** {name}{escape(utterance.text)}"
