"""The command line, through the installed `viva` command: what it prints, where, and how it fails."""

import json
import os
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from analysis.report_json import schema
from assistant.files import is_transcript, read_transcript
from models.store import default_store
from speech.decode import decode
from tests.assistant.viva import fails_in_one_line, viva

DEMO = Path(__file__).parents[2] / "demo" / "answer.opus"
TALK = {
    "utterances": [
        {"start": 0, "end": 4, "speaker": "interviewer", "text": "Design a home feed."},
        {"start": 5, "end": 9, "text": "I would use a two tower neural network right away."},
        {"start": 10, "end": 15, "text": "For the labels, clicks are our positives."},
        {
            "start": 16,
            "end": 21,
            "text": "Only \x1b[31mone in a hundred\x1b[0m posts is clicked, so the classes are imbalanced.",
        },
    ],
    "mood": "ignored",
}


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without sessions, and without sound devices."""
    folder = tmp_path / "data"
    nothing = tmp_path / "asound.conf"
    nothing.touch()
    monkeypatch.setenv("VIVA_DATA_DIR", str(folder))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(nothing))
    return folder


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A transcript."""
    file = tmp_path / "talk.json"
    file.write_text(json.dumps(TALK))
    return file


@pytest.fixture(scope="session")
def clip() -> np.ndarray:
    """The first seconds of the bundled recording: int16 mono, 16 kHz."""
    return np.asarray(decode(DEMO).samples[: 8 * 16_000] * 32767, np.int16)


def write_wav(file: Path, samples: np.ndarray, rate: int = 16_000, channels: int = 1) -> Path:
    """A 16-bit WAV file."""
    with wave.open(str(file), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.astype("<i2").tobytes())
    return file


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


class TestAnalyze:
    def test_a_transcript_becomes_a_report_that_quotes_it(self, talk: Path) -> None:
        done = viva("analyze", talk, "--minutes", 1, "--problem", "feed")
        assert done.returncode == 0
        assert "What to do next time" in done.stdout
        assert '"I would use a two tower neural network right away."' in done.stdout

    def test_what_was_said_cannot_reach_the_terminal_as_anything_but_text(self, talk: Path) -> None:
        done = viva("analyze", talk, "--format", "markdown")
        assert "one in a hundred" in done.stdout and "\x1b" not in done.stdout

    def test_json_stands_alone_on_stdout_and_validates(self, talk: Path) -> None:
        done = viva(
            "analyze", talk, "--format", "json", "--minutes", 35, "--level", "staff", "--framework", "five-step"
        )
        report = json.loads(done.stdout)
        jsonschema.Draft202012Validator(schema()).validate(report)
        assert report["session"] == {
            "id": "talk.json", "problem": None, "framework": "five-step", "level": "staff",
            "planned_seconds": 2100.0, "duration_seconds": 21.0, "started_at": None,
        }  # fmt: skip

    def test_output_is_written_and_said_on_stderr_unless_quiet(self, talk: Path, tmp_path: Path) -> None:
        page = tmp_path / "report.html"
        done = viva("analyze", talk, "--format", "html", "--output", page)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", f"Written to {page}\n")
        assert page.read_text().startswith("<!doctype html>")
        done = viva("analyze", talk, "--output", page, "--quiet")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert page.read_text().startswith("talk.json")
        assert {file.name for file in tmp_path.iterdir()} == {"asound.conf", "report.html", "talk.json"}

    def test_a_recording_is_told_by_its_content_whatever_its_name(self, tmp_path: Path, clip: np.ndarray) -> None:
        file = write_wav(tmp_path / "talk.wav", clip).rename(tmp_path / "talk.txt")
        report = json.loads(viva("analyze", file, "--format", "json").stdout)
        assert report["session"]["duration_seconds"] == 8
        assert report["session"]["planned_seconds"] == 45 * 60
        assert "feed" in report["utterances"][0]["text"]
        assert report["utterances"][0]["words"]


