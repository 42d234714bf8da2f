"""Lists and details as the command line shows them: text to read, or JSON for programs."""

import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from analysis.render.wording import STAGE_NAMES, clean, clock
from models.manifest import default_weights
from models.store import default_store
from prompts.frameworks import get_framework, load_frameworks
from prompts.problem_check import Checked
from prompts.problems import get_problem, load_problems
from prompts.vocabulary import LEVELS

if TYPE_CHECKING:
    from assistant.outlook import Outlook
    from assistant.store import SessionSummary
    from speech.devices import Check

ListFormat = Literal["text", "json"]

_WIDTH = 88
_SHOWN = 8


def as_json(value: object) -> str:
    """Dataclasses and what they hold, as JSON."""
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=1) + "\n"


def problems(format: ListFormat) -> str:
    """All problems: id, family, title."""
    known = load_problems().values()
    if format == "json":
        return as_json([{"id": each.id, "family": each.family, "title": each.title} for each in known])
    return _table([(each.id, each.family, each.title) for each in known])


def problem(id: str, format: ListFormat) -> str:
    """One problem as the interviewer puts it, and what to show at each level; as JSON with all the interviewer knows.

    Raises UnknownProblem.
    """
    found = get_problem(id)
    if format == "json":
        return as_json(found)
    return "\n".join(
        [
            f"{found.title} ({found.id}, {found.family})",
            "",
            *_wrapped(f'"{found.prompt}"'),
            "",
            f"The interviewer has {len(found.facts)} facts for you, if you ask. A strong answer shows",
            *(line for level in LEVELS for line in _wrapped(found.strong[level], f"  {level + ':':<8}", " " * 10)),
            "",
            "Typical mistakes",
            *(line for mistake in found.mistakes for line in _wrapped(mistake, "  - ", "    ")),
            "",
            f"Begin with: viva practice {found.id}",
            "",
        ]
    )


def checked(file: Path, found: Checked, folder: Path) -> str:
    """What a check of a problem file has found. folder: where such files belong."""
    lines = []
    if found.mistakes:
        count = "a mistake" if len(found.mistakes) == 1 else f"{len(found.mistakes)} mistakes"
        lines += [f"{file} has {count} and cannot be used:", *(f"  - {mistake}" for mistake in found.mistakes)]
    else:
        there = "and is used" if file.absolute().parent == folder else f"and belongs into {folder}"
        lines += [f"{file} has no mistakes, {there}. Begin with: viva practice {file.stem}"]
    if found.advice:
        lines += ["It would be better yet:", *(f"  - {advice}" for advice in found.advice)]
    return "\n".join([*lines, ""])


def frameworks(format: ListFormat) -> str:
    """All frameworks: id, name, steps."""
    known = load_frameworks().values()
    if format == "json":
        return as_json([{"id": each.id, "name": each.name, "source": each.source} for each in known])
    return _table([(each.id, each.name, f"{len(each.steps)} steps") for each in known])


def framework(id: str, format: ListFormat) -> str:
    """One framework with its steps, their minutes and what to say in them. Raises UnknownFramework."""
    found = get_framework(id)
    if format == "json":
        return as_json(found)
    lines = [f"{found.name} ({found.id}), {found.reference_minutes:g} minutes", ""]
    for step in found.steps:
        lines.append(f"{step.minutes:>5g} min  {step.name}")
        lines += [line for each in step.covers for line in _wrapped(each, " " * 11 + "- ", " " * 13)]
    return "\n".join([*lines, "", *_wrapped(f"Source: {found.source}"), *_wrapped(found.note), ""])


def history(sessions: Sequence["SessionSummary"], format: ListFormat) -> str:
    """Past sessions, as given."""
    if format == "json":
        return as_json(list(sessions))
    if not sessions:
        return "There are no sessions yet; `viva practice` begins one.\n"
    rows = [
        (
            each.id,
            each.started_at[:16].replace("T", " "),
            each.problem or "",
            each.level,
            f"{clock(each.duration_seconds)} of {clock(each.planned_seconds)}",
            "" if each.score is None else f"{each.score:.0f}",
            each.standing,
        )
        for each in sessions
    ]
    return _table([("ID", "STARTED", "PROBLEM", "LEVEL", "TIME", "SCORE", "STATE"), *rows])


