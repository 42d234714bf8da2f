"""What became of everything that was uploaded: a file each, and a folder for its sound while there is room for it.

analyses/<id>.json           state and report
analyses/<id>/audio.pcm      its sound (s16le, mono, 16 kHz)
"""

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from analysis.report import Report
from assistant.ids import UnknownAnalysis, checked, is_id
from assistant.unchanged import Unchanged, state_of
from models.whole_file import write_whole
from prompts.errors import UserError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_LINES = 10_000
"""Lines of the list that are not read again, a few hundred bytes each; the reports they are read from are large."""

AnalysisState = Literal["running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Analysis:
    """The analysis of an upload. detail: for the screen. progress: 0 to 1. report: once it is done."""

    id: str
    created_at: str
    state: AnalysisState
    detail: str = ""
    progress: float = 0.0
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class AnalysisSummary:
    """One line of the list of analyses: an analysis without its report. score, findings: None without one."""

    id: str
    created_at: str
    state: AnalysisState
    detail: str
    progress: float
    problem: str | None
    score: float | None
    findings: int | None


class AnalysisStore:
    """The analyses in a folder that is there. Several processes may use one at the same time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: Unchanged[AnalysisSummary] = Unchanged(_LINES)

    def __contains__(self, id: str) -> bool:
        return self._file(id).exists()

    def save(self, analysis: Analysis) -> None:
        """Keep what became of an upload. Raises UnknownAnalysis, UserError."""
        from analysis.report_json import to_json

        path = self._file(analysis.id)
        row = {field.name: getattr(analysis, field.name) for field in fields(analysis)}
        row["report"] = None if analysis.report is None else json.loads(to_json(analysis.report))
        try:
            write_whole(path, json.dumps(row).encode())
        except OSError as error:
            raise UserError(f"The analysis cannot be kept ({error.strerror})", f"Check {self._folder}") from error

    def find(self, id: str) -> Analysis:
        """An upload's analysis. Raises UnknownAnalysis."""
        from analysis.report_json import from_json

        path = self._file(id)
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            report = None if row["report"] is None else from_json(json.dumps(row["report"]))
            return Analysis(row["id"], row["created_at"], row["state"], row["detail"], row["progress"], report)
        except (OSError, ValueError, KeyError, TypeError, UserError):
            raise UnknownAnalysis(id) from None

    def all(self) -> list[AnalysisSummary]:
        """What became of all uploads, newest first; without what cannot be read."""
        lines = []
        for name in sorted(os.listdir(self._folder), reverse=True):
            path = self._folder / name
            if path.suffix == ".json" and is_id(path.stem):
                with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                    lines.append(self._lines.get(name, state_of(path), partial(_line, path)))
        return lines

    def sound_folder(self, id: str) -> Path:
        """Where the sound of an upload is kept, if it is. Raises UnknownAnalysis for an id that is none."""
        return self._folder / checked(id, UnknownAnalysis)

    def delete(self, id: str) -> None:
        """Delete what became of an upload, and its sound. Raises UnknownAnalysis, UserError."""
        try:
            self._file(id).unlink()
            shutil.rmtree(self.sound_folder(id), ignore_errors=True)
        except FileNotFoundError:
            raise UnknownAnalysis(id) from None
        except OSError as error:
            raise UserError(f"Analysis {id} cannot be deleted ({error.strerror})", f"Check {self._folder}") from error

    def _file(self, id: str) -> Path:
        return self._folder / f"{checked(id, UnknownAnalysis)}.json"


def points(report: Mapping[str, Any]) -> float | None:
    """The score of a report as it is kept; None where nothing was said that could earn any. Raises KeyError."""
    total, by_stage = float(report["score"]["total"]), report["score"]["by_stage"]
    return total if total or by_stage else None


def _line(analysis: Path) -> AnalysisSummary:
    """Raises OSError, ValueError, KeyError and TypeError for what nobody of ours has written."""
    row = json.loads(analysis.read_text(encoding="utf-8"))
    report = row["report"]
    if report is not None:
        row["problem"], row["findings"] = report["session"]["problem"], len(report["findings"])
        row["score"] = points(report)
    return _checking().validate_python({"problem": None, "score": None, "findings": None} | row | {"id": analysis.stem})


@cache
def _checking() -> "TypeAdapter[AnalysisSummary]":
    from pydantic import TypeAdapter

    return TypeAdapter(AnalysisSummary)
