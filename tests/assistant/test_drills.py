"""Practising a part alone: one stage, or quick questions."""

from itertools import pairwise
from pathlib import Path

import pytest

from assistant.quick_questions import QUESTION_SECONDS
from prompts.frameworks import UnknownFramework, get_framework, load_frameworks
from prompts.lines import load_lines
from prompts.problems import get_problem
from prompts.vocabulary import STAGES
from tests.assistant.rehearsal import rehearse
from tests.assistant.script import read_script


@pytest.mark.parametrize("id", load_frameworks())
def test_every_framework_has_its_drills(id: str) -> None:
    for stage in STAGES:
        drill = get_framework(f"{id}:{stage}")
        assert {step.stage for step in drill.steps} == {stage}
        assert drill.planned_seconds(stage, 600.0) == pytest.approx(600.0)
    assert get_framework(f"{id}:probes").steps == get_framework(id).steps
    for wrong in (f"{id}:", f"{id}:everything", f"{id}:data:data", ":data"):
        with pytest.raises(UnknownFramework):
            get_framework(wrong)


def test_one_stage_alone_is_neither_brought_back_nor_judged_for_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = rehearse(monkeypatch, tmp_path, read_script("data-drill"), framework="six-stage:data")
    assert "Data" in held.lines[0].text
    assert not {line.rule for line in held.lines} & {"premature_modeling", "change", "stage_ending", "wrap_up"}
    probes = set(get_problem("feed").probes["data"])
    assert [line for line in held.lines if line.text in probes]
    assert {finding.stage for finding in held.report.findings} <= {"data", None}
    assert "normalization" in {finding.topic for finding in held.report.findings if finding.code == "missed_topic"}
    assert set(held.report.score.by_stage) == {"data"}
    assert held.report.stages[0].stage == "data"


def test_quick_questions_come_one_after_the_other_with_a_minute_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = rehearse(monkeypatch, tmp_path, read_script("quick"), framework="six-stage:probes", strictness="silent")
    asked = held.by("quick_fire")
    every = [probe for probes in get_problem("feed").probes.values() for probe in probes]
    questions = [next(probe for probe in every if line.text.endswith(probe)) for line in asked]
    assert len(questions) == len(set(questions)) >= 5
    gaps = [after.at - before.at for before, after in pairwise(asked)]
    assert max(gaps) <= QUESTION_SECONDS + 15
    assert min(gaps) < 20
    # Who goes on and on is stopped at a breath.
    assert any(line.text.startswith(tuple(load_lines()["out_of_time"])) for line in asked)
    assert {line.rule for line in held.lines} == {"prompt", "quick_fire", "time_one_minute", "time_up"}
    notes = [note for note in held.report.notes if "“" in note]
    assert len(notes) == len(asked)
    assert "words in" in notes[0]
    assert "not answered" in notes[-1]
    assert {finding.code for finding in held.report.findings} <= {"rambling_fillers", "hedging", "pace", "long_silence"}