def progress(figures: "Outlook", format: ListFormat) -> str:
    """Progress week by week, stage by stage, finding by finding, and what to practise next."""
    if format == "json":
        return as_json({**asdict(figures), "next_problem": figures.next.problem})
    if not figures.sessions:
        return f"There are no judged sessions yet. Begin with: {figures.next.command}\n"
    from assistant.outlook import DELIVERY

    best = "" if figures.best_score is None else f", best score {figures.best_score:.0f}"
    weeks = [
        (week.monday, str(week.sessions), f"{week.minutes:.0f}", _mean(week.score), _mean(week.findings))
        for week in figures.weeks
    ]
    stages = [(STAGE_NAMES[stage], *_trend(values)) for stage, values in figures.stages.items()]
    said = [(DELIVERY[name], *_trend(values)) for name, values in figures.delivery.items()]
    found = [(row.code.replace("_", " "), str(row.lately), str(row.before)) for row in figures.codes]
    lines = [
        _table([("WEEK OF", "SESSIONS", "MINUTES", "SCORE", "FINDINGS"), *weeks]),
        _table([("STAGE", "LAST", "BEFORE", "SESSION BY SESSION"), *stages]),
        _table([("HOW IT WAS SAID", "LAST", "BEFORE", "SESSION BY SESSION"), *said]),
        *([_table([("FINDING", "LAST 5 SESSIONS", "BEFORE"), *found])] if found else []),
        f"{len(figures.sessions)} session{'s' if len(figures.sessions) != 1 else ''}, {figures.minutes:.0f} minutes{best}.",
    ]
    if figures.score_change is not None:
        lines.append(f"The last three sessions scored {figures.score_change:+.0f} against the first three.")
    weeks_ahead = [(week.monday, week.problem, week.reason) for week in figures.plan]
    lines += ["", _table([("PLAN", "PROBLEM", "WHY"), *weeks_ahead])]
    return "\n".join([*lines, f"Next: {figures.next.command}", *_wrapped(figures.next.reason, "      ", "      "), ""])


def _trend(values: Sequence[float | None]) -> tuple[str, str, str]:
    """The last value, the mean of those before it, and all of the latest."""
    known = [value for value in values if value is not None]
    if not known:
        return "", "", ""
    before = f"{sum(known[:-1]) / len(known[:-1]):.0f}" if known[1:] else ""
    return f"{known[-1]:.0f}", before, " ".join(f"{value:.0f}" for value in known[-_SHOWN:])


def _mean(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def weights(format: ListFormat) -> str:
    """All weights: id, size, whether they are here, licence, hash and purpose."""
    store = default_store()
    here = store.installed()
    if format == "json":
        return as_json(
            [
                {
                    "id": weight.id,
                    "kind": weight.kind,
                    "bytes": weight.size,
                    "sha256": weight.sha256,
                    "licence": weight.licence,
                    "purpose": weight.purpose,
                    "default": weight.default,
                    "installed": weight.id in here,
                }
                for weight in store.weights.values()
            ]
        )
    needed = default_weights()
    rows = [
        (
            weight.id,
            f"{weight.size / 1e6:,.0f} MB",
            "here" if weight.id in here else "missing" if weight.id in needed else "-",
            weight.licence,
            weight.sha256[:12],
            weight.purpose,
        )
        for weight in store.weights.values()
    ]
    return _table([("NAME", "SIZE", "STATE", "LICENCE", "SHA-256", "PURPOSE"), *rows])


def check(found: "Check") -> str:
    """One of the doctor's checks, and what to do where it failed."""
    line = f"{'ok  ' if found.ok else 'FAIL'}  {found.name + ':':<24} {clean(found.detail)}\n"
    return line if found.ok or not found.fix else f"{line}      {'':<24} {clean(found.fix)}.\n"


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    cells = [[clean(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in cells
    )


def _wrapped(text: str, first: str = "", later: str = "") -> Iterable[str]:
    return textwrap.wrap(clean(text), _WIDTH, initial_indent=first, subsequent_indent=later)


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not part of any list")
