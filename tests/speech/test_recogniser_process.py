"""The recogniser in a child process: the same words, and nothing that ends or freezes it ends or freezes a session."""

import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.events import WordsHeard
from assistant.recognising import recognise
from models.store import WeightsMissing
from speech.frames import SAMPLE_RATE, Segment
from speech.recogniser_process import RecogniserProcess
from speech.transcriber import RecogniserFailed, Transcriber
from tests.speech.conftest import BASELINE, INTRODUCTION, Samples


@pytest.fixture
def child() -> Iterator[RecogniserProcess]:
    made = RecogniserProcess("tiny.en")
    yield made
    made.close()


@pytest.fixture(scope="module")
def said(speak: Callable[[str], Samples]) -> Segment:
    pause = np.zeros(SAMPLE_RATE // 2, np.float32)
    samples = np.concatenate([speak(INTRODUCTION), pause, speak(BASELINE)])
    return Segment(3.0, 3.0 + len(samples) / SAMPLE_RATE, samples)


def pid_of(child: RecogniserProcess) -> int:
    assert child.pid is not None
    return child.pid


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_hears_what_the_transcriber_hears(child: RecogniserProcess, said: Segment) -> None:
    plain = Transcriber("tiny.en")
    found, expected = child.transcribe(said), plain.transcribe(said)
    assert (found.start, found.end, found.words, found.text) == (3.0, said.end, expected.words, expected.text)
    assert child.write_roughly(said.samples) == plain.write_roughly(said.samples)
    assert child.cpu_seconds() > 0


def test_it_leaves_the_other_cores_alone(child: RecogniserProcess, said: Segment) -> None:
    began, used = time.perf_counter(), child.cpu_seconds()
    for _ in range(3):
        child.transcribe(said)
    assert child.cpu_seconds() - used < 1.1 * (time.perf_counter() - began)


def test_threads_take_turns(child: RecogniserProcess, said: Segment) -> None:
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(child.transcribe(said).text)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 4 and len(set(texts)) == 1


@pytest.mark.fault
def test_killed_at_its_work_it_fails_once_and_the_next_request_finds_another(
    child: RecogniserProcess, said: Segment
) -> None:
    pid, expected = pid_of(child), child.transcribe(said).text
    threading.Timer(0.1, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(RecogniserFailed, match="it ended"):
        child.transcribe(said)
    assert child.transcribe(said).text == expected
    assert pid_of(child) != pid


@pytest.mark.fault
def test_frozen_it_is_given_up_and_replaced(said: Segment) -> None:
    child = RecogniserProcess("tiny.en", patience=0.1)
    pid = pid_of(child)
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(RecogniserFailed, match="no answer in"):
        child.transcribe(said)
    assert time.monotonic() - began >= 3
    assert is_gone(pid)
    assert child.transcribe(said).text
    child.close()


@pytest.mark.fault
def test_without_memory_for_a_stretch_it_is_tried_in_halves(child: RecogniserProcess, said: Segment) -> None:
    child.transcribe(Segment(0.0, 1.0, said.samples[:SAMPLE_RATE]))
    pid = pid_of(child)
    held = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
    resource.prlimit(pid, resource.RLIMIT_AS, (held, held))
    heard = recognise(said, child)
    assert [type(event) for event in heard] == [WordsHeard, WordsHeard]
    assert pid_of(child) != pid


def test_it_ends_with_whoever_uses_it(said: Segment) -> None:
    child = RecogniserProcess("tiny.en")
    pid = pid_of(child)
    del child
    assert is_gone(pid)


def test_weights_that_are_missing_are_named_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(WeightsMissing, match="viva models pull base"):
        RecogniserProcess("base")
