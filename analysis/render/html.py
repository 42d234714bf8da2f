"""The report as one HTML file that needs nothing else: no network, light and dark, screen and paper, its sound if wanted."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.render.delivery import delivery_lines
from analysis.render.layout import bands, bars, markers, ticks, total_seconds
from analysis.render.spans import actual_spans, planned_spans
from analysis.render.wording import (
    SEVERITY_NAMES,
    STAGE_NAMES,
    circumstances,
    clean,
    clean_lines,
    clock,
    counted,
    difference,
    moment,
    next_time,
    nothing_to_do,
    title,
    topic_name,
)
from analysis.report import Report

if TYPE_CHECKING:
    from jinja2 import Environment, Template

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Sound:
    """What was recorded, to be carried in the page.

    opus: a whole Ogg Opus file. start: second of the session at which it begins.
    """

    opus: bytes
    start: float


def render(report: Report, sound: Sound | None = None) -> str:
    """The whole report with its transcript as a page; with its sound, a line's or a finding's time plays it from there."""
    page = _template().render(
        **shown(report),
        policy=policy(with_sound=sound is not None),
        style=_part("report.css"),
        script=_part("sound.js"),
        sound=sound,
        opus="" if sound is None else base64.b64encode(sound.opus).decode(),
    )
    return page + "\n"


def policy(with_sound: bool) -> str:
    """The page's content security policy: its very own style sheet and script, so that no text of a report brings another."""
    allowed = f"style-src {_hash('report.css')}; base-uri 'none'; form-action 'none'"
    sounding = f"; script-src {_hash('sound.js')}; media-src data:" if with_sound else ""
    return f"default-src 'none'; {allowed}{sounding}"


def shown(report: Report) -> dict[str, Any]:
    """What templates of a report show, by the names they know it by."""
    return {
        "report": report,
        "title": title(report),
        "circumstances": circumstances(report),
        "actions": next_time(report),
        "otherwise": nothing_to_do(report),
        "delivery": delivery_lines(report.delivery),
        "total": total_seconds(report),
        "planned": bars(report, planned_spans(report)),
        "actual": bars(report, actual_spans(report)),
        "markers": tuple(markers(report)),
        "ticks": ticks(report),
        "bands": tuple(bands(report)),
        "first_utterance": {n: finding.utterances[:1] for n, finding in enumerate(report.findings, start=1)},
        "missed": {finding.topic: n for n, finding in enumerate(report.findings, start=1) if finding.topic},
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
    made.filters |= {
        "clean": clean,
        "clean_lines": clean_lines,
        "clock": clock,
        "moment": moment,
        "difference": difference,
    }
    made.globals |= {
        "stage_names": STAGE_NAMES,
        "severity_names": SEVERITY_NAMES,
        "topic_name": topic_name,
        "counted": counted,
    }
    return made


def _part(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _hash(name: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(_part(name).encode()).digest()).decode()}'"


@cache
def _template() -> "Template":
    return environment(FOLDER).get_template("report.html")
