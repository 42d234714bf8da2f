"""How practice goes: what is computed of the reports that are kept, read once as long as they are unchanged."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analysis.report import Finding, Report
from analysis.report_json import to_json
from assistant.events import InterviewerSpoke, SessionEnded
from assistant.outlook import Raised, outlook
from assistant.store import REPORT, Store
from prompts.vocabulary import Stage
from tests.assistant.sessions import heard, keep, started

METRIC = heard("The success metric is how many people come back within a week.", 10.0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def judged(store: Store) -> Report:
    """The report on a session of its own, which is not in the history any more."""
    id = keep(store, [METRIC, SessionEnded(60.0, "finished")])
    report = store.report(id)
    store.delete(id)
    return report


def practised(store: Store, report: Report, *findings: Finding) -> str:
    """A finished session whose report has these findings."""
    id = store.new_id()
    keep(store, [METRIC, SessionEnded(60.0, "finished")], begun=started(id))
    made = replace(report, session=replace(report.session, id=id), findings=findings)
    (store.folder(id) / REPORT).write_text(to_json(made))
    return id


def missed(stage: Stage) -> Finding:
    return Finding("missed_stage", "fault", 60.0, 60.0, (), "", f"You missed {stage}", f"Plan {stage}", "", stage)


def test_what_keeps_coming_up_is_told_by_stage_with_the_advice_on_that_stage(store: Store, judged: Report) -> None:
    sessions: tuple[tuple[Stage, ...], ...] = (
        ("production",),
        ("production", "wrap_up"),
        ("production",),
        ("wrap_up",),
    )
    for stages in sessions:
        practised(store, judged, *map(missed, stages))
    figures = outlook(store)
    assert [(row.stage, row.lately, row.advice) for row in figures.findings] == [
        ("production", 3, "Plan production"),
        ("wrap_up", 2, "Plan wrap_up"),
    ]
    assert figures.codes == (Raised("missed_stage", 4, 0),)


def test_reports_that_are_unchanged_are_read_once(
    store: Store, judged: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [practised(store, judged, missed("data")) for _ in range(12)]
    read: Counter[str] = Counter()
    read_text = Path.read_text

    def counted(path: Path, *given: Any, **named: Any) -> str:
        read[f"{path.parent.name}/{path.name}"] += 1
        return read_text(path, *given, **named)

    first = outlook(store)
    monkeypatch.setattr(Path, "read_text", counted)
    assert outlook(store) == first
    assert not [name for name in read if name.endswith(REPORT)]
    (store.folder(ids[1]) / REPORT).write_text(to_json(replace(judged, findings=(missed("modeling"),))))
    counts = {row.stage: row.lately + row.before for row in outlook(store).findings}
    assert counts == {"data": 11, "modeling": 1}
    assert {name for name in read if name.endswith(REPORT)} == {f"{ids[1]}/{REPORT}"}


def test_after_a_session_of_silence_practice_goes_on_as_before(store: Store) -> None:
    silent = started(store.new_id())
    lines = [
        InterviewerSpoke(at, at + 5.0, text, rule, False)
        for at, text, rule in ((0.0, "Design the feed.", "intro"), (400.0, "Are you still there?", "silence"))
    ]
    id = keep(store, [*lines, SessionEnded(600.0, "finished")], begun=silent)
    assert store.report(id).findings
    assert (store.summary(id).empty, store.summary(id).score) == (True, None)
    figures = outlook(store, date(2026, 3, 4))
    assert (figures.sessions, figures.minutes, figures.next.drill) == ((), 10.0, None)
