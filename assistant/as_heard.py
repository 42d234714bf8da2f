"""What the interviewer said, as far as it was heard: lines that the candidate talked over end where they were broken off."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from assistant.events import Event, InterviewerInterrupted, InterviewerSpoke

BROKEN_OFF = "…"
"""What a line ends with that was broken off."""


def as_heard(events: Iterable[Event]) -> Iterator[Event]:
    """The same events, each line broken off with its true end and the words that had been said by then."""
    events = tuple(events)
    stopped = {event.line_at: event for event in events if isinstance(event, InterviewerInterrupted)}
    for event in events:
        if isinstance(event, InterviewerSpoke) and (stop := stopped.get(event.at)) is not None:
            yield replace(event, end=stop.at, text=f"{stop.text} {BROKEN_OFF}".lstrip())
        else:
            yield event
