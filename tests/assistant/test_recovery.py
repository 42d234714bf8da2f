"""What was said before a crash is found again: a real session in a real process, killed in the middle of a sentence."""

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import jiwer
import numpy as np
import pytest

from analysis.render import render
from assistant.events import AudioStarted, InterviewerSpoke, SessionEnded, WordsHeard
from assistant.listing import history
from assistant.log import SessionLog, is_running
from assistant.recognising import Later
from assistant.recovery import finish_left_over, recover
from assistant.runner import SessionRunner
from assistant.sources import FileSource
from assistant.store import Store
from models.store import WeightsMissing
from speech.frames import SAMPLE_RATE, pcm16_bytes
from speech.recording import COMPRESSED, RAW, Recording
from speech.transcriber import Transcriber, transcribe_file
from tests.assistant.conftest import Screen, plain
from tests.assistant.sessions import heard, keep, started
from tests.assistant.test_runner import SETUP
from tests.speech.conftest import INTRODUCTION, LABELS, Samples

ROOT = Path(__file__).parents[2]

RUNNING = """
import sys, threading
from pathlib import Path
from assistant.runner import SessionRunner
from assistant.sources import FileSource
from assistant.store import Store
from speech.transcriber import Transcriber
from tests.assistant.conftest import Screen
from tests.assistant.test_runner import SETUP
folder, file, recogniser = sys.argv[1:]

class Stuck:
    model_id = "tiny.en"
    def transcribe(self, segment):
        threading.Event().wait()
    write_roughly = transcribe
    def cpu_seconds(self):
        return 0.0

screen = Screen(lambda state: print(state.elapsed, len(state.last_words), flush=True))
transcriber = Stuck() if recogniser == "stuck" else Transcriber("tiny.en")
SessionRunner(Store(Path(folder)), SETUP, FileSource(Path(file)), transcriber, (), screen).run()
"""


def never() -> Transcriber:
    raise AssertionError("no recogniser was needed")


def said(store: Store, id: str) -> str:
    return plain(" ".join(event.text for event in store.events(id) if isinstance(event, WordsHeard)))


@pytest.mark.fault
@pytest.mark.parametrize("recogniser", ["keeps up", "stuck"])
def test_nothing_said_before_the_process_was_killed_is_lost(
    store: Store, tiny: Transcriber, talk_file: Path, speak: Callable[[str], Samples], recogniser: str
) -> None:
    # The second sentence has been spoken, but is not written down yet.
    moment = 2.0 + len(speak(INTRODUCTION)) / SAMPLE_RATE + 2.0 + len(speak(LABELS)) / SAMPLE_RATE
    command = [sys.executable, "-c", RUNNING, str(store.root), str(talk_file), recogniser]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout is not None
    elapsed, words = 0.0, 0
    # A slow machine hears the first sentence later still.
    while elapsed < moment or (words == 0 and recogniser == "keeps up"):
        first, second = child.stdout.readline().split()
        elapsed, words = float(first), int(second)
    child.send_signal(signal.SIGKILL)
    child.stdout.close()
    child.wait()
    (summary,) = store.unfinished()
    folder = store.folder(summary.id)
    assert not is_running(folder)
    recording = Recording(folder).read()
    # A busy machine plays the file late; what it has not played is not lost.
    assert len(recording) / SAMPLE_RATE > elapsed - 1.0
    assert plain(LABELS) not in said(store, summary.id)
    assert recogniser == "keeps up" or words == 0

    lines: list[str] = []
    assert recover(store, lambda: tiny, lines.append) == [summary.id]
    whole = plain(" ".join(found.text for found in transcribe_file(recording, tiny)))
    assert jiwer.wer(plain(f"{INTRODUCTION} {LABELS}"), said(store, summary.id)) < 0.06
    assert jiwer.wer(whole, said(store, summary.id)) < 0.06
    ended = store.events(summary.id)[-1]
    assert isinstance(ended, SessionEnded)
    assert ended.reason == "recovered"
    (begun,) = [event.at for event in store.events(summary.id) if isinstance(event, AudioStarted)]
    assert ended.at == pytest.approx(begun + len(recording) / SAMPLE_RATE, abs=0.2)
    (after,) = store.list_sessions()
    assert after.state == "finished"
    assert after.score is not None
    assert any("recovered" in line for line in lines)
    assert np.array_equal(Recording(folder).read(), recording)
    assert (folder / COMPRESSED).is_file() and not (folder / RAW).exists()
    assert recover(store, never, lines.append) == []


def recorded(store: Store, id: str, sound: Samples) -> None:
    (store.folder(id) / "audio.pcm").write_bytes(pcm16_bytes(sound))


