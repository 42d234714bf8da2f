"""The stage a running session is in."""

import pytest

from assistant.stage_now import stage_now
from prompts.frameworks import get_framework
from tests.server.conftest import happened


def test_it_is_that_of_what_was_said_last_and_the_seconds_of_every_stage_so_far_are_told() -> None:
    now = stage_now(happened("20260101-000000-0001", ended=False), get_framework("six-stage"), "senior", 2700.0, 60.0)
    assert now is not None
    assert (now.stage, now.planned) == ("modeling", 930.0)
    # From the first line of each to that of the next, and to this moment.
    assert now.spent == pytest.approx({"problem": 28, "modeling": 20}, abs=1)


def test_before_anything_was_said_there_is_none() -> None:
    assert stage_now(happened("20260101-000000-0001")[:3], get_framework("six-stage"), "senior", 2700.0, 5.0) is None
