"""What waits to be written down: in order, unchanged, and no more than a minute of it in memory."""

import queue
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.backlog import IN_MEMORY_SECONDS, Backlog
from assistant.sources import Line
from speech.frames import SAMPLE_RATE, Segment

steps = st.lists(st.one_of(st.none(), st.integers(1, 25)), max_size=30)


def segment(seconds: int, number: int) -> Segment:
    samples = np.random.default_rng(number).normal(0, 0.1, seconds * SAMPLE_RATE).astype(np.float32)
    return Segment(float(number), float(number + seconds), samples)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_everything_comes_out_as_it_went_in(tmp_path: Path, steps: list[int | None]) -> None:
    """A number puts in a segment of so many seconds, None takes one out."""
    backlog, waiting = Backlog(tmp_path), []
    for number, seconds in enumerate([*steps, *[None] * len(steps)]):
        if seconds is not None:
            waiting.append(segment(seconds, number))
            backlog.put(waiting[-1])
        elif waiting:
            found, expected = backlog.get(), waiting.pop(0)
            assert isinstance(found, Segment)
            assert (found.start, found.end) == (expected.start, expected.end)
            assert np.array_equal(found.samples, expected.samples)
        assert backlog.in_memory_seconds <= IN_MEMORY_SECONDS
        assert backlog.empty() is (not waiting)
    assert list(tmp_path.iterdir()) == []


def test_lines_and_the_end_take_their_turn(tmp_path: Path) -> None:
    backlog = Backlog(tmp_path)
    for item in (segment(50, 1), segment(20, 2), Line(3.0, 4.0, "typed"), None):
        backlog.put(item)
    kinds = [type(backlog.get()).__name__ for _ in range(4)]
    assert kinds == ["Segment", "Segment", "Line", "NoneType"]
    with pytest.raises(queue.Empty):
        backlog.get(timeout=0.01)


@pytest.mark.fault
def test_without_room_on_the_disk_it_waits_in_memory(tmp_path: Path) -> None:
    backlog = Backlog(tmp_path / "missing")
    for number in range(4):
        backlog.put(segment(25, number))
    found = [backlog.get() for _ in range(4)]
    assert [item.start for item in found if isinstance(item, Segment)] == [0.0, 1.0, 2.0, 3.0]