class TestTranscribe:
    @pytest.mark.parametrize("format", ["json", "srt"])
    def test_what_it_writes_can_be_analyzed(self, format: str, tmp_path: Path, clip: np.ndarray) -> None:
        recording = write_wav(tmp_path / "talk.wav", clip)
        done = viva("transcribe", recording, "--model", "tiny.en", "--format", format)
        assert done.returncode == 0
        file = tmp_path / "again.txt"
        file.write_text(done.stdout)
        assert is_transcript(file)
        assert "feed" in read_transcript(file).utterances[0].text

    def test_telephone_sound_in_stereo_is_understood(self, tmp_path: Path, clip: np.ndarray) -> None:
        half = clip[: len(clip) // 2 * 2].reshape(-1, 2).mean(axis=1).astype(np.int16)
        recording = write_wav(tmp_path / "phone.wav", np.repeat(half, 2), rate=8000, channels=2)
        assert "feed" in viva("transcribe", recording, "--model", "tiny.en").stdout

    def test_a_file_that_was_cut_off_gives_what_is_there_and_says_so(self, tmp_path: Path, clip: np.ndarray) -> None:
        recording = write_wav(tmp_path / "talk.wav", np.tile(clip, 2))
        recording.write_bytes(recording.read_bytes()[: 8 * 32_000])
        done = viva("transcribe", recording, "--model", "tiny.en")
        assert done.returncode == 0
        assert "feed" in done.stdout
        assert "only 0:08 could be decoded" in done.stderr

    def test_silence_is_an_empty_transcript_with_a_remark(self, tmp_path: Path) -> None:
        recording = write_wav(tmp_path / "silence.wav", np.zeros(5 * 16_000))
        done = viva("transcribe", recording, "--model", "tiny.en", "--format", "json")
        assert done.returncode == 0
        assert json.loads(done.stdout) == {"utterances": []}
        assert done.stderr == "No speech was heard in silence.wav.\n"


class TestBadFiles:
    @pytest.mark.parametrize(
        ("name", "content", "says"),
        [
            ("empty.wav", b"", "empty.wav is empty"),
            ("empty.json", b"", "is empty"),
            ("page.wav", b"<html>404 not found</html>", "is not an audio file"),
            ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(100), "is not an audio file"),
            ("damaged.wav", b"RIFF\x10\x00\x00\x00WAVE" + bytes(range(256)) * 9, "cut off or damaged"),
            ("cut.opus", DEMO.read_bytes()[:60], "cut off or damaged"),
            ("cut.json", b'{"utterances":[{"start":0,', "not valid JSON (line 1, column 27)"),
            ("other.json", b'{"words":[]}', "neither 'utterances' nor 'segments'"),
            ("number.json", b"3", "is not an object"),
            ("backwards.json", b'{"utterances":[{"start":5,"end":1,"text":"a"}]}', "utterances[0] ends before it starts"),
            ("text.json", b'{"utterances":[{"start":0,"end":1,"text":7}]}', "utterances[0].text is not a string"),
            ("time.json", b'{"segments":[{"start":NaN,"end":1,"text":"a"}]}', "segments[0].start"),
            ("deep.json", b"[" * 100_000, "is not valid JSON"),
            ("nobody.json", b'{"utterances":[]}', "Nobody says anything in nobody.json"),
            ("latin.txt", "caf\xe9 is where we start".encode("latin-1"), "is not UTF-8"),
            ("binary.txt", bytes(range(256)) * 9, "is not UTF-8"),
            ("none.vtt", b"WEBVTT\n\n", "holds no captions"),
            ("broken.srt", b"1\n00:xx --> b\nhello\n", "holds no captions"),
        ],
    )  # fmt: skip
    def test_each_fails_with_one_line(self, tmp_path: Path, name: str, content: bytes, says: str) -> None:
        file = tmp_path / name
        file.write_bytes(content)
        fails_in_one_line(viva("analyze", file), says)

    @pytest.mark.parametrize("command", ["analyze", "transcribe"])
    def test_a_missing_file_fails_with_one_line(self, command: str, tmp_path: Path) -> None:
        fails_in_one_line(viva(command, tmp_path / "gone.wav"), "There is no file", "Check the path")

    @pytest.mark.parametrize("command", ["analyze", "transcribe"])
    def test_a_folder_fails_with_one_line(self, command: str, tmp_path: Path) -> None:
        fails_in_one_line(viva(command, tmp_path), "is not a file")

    def test_a_device_is_not_read_for_ever(self, tmp_path: Path) -> None:
        endless = tmp_path / "endless.wav"
        endless.symlink_to("/dev/zero")
        fails_in_one_line(viva("analyze", endless), "is not a file")

    def test_a_name_cannot_write_on_the_terminal(self, tmp_path: Path) -> None:
        done = viva("analyze", tmp_path / "a\x1b[31m\nb.wav")
        fails_in_one_line(done, "There is no file")
        assert "\x1b" not in done.stderr

    def test_silence_has_nothing_to_judge(self, tmp_path: Path) -> None:
        file = write_wav(tmp_path / "silence.wav", np.zeros(5 * 16_000))
        fails_in_one_line(viva("analyze", file), "Nobody says anything in silence.wav", "viva doctor")

    @pytest.mark.load
    def test_an_hour_of_silence_is_listened_to_with_progress_and_then_refused(self, tmp_path: Path) -> None:
        file = write_wav(tmp_path / "hour.wav", np.zeros(3600 * 16_000))
        done = viva("analyze", file)
        assert done.returncode == 1
        *progress, last = done.stderr.splitlines()
        assert all(line.startswith("transcribed ") and line.endswith(" of 1:00:00") for line in progress)
        assert "Nobody says anything in hour.wav" in last


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
