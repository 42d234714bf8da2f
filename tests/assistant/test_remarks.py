"""The interviewer speaks about the time in pauses, each remark once."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.remarks import Remark, due_remark

PLANNED = 2700.0


def test_five_minutes_before_the_end_it_is_said_in_a_pause() -> None:
    assert due_remark(PLANNED - 301, PLANNED, quiet=5, said=()) is None
    assert due_remark(PLANNED - 299, PLANNED, quiet=0, said=()) is None
    assert due_remark(PLANNED - 295, PLANNED, quiet=1, said=()) == Remark("five_minutes", "time_five_minutes", True)


def test_who_does_not_pause_is_shown_it_instead() -> None:
    assert due_remark(PLANNED - 284, PLANNED, quiet=0, said=()) == Remark("five_minutes", "time_five_minutes", False)


def test_each_is_said_once() -> None:
    assert due_remark(PLANNED - 290, PLANNED, quiet=5, said={"time_five_minutes"}) is None


def test_a_short_session_hears_only_what_fits_into_it() -> None:
    assert due_remark(10, 240, quiet=5, said=()) is None
    assert due_remark(181, 240, quiet=5, said=()) == Remark("one_minute", "time_one_minute", True)
    assert due_remark(20, 15, quiet=5, said=()) == Remark("time_up", "time_up", True)


@given(st.floats(1, 10_000), st.lists(st.booleans(), min_size=30, max_size=30))
def test_whatever_the_pauses_every_remark_that_fits_comes_once_and_in_order(planned: float, talks: list[bool]) -> None:
    said: list[str] = []
    for second in range(int(planned) + 60):
        quiet = 0.0 if talks[second % len(talks)] else 2.0
        if remark := due_remark(second, planned, quiet, said):
            said.append(remark.rule)
    expected = ["time_five_minutes"] * (planned > 600) + ["time_one_minute"] * (planned > 120) + ["time_up"]
    assert said == expected
