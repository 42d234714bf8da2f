"""Recordings decoded in a process of their own: the same sound, and nothing that a recording does to it does harm."""

import io
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from speech.decode import Decoding, UndecodableAudio, iter_frames
from speech.decoding_process import Decoders
from tests.scorecard.bombs import flac

DEMO = Path(__file__).parents[2] / "demo" / "answer.opus"
SHORT = bytes(flac(0.02, told=True))
CORPUS = sorted(path for path in (Path(__file__).parents[1] / "scorecard" / "corpus" / "media").iterdir())


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    made = Decoders()
    yield made
    made.close()


def heard(frames: Iterator[object]) -> tuple[list[tuple[float, bytes]], str]:
    """Start and samples of each frame, and what was said in the end."""
    found: list[tuple[float, bytes]] = []
    try:
        for frame in frames:
            found.append((frame.start, frame.samples.tobytes()))  # type: ignore[attr-defined]
    except UndecodableAudio as error:
        return found, str(error)
    return found, ""


@pytest.mark.parametrize("path", [DEMO, *CORPUS], ids=lambda path: path.name)
def test_it_gives_what_decoding_here_gives(decoders: Decoders, path: Path) -> None:
    here, apart = Decoding(), Decoding()
    data = io.BytesIO(path.read_bytes())
    expected, found = heard(iter_frames(data, found=here)), heard(decoders.iter_frames(data, apart))
    assert found == expected
    if not expected[1]:
        assert apart == here and apart.notes == here.notes


def test_who_has_heard_enough_may_leave(decoders: Decoders) -> None:
    data = io.BytesIO(SHORT)
    for _ in range(3):
        frames = decoders.iter_frames(data)
        assert next(frames).start == 0.0
        frames.close()  # type: ignore[attr-defined]
    assert len(heard(decoders.iter_frames(data))[0]) > 5


def test_several_are_decoded_at_once(decoders: Decoders) -> None:
    files = [decoders.iter_frames(io.BytesIO(SHORT)) for _ in range(3)]
    firsts = [next(frames).samples for frames in files]
    assert all(np.array_equal(firsts[0], first) for first in firsts)
    assert len({len(heard(frames)[0]) for frames in files}) == 1


def children() -> set[int]:
    own = os.getpid()
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text().rpartition(")")[2].split()
            command = stat.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if int(told[1]) == own and b"decoding_child" in command:
            found.add(int(stat.parent.name))
    return found


@pytest.mark.fault
@pytest.mark.parametrize("harm", [signal.SIGSEGV, signal.SIGSTOP], ids=["crashes", "hangs"])
def test_one_that_ends_or_hangs_is_an_error_and_the_next_recording_gets_another(harm: signal.Signals) -> None:
    decoders = Decoders(patience=0.05)
    before = children()
    frames = decoders.iter_frames(io.BytesIO(flac(1, told=True)))
    next(frames)
    (pid,) = children() - before
    os.kill(pid, harm)
    _, said = heard(frames)
    assert "too much memory or time" in said
    assert pid not in children()
    assert len(heard(decoders.iter_frames(io.BytesIO(SHORT)))[0]) > 5
    decoders.close()
    assert children() <= before


@pytest.mark.hostile
def test_memory_is_limited(decoders: Decoders) -> None:
    before = children()
    frames = decoders.iter_frames(io.BytesIO(SHORT))
    next(frames)
    pids = children() - before or children()
    limits = {resource.prlimit(pid, resource.RLIMIT_AS)[0] for pid in pids}
    assert all(0 < limit < 4 << 30 for limit in limits)
    frames.close()  # type: ignore[attr-defined]
