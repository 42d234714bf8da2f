"""Files given to the installed `viva` command: transcripts and recordings, good and bad."""

import base64
import io
import json
import wave
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from analysis.report_json import schema
from assistant.files import is_transcript, read_transcript
from speech.decode import decode
from tests.assistant.cli_user import data_folder as data_folder
from tests.assistant.cli_user import talk as talk
from tests.assistant.viva import fails_in_one_line, viva

DEMO = Path(__file__).parents[2] / "demo" / "answer.opus"


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

    def test_a_page_carries_the_sound_of_a_recording(self, talk: Path, tmp_path: Path, clip: np.ndarray) -> None:
        recording = write_wav(tmp_path / "talk.wav", clip)
        page = viva("analyze", recording, "--format", "html", "--audio").stdout
        carried = base64.b64decode(page.partition("data:audio/ogg;base64,")[2].partition('"')[0])
        assert decode(io.BytesIO(carried)).samples.size == pytest.approx(clip.size, abs=960)
        done = viva("analyze", talk, "--format", "html", "--audio")
        assert (done.returncode, done.stdout) == (1, "")
        assert "talk.json has no recording" in done.stderr
        assert viva("analyze", recording, "--format", "json", "--audio").returncode == 2

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
    def test_a_long_silence_is_listened_to_with_progress_and_then_refused(self, tmp_path: Path) -> None:
        file = write_wav(tmp_path / "long.wav", np.zeros(900 * 16_000))
        done = viva("analyze", file)
        assert done.returncode == 1
        *progress, last = done.stderr.splitlines()
        assert all(line.startswith("transcribed ") and line.endswith(" of 15:00") for line in progress)
        assert "Nobody says anything in long.wav" in last
