"""One's own corrections are what the analyzer is measured by on one's own sessions."""

from pathlib import Path

import pytest

from analysis.evaluation.__main__ import main
from assistant.corrected import corrected_sessions
from assistant.events import FindingRejected, SessionEnded, StageCorrected
from assistant.store import Store
from tests.assistant.sessions import heard, keep

METRIC = heard("The success metric is how many people come back within a week.", 10.0)
LABELS = heard("Labels come from clicks, and negatives are what was shown and passed over.", 20.0)
ENDED = SessionEnded(60.0, "finished")


def test_only_corrected_sessions_count(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keep(store, [METRIC, ENDED], "20260301-100000-00ab")
    id = keep(store, [METRIC, LABELS, ENDED, StageCorrected(10.0, "wrap_up")], "20260302-100000-00ab")
    store.report(id)
    (session,) = corrected_sessions(store)
    assert session.right == {0: "wrap_up"}
    assert [utterance.text for utterance in session.utterances] == [METRIC.text, LABELS.text]


def test_the_analyzer_is_judged_against_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIVA_DATA_DIR", str(tmp_path))
    store = Store(tmp_path)
    id = keep(store, [METRIC, LABELS, ENDED])
    raised_before = store.report(id).findings
    first = raised_before[0]
    store.correct(id, StageCorrected(10.0, "wrap_up"))
    store.correct(id, FindingRejected(first.start, first.code, first.stage, first.topic))
    assert main(["--corrections"]) == 0
    printed = capsys.readouterr().out
    assert "| wrap_up | 1 | 1 | 0.00 |" in printed
    assert "| **all** | 2 | 1 | 0.50 |" in printed
    (row,) = [line for line in printed.splitlines() if line.startswith(f"| {first.code} |")]
    raised = sum(finding.code == first.code for finding in raised_before)
    assert row == f"| {first.code} | {raised} | 1 | 1 | {1 - 1 / raised:.2f} |"


def test_without_a_corrected_session_it_says_where_to_correct_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIVA_DATA_DIR", str(tmp_path))
    assert main(["--corrections"]) == 1
    assert "viva serve" in capsys.readouterr().err
