"""The report as one HTML file that needs nothing else: no network, no script, light and dark, screen and paper."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.render.delivery import delivery_lines
from analysis.render.layout import Tick, bands, bars, percent, ticks, total_seconds
from analysis.render.spans import actual_spans, planned_spans
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
    title,
    topic_name,
)
from analysis.report import Report

if TYPE_CHECKING:
    from jinja2 import Environment, Template

FOLDER = Path(__file__).parent


def render(report: Report) -> str:
    """The whole report with its transcript as a page."""
    style = (FOLDER / "report.css").read_text(encoding="utf-8")
    page = _template().render(
        **shown(report),
        # Only this very style sheet is allowed, so no text of the report can bring another, or a script.
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )
    return page + "\n"


def shown(report: Report) -> dict[str, Any]:
    """What templates of a report show, by the names they know it by."""
    return {
        "report": report,
        "title": title(report),
        "circumstances": circumstances(report),
        "actions": next_time(report),
        "delivery": delivery_lines(report.delivery),
        "total": total_seconds(report),
        "planned": bars(report, planned_spans(report)),
        "actual": bars(report, actual_spans(report)),
        "markers": [Tick(percent(report, finding.start), moment(finding.start)) for finding in report.findings],
        "ticks": ticks(report),
        "bands": tuple(bands(report)),
        "first_utterance": {n: finding.utterances[:1] for n, finding in enumerate(report.findings, start=1)},
        "topics": [coverage for stage in report.stages for coverage in stage.topics],
    }


def environment(*folders: Path) -> "Environment":
    """Templates in these folders, with the words all pages share."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"clean": clean, "clock": clock, "moment": moment, "difference": difference}
    made.globals |= {
        "stage_names": STAGE_NAMES,
        "severity_names": SEVERITY_NAMES,
        "topic_name": topic_name,
        "counted": counted,
    }
    return made


@cache
def _template() -> "Template":
    return environment(FOLDER).get_template("report.html")
