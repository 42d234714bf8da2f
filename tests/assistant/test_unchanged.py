"""What was computed is kept as long as what it was computed from is unchanged."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import mul
from pathlib import Path

import pytest

from assistant.unchanged import Unchanged, state_of


def test_a_value_is_computed_again_when_its_state_is_another() -> None:
    kept: Unchanged[int] = Unchanged(2)
    assert [kept.get("a", state, partial(mul, state, 10)) for state in (1, 2, 1)] == [10, 20, 10]
    assert kept.get("a", 1, lambda: pytest.fail("computed again")) == 10


def test_those_asked_for_last_are_kept() -> None:
    kept: Unchanged[str] = Unchanged(2)
    computed = []

    def compute(key: str) -> str:
        computed.append(key)
        return key

    for key in ("a", "b", "a", "c", "a", "b"):
        assert kept.get(key, 0, partial(compute, key)) == key
    assert computed == ["a", "b", "c", "b"]


def test_many_who_ask_at_the_same_time_cost_one_computation() -> None:
    kept: Unchanged[int] = Unchanged(1)
    together, computed = threading.Barrier(8), []

    def compute() -> int:
        time.sleep(0.05)
        computed.append(1)
        return 7

    def get(_: int) -> int:
        together.wait()
        return kept.get("a", 0, compute)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(get, range(8))) == [7] * 8
    assert computed == [1]


def test_what_fails_is_tried_again() -> None:
    kept: Unchanged[float] = Unchanged(1)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", 0, lambda: 1 / 0)
    assert kept.get("a", 0, lambda: 1.0) == 1.0


def test_a_file_has_another_state_when_it_is_written_or_replaced(tmp_path: Path) -> None:
    file, other = tmp_path / "file", tmp_path / "other"
    file.write_text("a")
    other.write_text("b")
    states = [state_of(file)]
    assert state_of(file) == states[0]
    with file.open("a") as end:
        end.write("b")
    states.append(state_of(file))
    other.replace(file)
    states.append(state_of(file))
    assert len(set(states)) == 3
