"""What all renderings of a report say alike: times, names, and text that cannot do anything but be read."""

import math
import re
from collections.abc import Mapping

from analysis.report import Finding, Report
from analysis.rules import topic_rules
from prompts.problems import load_problems
from prompts.vocabulary import Severity, StageLabel, Topic

STAGE_NAMES: Mapping[StageLabel, str] = {
    "problem": "Problem",
    "high_level": "High-level design",
    "data": "Data",
    "modeling": "Modeling",
    "production": "Production",
    "wrap_up": "Wrap-up",
    "other": "Other",
}
"""The canonical stages as people read them, the same whatever the framework calls them."""

SEVERITY_NAMES: Mapping[Severity, tuple[str, str]] = {
    "fault": ("fault", "faults"),
    "warning": ("warning", "warnings"),
    "info": ("remark", "remarks"),
}
"""One and many of each severity, the worst first."""

_ESCAPE_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|\x1b[]PX^_].*?(?:\x07|\x1b\\|\Z)"  # OSC and other strings: window titles, links, clipboard
    r"|\x1b[ -/]*[0-~]?"
    r"|\x9b[0-?]*[ -/]*[@-~]",
    re.DOTALL,
)
_SPACE = re.compile(r"\s+")
# Controls (Cc), and what changes the direction.
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def clean(text: str) -> str:
    """One line of text that only shows: no terminal sequences, control characters or changes of direction."""
    # What is not shown may have kept spaces apart.
    shown = _NOT_SHOWN.sub("", _SPACE.sub(" ", _ESCAPE_SEQUENCES.sub("", text)))
    return _SPACE.sub(" ", _SURROGATES.sub("\ufffd", shown)).strip()


def clean_lines(text: str) -> str:
    """The same for a text of several lines, which are kept."""
    return "\n".join(map(clean, text.split("\n")))


def clock(seconds: float) -> str:
    """Seconds as on a stopwatch: 4:05, 1:02:30 from an hour on."""
    whole = round(seconds)
    hours, rest = divmod(abs(whole), 3600)
    sign = "-" if whole < 0 else ""
    return f"{sign}{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{sign}{rest // 60}:{rest % 60:02d}"


def moment(seconds: float) -> str:
    """A position in the recording: like `clock`, but never later than what it points to."""
    return clock(math.floor(seconds))


def difference(seconds: float) -> str:
    """A difference with its sign: +1:03, -0:20."""
    return clock(seconds) if round(seconds) < 0 else f"+{clock(seconds)}"


def title(report: Report) -> str:
    """The problem's title, its id where nothing more is known, or what was analyzed."""
    problem = report.session.problem
    if problem is None:
        return clean(report.session.id) or "Practice session"
    known = load_problems().get(problem)
    return known.title if known else clean(problem)


def circumstances(report: Report) -> str:
    """Framework, level, length and date of a session in one line."""
    session = report.session
    length = f"{clock(session.duration_seconds)} of {clock(session.planned_seconds)} planned"
    if session.broken_off:
        length = f"broken off at {length}"
    parts = [clean(session.framework), session.level, length]
    if session.started_at:
        parts.append(clean(session.started_at).replace("T", " ")[:16])
    return " · ".join(parts)


def topic_name(topic: Topic) -> str:
    """A topic as people say it."""
    return topic_rules()[topic].name


def counted(findings: tuple[Finding, ...]) -> str:
    """How many findings of each severity: "4 faults, 1 warning"."""
    parts = []
    for severity, (one, many) in SEVERITY_NAMES.items():
        number = sum(finding.severity == severity for finding in findings)
        if number:
            parts.append(f"{number} {one if number == 1 else many}")
    return ", ".join(parts) or "none"


def next_time(report: Report, most: int = 3) -> tuple[Finding, ...]:
    """The findings to act on first: the heaviest, each piece of advice once."""
    by_advice = {finding.advice: finding for finding in reversed(report.findings) if finding.advice}
    return tuple(finding for finding in report.findings if by_advice.get(finding.advice) is finding)[:most]


def nothing_to_do(report: Report) -> str:
    """What to say where there is nothing to act on."""
    if not report.score.by_stage:
        return "Nothing was said that could be judged."
    if report.session.broken_off:
        return "Nothing stood out before the session was broken off. What had not come by then is not judged."
    return "Nothing stood out. Try a higher level, or a problem from another family."
