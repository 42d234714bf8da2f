"""The demonstration works unattended and finds the faults that the recording was made with."""

import json
import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import jiwer
import jsonschema
import pytest

from assistant.demo import setup_of
from tests.assistant.conftest import plain

ROOT = Path(__file__).parents[2]
TRUTH: dict[str, Any] = json.loads((ROOT / "demo" / "answer.json").read_text())


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder it wrote to and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    data = folder / "data"
    run = subprocess.run(
        [sys.executable, "-m", "assistant.demo"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "VIVA_DATA_DIR": str(data)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert not data.exists(), "the demonstration is no session of the user's"
    return folder / "demo-report", run.stdout


@pytest.fixture(scope="module")
def report(demonstrated: tuple[Path, str]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((demonstrated[0] / "report.json").read_text())
    return read


def test_the_report_is_written_in_every_form_and_printed(demonstrated: tuple[Path, str]) -> None:
    folder, printed = demonstrated
    assert {"report.html", "report.md", "report.json", "report.txt", "prompt.wav"} == {p.name for p in folder.iterdir()}
    assert (folder / "report.txt").read_text() in printed
    assert str(Path("demo-report", "report.html")) in printed


def test_the_prompt_was_synthesized(demonstrated: tuple[Path, str], report: dict[str, Any]) -> None:
    prompt = report["utterances"][0]
    assert prompt["speaker"] == "interviewer"
    with wave.open(str(demonstrated[0] / "prompt.wav")) as file:
        seconds = file.getnframes() / file.getframerate()
    assert seconds == pytest.approx(prompt["end"] - prompt["start"], abs=0.01)
    assert seconds > 3


def test_the_report_is_what_its_schema_says(report: dict[str, Any]) -> None:
    jsonschema.validate(report, json.loads((ROOT / "docs" / "report.schema.json").read_text()))


def test_the_session_is_planned_as_the_script_says() -> None:
    setup = setup_of(ROOT / "demo" / "script.txt")
    assert (setup.problem, setup.framework, setup.level, setup.planned_seconds) == tuple(
        TRUTH[key] for key in ("problem", "framework", "level", "planned_seconds")
    )


def test_the_answer_was_heard(report: dict[str, Any]) -> None:
    said = plain(" ".join(u["text"] for u in report["utterances"] if u["speaker"] == "candidate"))
    assert jiwer.wer(plain(" ".join(sentence["text"] for sentence in TRUTH["sentences"])), said) < 0.15


def test_the_early_jump_into_modeling_is_found_at_its_second(report: dict[str, Any]) -> None:
    begun = report["utterances"][0]["end"]
    (found,) = [finding for finding in report["findings"] if finding["code"] == "premature_modeling"]
    assert found["start"] - begun == pytest.approx(TRUTH["findings"]["premature_modeling"], abs=1.5)
    assert "neural network" in found["quote"]


def test_the_missed_stage_and_the_overruns_are_found(report: dict[str, Any]) -> None:
    found = {(finding["code"], finding.get("stage")) for finding in report["findings"]}
    assert ("missed_stage", "production") in found
    assert ("stage_overrun", "data") in found
    assert "session_overrun" in {code for code, _ in found}
    assert "long_silence" in {code for code, _ in found}
