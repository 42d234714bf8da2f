"""A session from the prompt to the report, with real sound and a real recogniser; only devices are left out."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from assistant.events import (
    AudioGap,
    AudioStarted,
    Input,
    InterviewerSpoke,
    Noted,
    SessionEnded,
    SessionStarted,
    WordsHeard,
)
from assistant.live_state import LiveState
from assistant.log import is_running
from assistant.runner import SessionRunner
from assistant.session_setup import SessionSetup
from assistant.sources import FileSource, Line, TypedSource
from assistant.store import Store
from prompts.frameworks import UnknownFramework, UnusableLength
from prompts.problems import get_problem
from speech.decode import UndecodableAudio
from speech.frames import SAMPLE_RATE, Float32, Frame, Segment, to_pcm16
from speech.recorder import write_wav
from speech.track import Gap
from speech.transcriber import RecogniserFailed, Transcribed, Transcriber
from tests.assistant.conftest import Screen, plain
from tests.speech.conftest import BASELINE, INTRODUCTION, LABELS, Samples

SETUP = SessionSetup(None, "six-stage", "senior", 600.0, mute=True)
ROOT = Path(__file__).parents[2]


def said(store: Store, id: str) -> str:
    return plain(" ".join(event.text for event in store.events(id) if isinstance(event, WordsHeard)))


Kind = TypeVar("Kind")


def of(store: Store, id: str, kind: type[Kind]) -> list[Kind]:
    return [event for event in store.events(id) if isinstance(event, kind)]


def test_a_recording_goes_the_whole_way(store: Store, tiny: Transcriber, talk_file: Path, talk: Samples) -> None:
    screen = Screen()
    setup = SessionSetup("video-recommendation", "six-stage", "senior", 600.0, mute=True)
    runner = SessionRunner(store, setup, FileSource(talk_file, fast=True), tiny, (), screen)
    report = runner.run()

    (started,) = of(store, runner.id, SessionStarted)
    assert (started.problem, started.input, started.model) == ("video-recommendation", "file", "tiny.en")
    (prompt,) = of(store, runner.id, InterviewerSpoke)
    assert get_problem("video-recommendation").prompt in prompt.text
    assert "10 minutes" in prompt.text
    assert screen.lines == [prompt.text]
    # The recording begins when the prompt is over, and every second after that is as in the file.
    (audio,) = of(store, runner.id, AudioStarted)
    assert audio.at == pytest.approx(prompt.end)
    recording = store.recording(runner.id)
    assert recording is not None
    assert np.array_equal(to_pcm16(recording.read()), to_pcm16(talk))
    first = next(word for event in of(store, runner.id, WordsHeard) for word in event.words)
    assert first.start == pytest.approx(prompt.end + 2.0, abs=0.4)
    (ended,) = of(store, runner.id, SessionEnded)
    assert ended.at == pytest.approx(prompt.end + len(talk) / SAMPLE_RATE, abs=0.01)
    assert ended.reason == "finished"

    assert said(store, runner.id) == plain(f"{INTRODUCTION} {LABELS} {BASELINE}")
    assert report.utterances[0].speaker == "interviewer"
    assert report == store.report(runner.id)
    (summary,) = store.list_sessions()
    assert (summary.state, summary.score) == ("finished", report.score.total)
    assert not is_running(store.folder(runner.id))


def test_ending_it_early_keeps_and_judges_what_was_said(store: Store, tiny: Transcriber, talk_file: Path) -> None:
    def stop_after_the_first_sentence(state: LiveState) -> None:
        if state.elapsed > 7:
            runner.stop()

    runner = SessionRunner(store, SETUP, FileSource(talk_file), tiny, (), Screen(stop_after_the_first_sentence))
    report = runner.run()
    assert plain(INTRODUCTION) in said(store, runner.id)
    assert "baseline" not in said(store, runner.id)
    (ended,) = of(store, runner.id, SessionEnded)
    assert ended.reason == "interrupted"
    assert ended.at == pytest.approx(7, abs=1)
    assert not any("cut off" in note for note in report.notes)


def test_typed_answers_are_judged_without_sound(store: Store) -> None:
    reading, writing = os.pipe()
    runner = SessionRunner(store, SETUP, TypedSource(reading), None, (), Screen())
    os.write(
        writing, "I assume fifty million users a day.\n\n  The labels are clicks – with noise.\nno line end".encode()
    )
    os.close(writing)
    report = runner.run()
    os.close(reading)
    assert [event.text for event in of(store, runner.id, WordsHeard)] == [
        "I assume fifty million users a day.", "The labels are clicks – with noise.", "no line end",
    ]  # fmt: skip
    assert store.recording(runner.id) is None
    assert any("typed" in note for note in report.notes)
    (started,) = of(store, runner.id, SessionStarted)
    assert (started.input, started.model) == ("typed", None)


class Played:
    """A source that gives what it was given, as a microphone would."""

    kind: Input = "live"
    interactive = True
    paced = True
    trouble: str | None = None
    notes = ("It rained.",)

    def __init__(self, *items: Frame | Gap | Line) -> None:
        self._items = items

    def open(self, origin: float) -> None:
        pass

    def items(self, start: float) -> Iterator[Frame | Gap | Line]:
        yield from self._items

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.mark.fault
def test_lost_sound_is_marked_and_everything_after_it_keeps_its_time(
    store: Store, tiny: Transcriber, talk: Samples
) -> None:
    cut = int(9.2 * SAMPLE_RATE)
    before, after = Frame(1.0, talk[:cut]), Frame(1.0 + 9.2 + 30.0, talk[cut:])
    gap = Gap(before.end, after.start, "the microphone went away")
    runner = SessionRunner(store, SETUP, Played(before, gap, after), tiny, (), Screen())
    report = runner.run()
    (marked,) = of(store, runner.id, AudioGap)
    assert marked.at == pytest.approx(10.2)
    assert marked.seconds == pytest.approx(30.0)
    assert any("30.0 s" in note and "went away" in note for note in report.notes)
    assert "It rained." in report.notes
    recording = store.recording(runner.id)
    assert recording is not None
    assert len(recording.read()) == pytest.approx(len(talk) + 30 * SAMPLE_RATE, abs=2)
    last = of(store, runner.id, WordsHeard)[-1].words[-1]
    assert last.end == pytest.approx(1.0 + 30.0 + len(talk) / SAMPLE_RATE - 2.0, abs=1.0)


class Stumbling:
    """A recogniser that gives up on whatever lies in the second stretch it is given."""

    model_id = "tiny.en"

    def __init__(self, real: Transcriber, error: Exception) -> None:
        self._real = real
        self._error = error
        self._given: list[Segment] = []

    def cpu_seconds(self) -> float:
        return 0.0

    def transcribe(self, segment: Segment) -> Transcribed:
        self._given.append(segment)
        if len(self._given) > 1 and segment.start < self._given[1].end:
            raise self._error
        return self._real.transcribe(segment)

    def write_roughly(self, samples: Float32) -> str:
        raise self._error


@pytest.mark.fault
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (RecogniserFailed("The recogniser gave up", "Start again"), "The recogniser gave up"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_a_stretch_that_cannot_be_recognised_costs_itself_alone(
    store: Store, tiny: Transcriber, talk_file: Path, error: Exception, says: str
) -> None:
    runner = SessionRunner(store, SETUP, FileSource(talk_file, fast=True), Stumbling(tiny, error), (), Screen())
    report = runner.run()
    assert said(store, runner.id) == plain(f"{INTRODUCTION} {BASELINE}")
    assert sum("could not be written down" in note and says in note for note in report.notes) == 2, "in halves"
    assert store.recording(runner.id) is not None


@pytest.mark.fault
def test_a_recording_that_is_cut_off_is_heard_as_far_as_it_goes(
    store: Store, tiny: Transcriber, talk_file: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.wav"
    cut.write_bytes(talk_file.read_bytes()[: int(7.5 * 2 * SAMPLE_RATE)])
    runner = SessionRunner(store, SETUP, FileSource(cut, fast=True), tiny, (), Screen())
    report = runner.run()
    assert plain(INTRODUCTION) in said(store, runner.id)
    assert any("could be decoded" in note for note in report.notes)


def test_silence_is_judged_as_silence(store: Store, tiny: Transcriber, tmp_path: Path) -> None:
    write_wav(tmp_path / "silence.wav", np.zeros(5 * SAMPLE_RATE, np.float32))
    runner = SessionRunner(store, SETUP, FileSource(tmp_path / "silence.wav", fast=True), tiny, (), Screen())
    report = runner.run()
    assert report.utterances == ()
    assert any("nothing to judge" in note for note in report.notes)


@pytest.mark.fault
def test_what_cannot_begin_leaves_no_session_behind(store: Store, tiny: Transcriber, tmp_path: Path) -> None:
    with pytest.raises(UndecodableAudio, match="There is no file"):
        SessionRunner(store, SETUP, FileSource(tmp_path / "missing.wav"), tiny, (), Screen()).run()
    with pytest.raises(UnknownFramework):
        SessionRunner(store, SessionSetup(None, "ten-step", "mid", 60.0), FileSource(tmp_path), tiny, (), Screen())
    with pytest.raises(UnusableLength):
        SessionRunner(store, SessionSetup(None, "six-stage", "mid", 0.0), FileSource(tmp_path), tiny, (), Screen())
    assert store.count() == 0


FULL_CHILD = """
import resource, sys
from pathlib import Path
from assistant.runner import SessionRunner
from assistant.session_setup import SessionSetup
from assistant.sources import FileSource
from assistant.store import Store
from speech.transcriber import Transcriber
from tests.assistant.conftest import Screen
from tests.assistant.test_runner import SETUP
folder, file, room = sys.argv[1:]
store, tiny, screen = Store(Path(folder)), Transcriber("tiny.en"), Screen()
runner = SessionRunner(store, SETUP, FileSource(Path(file), fast=True), tiny, (), screen)
# No file may grow beyond this, as on a disk that fills up.
resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), resource.RLIM_INFINITY))
report = runner.run()
print(*screen.lines, *report.notes, sep="\\n")
print(*(utterance.text for utterance in report.utterances))
"""


@pytest.mark.fault
@pytest.mark.parametrize("room", [100_000, 600])
def test_a_disk_that_fills_up_still_gives_the_whole_report(
    tmp_path: Path, talk_file: Path, room: int, store: Store
) -> None:
    command = [sys.executable, "-c", textwrap.dedent(FULL_CHILD), str(store.root), str(talk_file), str(room)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    for sentence in (INTRODUCTION, LABELS, BASELINE):
        assert plain(sentence) in plain(run.stdout)
    assert "The disk is full" in run.stdout
    (folder,) = (store.root / "sessions").iterdir()
    assert (folder / "audio.pcm").stat().st_size == room
    if room > 10_000:
        assert any(
            isinstance(event, Noted) and "recorded again as soon as" in event.text
            for event in store.events(folder.name)
        )


def test_sessions_do_not_begin_on_a_disk_without_room(
    store: Store, tiny: Transcriber, answer_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage(10**9, 10**9, 10**6))
    with pytest.raises(Exception, match="Only 1 MB are free"):
        SessionRunner(store, SETUP, FileSource(answer_file, fast=True), tiny, (), Screen()).run()
    assert store.count() == 0