def test_what_the_interviewer_said_aloud_is_not_taken_for_the_candidates_words(
    store: Store, tiny: Transcriber, speak: Callable[[str], Samples]
) -> None:
    prompt, answer = speak(INTRODUCTION), speak(LABELS)
    pause = np.zeros(2 * SAMPLE_RATE, np.float32)
    length = len(prompt) / SAMPLE_RATE
    id = keep(store, [AudioStarted(0.5), InterviewerSpoke(0.5, 0.5 + length, INTRODUCTION, "prompt", aloud=True)])
    recorded(store, id, np.concatenate([prompt, pause, answer, pause]))
    assert recover(store, lambda: tiny, lambda line: None) == [id]
    assert said(store, id) == plain(LABELS)
    first = next(event for event in store.events(id) if isinstance(event, WordsHeard))
    assert first.words[0].start == pytest.approx(0.5 + length + 2.0, abs=0.4)


def test_a_line_that_was_only_shown_hides_nothing(
    store: Store, tiny: Transcriber, speak: Callable[[str], Samples]
) -> None:
    id = keep(store, [AudioStarted(0.0), InterviewerSpoke(0.0, 5.0, INTRODUCTION, "prompt")])
    recorded(store, id, speak(LABELS))
    recover(store, lambda: tiny, lambda line: None)
    assert said(store, id) == plain(LABELS)


def test_without_sound_no_recogniser_is_needed(store: Store) -> None:
    id = keep(store, [heard("I assume fifty million users who come every day.", 5.0)])
    assert recover(store, never, lambda line: None) == [id]
    assert "fifty million" in store.report(id).utterances[0].text


def test_running_and_just_begun_sessions_are_left_alone(store: Store) -> None:
    running = keep(store, [heard("Hello there, let me begin.", 1.0)])
    begun = started(store.new_id(), datetime.now().astimezone().isoformat(timespec="seconds"))
    keep(store, begun=begun)
    with SessionLog(store.folder(running)):
        assert recover(store, never, lambda line: None) == []
    assert recover(store, never, lambda line: None) == [running]


def test_the_next_start_ends_what_was_said_and_leaves_what_waits_for_a_page(
    store: Store, tiny: Transcriber, speak: Callable[[str], Samples]
) -> None:
    cut_off, waiting = keep(store, [AudioStarted(0.0)]), keep(store)
    recorded(store, cut_off, speak(LABELS))
    finish_left_over(store, lambda: tiny, lambda line: None)
    assert said(store, cut_off) == plain(LABELS)
    assert [summary.id for summary in store.unfinished()] == [waiting]
    assert (store.folder(cut_off) / COMPRESSED).is_file()


def test_a_recording_that_was_compressed_is_heard_again_where_the_log_was_damaged(
    store: Store, tiny: Transcriber, speak: Callable[[str], Samples]
) -> None:
    id = keep(store, [AudioStarted(0.0)])
    recorded(store, id, speak(LABELS))
    store.compress(id)
    assert recover(store, lambda: tiny, lambda line: None) == [id]
    assert said(store, id) == plain(LABELS)


@pytest.mark.fault
def test_missing_weights_leave_the_session_for_next_time(
    store: Store, tiny: Transcriber, speak: Callable[[str], Samples]
) -> None:
    id = keep(store, [AudioStarted(0.0)])
    recorded(store, id, speak(LABELS))

    def missing() -> Transcriber:
        raise WeightsMissing("base")

    with pytest.raises(WeightsMissing, match="viva models pull base"):
        recover(store, missing, lambda line: None)
    lines: list[str] = []
    finish_left_over(store, missing, lines.append)
    assert "viva models pull base" in lines[-1]
    assert [summary.id for summary in store.unfinished()] == [id]
    assert recover(store, lambda: tiny, lambda line: None) == [id]


def test_what_was_recovered_before_its_time_says_that_it_was_broken_off(store: Store) -> None:
    id = keep(store, [heard("I assume fifty million users who come every day.", 61.0)])
    recover(store, never, lambda line: None)
    (summary,) = store.list_sessions()
    report = store.report(id)
    assert summary.broken_off and report.session.broken_off
    for format in ("text", "markdown", "html"):
        shown = " ".join(render(report, format).split())
        assert "broken off at 1:05" in shown and "does not count as missed" in shown
    assert not any(finding.code in ("missed_stage", "missed_topic") for finding in report.findings)
    assert "wrap_up" not in report.score.by_stage
    assert "broken off" in history([summary], "text")


def test_who_was_through_his_time_has_held_the_session(store: Store) -> None:
    keep(store, [heard("That is all I wanted to say about this design.", 601.0)])
    recover(store, never, lambda line: None)
    assert [summary.broken_off for summary in store.list_sessions()] == [False]


def test_a_session_that_was_held_without_a_recogniser_is_whole(
    store: Store, tiny: Transcriber, talk_file: Path
) -> None:
    later = Later("tiny.en", WeightsMissing("tiny.en"))
    SessionRunner(store, SETUP, FileSource(talk_file, fast=True), later, (), Screen()).run()
    recover(store, lambda: tiny, lambda line: None)
    (summary,) = store.list_sessions()
    assert summary.state == "finished" and not summary.broken_off
