"""Every event survives being written down, and logs of other versions still open."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.events import AudioStarted, Event, InterviewerSpoke, Noted, decode, encode
from tests.assistant.sessions import any_event


@given(any_event)
def test_an_event_that_was_written_is_read_back(event: Event) -> None:
    assert decode(encode(event)) == event


@given(any_event)
def test_an_event_is_one_line(event: Event) -> None:
    assert "\n" not in encode(event)
    assert "\r" not in encode(event)


def test_a_line_names_its_event_and_second() -> None:
    row = json.loads(encode(InterviewerSpoke(1.5, 3.0, "Five minutes left.", "time_five_minutes", True)))
    assert row == {
        "event": "interviewer_spoke",
        "at": 1.5,
        "end": 3.0,
        "text": "Five minutes left.",
        "rule": "time_five_minutes",
        "aloud": True,
        "reason": None,
    }


def test_keys_of_a_newer_version_are_ignored() -> None:
    assert decode('{"event": "audio_started", "at": 2, "device": {"name": "usb"}}') == AudioStarted(2.0)


def test_events_of_a_newer_version_are_skipped() -> None:
    assert decode('{"event": "whiteboard_drawn", "at": 2}') is None


def test_a_log_from_before_lines_were_marked_as_spoken_opens() -> None:
    event = decode('{"event": "interviewer_spoke", "at": 0, "end": 1, "text": "Hello.", "rule": "prompt"}')
    assert event == InterviewerSpoke(0.0, 1.0, "Hello.", "prompt", aloud=False)


def test_a_file_name_that_is_no_text_can_be_written_down() -> None:
    assert decode(encode(Noted(0.0, "rec\udcff.wav is cut off."))) == Noted(0.0, "rec?.wav is cut off.")


@pytest.mark.hostile
@given(st.text() | any_event.map(encode).flatmap(lambda line: st.integers(0, len(line) - 1).map(lambda n: line[:n])))
def test_what_is_no_event_is_refused(line: str) -> None:
    try:
        json.loads(line)
    except ValueError:
        with pytest.raises(ValueError):
            decode(line)


@pytest.mark.parametrize(
    "line", ["3", "[]", "{}", '{"event": 3}', '{"event": "noted"}', '{"event": "noted", "at": "soon", "text": ""}']
)
def test_an_event_without_what_it_needs_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        decode(line)


def test_times_are_finite() -> None:
    with pytest.raises(ValueError):
        encode(AudioStarted(float("nan")))
