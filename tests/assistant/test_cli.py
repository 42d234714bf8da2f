"""The command line, through the installed `viva` command: what it prints, where, and how it fails."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from models.store import default_store
from tests.assistant.cli_user import data_folder as data_folder
from tests.assistant.cli_user import talk as talk
from tests.assistant.viva import fails_in_one_line, viva

DEMO = Path(__file__).parents[2] / "demo" / "answer.opus"


class TestStart:
    def test_help_imports_nothing_heavy(self) -> None:
        """Starting must cost next to nothing: completion and scripts call the command often."""
        code = (
            "import sys; from assistant.command_line import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        heavy = {"av", "faster_whisper", "fastapi", "jinja2", "numpy", "onnxruntime", "pydantic", "rich", "sounddevice"}
        assert done.returncode == 0
        assert not heavy & set(done.stderr.split())

    @pytest.mark.parametrize(
        "command",
        [(), ("practice",), ("analyze",), ("transcribe",), ("problems",), ("frameworks",), ("sessions",), ("progress",),
         ("recover",), ("serve",), ("models",), ("models", "pull"), ("models", "verify"), ("doctor",)],
    )  # fmt: skip
    def test_every_command_explains_itself(self, command: tuple[str, ...]) -> None:
        done = viva(*command, "--help")
        assert done.returncode == 0
        assert done.stdout.startswith(" ".join(("Usage: viva", *command)))

    def test_alone_it_shows_its_help(self) -> None:
        done = viva()
        assert done.returncode == 0 and "analyze" in done.stdout

    def test_version(self) -> None:
        assert viva("--version").stdout.startswith("viva 0.")

    def test_global_options_may_stand_before_and_after_the_command(self, tmp_path: Path) -> None:
        for folder, arguments in (
            ("before", ("--data-dir", tmp_path / "before", "sessions")),
            ("after", ("sessions", "--data-dir", tmp_path / "after")),
            ("joined", ("sessions", f"--data-dir={tmp_path / 'joined'}")),
        ):
            assert viva(*arguments).returncode == 0
            assert (tmp_path / folder / "sessions").is_dir()


class TestWrongUsage:
    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["analyze"], "Missing argument 'FILE'. See `viva analyze --help`."),
            (["analyze", "talk.json", "--level", "god"], "'god' is not one of 'junior', 'mid', 'senior', 'staff'"),
            (["analyze", "talk.json", "--format", "pdf"], "'pdf' is not one of"),
            (["analyze", "talk.json", "--minutes", "many"], "--minutes"),
            (["analyze", "talk.json", "--bogus"], "--bogus"),
            (["transcribe", "a", "b"], "unexpected extra argument"),
            (["serve", "--port", "99999"], "--port"),
            (["rehearse"], "No such command 'rehearse'"),
            (["models", "push"], "No such command 'push'"),
            (["sessions", "--data-dir"], "--data-dir"),
        ],
    )
    def test_is_exit_code_2_and_one_line(self, arguments: list[str], says: str) -> None:
        fails_in_one_line(viva(*arguments), says, code=2)

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["analyze", "TALK", "--problem", "fed"], "Did you mean feed?"),
            (["analyze", "TALK", "--framework", "seven-stage"], "Choose one of business-first"),
            (["analyze", "TALK", "--minutes", "0"], "Give a length above zero minutes"),
            (["analyze", "TALK", "--minutes", "nan"], "Give a length above zero minutes"),
            (["problems", "fed"], "Did you mean feed?"),
            (["frameworks", "seven-stage"], "Choose one of business-first"),
            (["practice", "fed", "--input", "typed"], "Did you mean feed?"),
            (["transcribe", str(DEMO), "--model", "huge"], "There are no weights called 'huge'"),
            (["transcribe", str(DEMO), "--model", "minilm"], "do not recognise speech"),
            (["models", "verify", "huge"], "There are no weights called 'huge'"),
            (["sessions", "20260101-000000-0000"], "There is no session"),
            (["sessions", "../../etc/passwd"], "There is no session"),
            (["sessions", "--format", "srt"], "Name a session"),
            (["serve", "--host", "0.0.0.0"], "not an address of this machine alone"),
        ],
    )
    def test_names_that_do_not_exist_fail_before_any_work(self, talk: Path, arguments: list[str], says: str) -> None:
        fails_in_one_line(viva(*(str(talk) if each == "TALK" else each for each in arguments)), says)


class TestMachine:
    def test_missing_weights_are_named_with_the_command_that_brings_them(self, talk: Path, tmp_path: Path) -> None:
        cache = str(tmp_path / "cache")
        fails_in_one_line(viva("analyze", talk, XDG_CACHE_HOME=cache), "viva models pull minilm")
        fails_in_one_line(viva("transcribe", DEMO, XDG_CACHE_HOME=cache), "viva models pull base")
        fails_in_one_line(viva("practice", "feed", "--input", DEMO, XDG_CACHE_HOME=cache), "viva models pull base")
        fails_in_one_line(viva("models", "verify", XDG_CACHE_HOME=cache), "viva models pull base")

    def test_half_downloaded_weights_are_found_out(self, tmp_path: Path) -> None:
        here = default_store().folder("tiny.en")
        damaged = tmp_path / "cache" / "vivavoce" / "models" / here.name
        damaged.mkdir(parents=True)
        for file in here.iterdir():
            (damaged / file.name).symlink_to(file)
        (damaged / "model.bin").unlink()
        (damaged / "model.bin").write_bytes(b"half")
        done = viva("transcribe", DEMO, "--model", "tiny.en", XDG_CACHE_HOME=str(tmp_path / "cache"))
        fails_in_one_line(done, "The weights of tiny.en are damaged", "viva models pull tiny.en")

    def test_without_a_microphone_practice_says_what_to_do(self) -> None:
        fails_in_one_line(viva("practice", "feed", "--input", "mic"), "No microphone can be used", "--input typed")

    def test_a_recording_that_cannot_stand_in_for_the_microphone_is_refused(self, tmp_path: Path) -> None:
        fails_in_one_line(viva("practice", "feed", "--input", tmp_path / "gone.wav"), "There is no file")

    @pytest.mark.parametrize("command", ["sessions", "progress", "recover", "practice", "serve"])
    @pytest.mark.fault
    def test_a_folder_that_cannot_be_written_fails_with_one_line(self, command: str, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        done = viva(command, "--data-dir", tmp_path / "file" / "data")
        fails_in_one_line(done, "Sessions cannot be kept in", "--data-dir")

    @pytest.mark.fault
    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
    def test_a_full_disk_is_one_line(self, talk: Path) -> None:
        fails_in_one_line(viva("analyze", talk, "--output", "/dev/full"), "/dev/full cannot be written (No space left")
        assert Path("/dev/full").is_char_device()
        with open("/dev/full", "w") as full:
            done = viva("problems", stdout=full.fileno())
        assert done.returncode == 1
        assert done.stderr.startswith("Standard output cannot be written (No space left")

    @pytest.mark.fault
    def test_a_place_that_cannot_be_written_is_refused_before_the_work(self, tmp_path: Path) -> None:
        for place, why in ((tmp_path / "no" / "report.txt", "its folder does not exist"), (tmp_path, "it is a folder")):
            fails_in_one_line(viva("analyze", tmp_path / "unread.json", "--output", place), why)

    def test_a_reader_that_stops_reading_is_no_error(self) -> None:
        read, write = os.pipe()
        os.close(read)
        done = viva("problems", "--format", "json", stdout=write)
        os.close(write)
        assert done.stderr == ""

    def test_doctor_says_what_works_and_what_to_do(self) -> None:
        done = viva("doctor")
        assert done.returncode == 0
        assert "ok    weights base:" in done.stdout
        assert "FAIL  microphone:" in done.stdout and "--input typed" in done.stdout

    def test_doctor_fails_where_practice_cannot_run(self, tmp_path: Path) -> None:
        done = viva("doctor", "--quiet", "--format", "json", XDG_CACHE_HOME=str(tmp_path / "cache"))
        assert done.returncode == 1
        found = json.loads(done.stdout)
        assert not found["can_practice"]
        weights = next(check for check in found["checks"] if check["name"] == "weights minilm")
        assert weights["fix"] == "Run `viva models pull minilm`"
        assert done.stderr.count("\n") == 1

    def test_models_lists_all_weights_with_their_hashes(self) -> None:
        rows = {row["id"]: row for row in json.loads(viva("models", "--format", "json").stdout)}
        assert rows["base"]["installed"] and rows["base"]["default"]
        assert rows["base"]["sha256"][:12] in viva("models").stdout

    def test_models_verify_hashes_what_is_here(self) -> None:
        done = viva("models", "verify", "minilm")
        assert done.returncode == 0 and done.stdout.startswith("minilm: ")

    def test_models_pull_leaves_alone_what_is_right(self) -> None:
        done = viva("models", "pull", "minilm")
        assert (done.returncode, done.stdout) == (0, "")


class TestCatalogue:
    def test_problems_and_frameworks_are_listed_and_shown(self) -> None:
        assert "feed " in viva("problems").stdout
        shown = viva("problems", "feed").stdout
        assert "Typical mistakes" in shown and "viva practice feed" in shown
        assert "six-stage " in viva("frameworks").stdout
        assert "8.5 min  Data" in viva("frameworks", "six-stage").stdout

    @pytest.mark.parametrize(
        ("arguments", "has"),
        [
            (["problems"], lambda found: {"id", "family", "title"} == set(found[0])),
            (["problems", "feed"], lambda found: found["facts"] and found["prompt"]),
            (["frameworks"], lambda found: len(found) >= 4),
            (["frameworks", "six-stage"], lambda found: found["steps"][2]["minutes"] == 8.5),
            (["sessions"], lambda found: found == []),
            (["progress"], lambda found: found["sessions"] == []),
        ],
    )
    def test_json_stands_alone_on_stdout(self, arguments: list[str], has: Callable[[object], bool]) -> None:
        done = viva(*arguments, "--format", "json")
        assert has(json.loads(done.stdout))
        assert done.stderr == ""


def test_a_typed_session_is_judged_kept_and_found_again() -> None:
    said = "So first, who is the user and what is the goal?\nI would use XGBoost right away.\n"
    done = viva("practice", "feed", "--input", "typed", "--mute", "--minutes", 1, typed=said)
    assert done.returncode == 0, done.stderr
    assert "Design the home feed" in done.stdout
    assert '"I would use XGBoost right away."' in done.stdout
    (session,) = json.loads(viva("sessions", "--format", "json").stdout)
    assert (session["problem"], session["planned_seconds"], session["state"]) == ("feed", 60, "finished")
    assert session["id"] in done.stderr
    report = json.loads(viva("sessions", session["id"], "--format", "json").stdout)
    assert report["session"]["id"] == session["id"]
    assert viva("sessions", session["id"], "--format", "vtt").stdout.startswith("WEBVTT\n")
    assert "1 session," in viva("progress").stdout
    assert viva("recover").stderr == "There is nothing to recover.\n"


def test_a_drill_of_one_stage_and_what_to_practise_next(tmp_path: Path) -> None:
    options = ("--input", "typed", "--mute", "--no-nudges", "--data-dir", tmp_path)
    fails_in_one_line(viva("practice", "--drill", "weakest", *options), "no judged session yet")
    done = viva("practice", "feed", "--drill", "data", *options, typed="The labels are comments and shares.\n")
    assert done.returncode == 0, done.stderr
    (session,) = json.loads(viva("sessions", "--format", "json", "--data-dir", tmp_path).stdout)
    assert (session["framework"], session["planned_seconds"]) == ("six-stage:data", 600)
    told = viva("progress", "--data-dir", tmp_path).stdout
    assert "Next: viva practice " in told and "PLAN" in told and "Data" in told and "words a minute" in told
    opinion = viva("sessions", session["id"], "--opinion", "--data-dir", tmp_path, VIVA_LLM_ADDRESS="")
    fails_in_one_line(opinion, "No language model is set")
    remote = viva("practice", "feed", *options, VIVA_LLM_ADDRESS="https://api.example.com/v1")
    assert remote.returncode == 1 and "not on this machine" in remote.stderr
