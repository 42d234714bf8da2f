"""A scripted candidate with a voice: speaks into the virtual microphone, waits in silences, and hears the interviewer."""

import time
from collections.abc import Callable, Iterator

from assistant.events import InterviewerSpoke
from tests.assistant.script import Performance, Script, paused
from tests.e2e.practising import Practising, answer
from tests.e2e.virtual_audio import wait_until
from tests.speech.conftest import Samples

_LOOK_SECONDS = 0.2
_ASKED_SECONDS = 12.0
_LAST_SECONDS = 8.0


def speak_script(session: Practising, script: Script, speak: Callable[[str], Samples]) -> list[str]:
    """Hold the session with this candidate until the interviewer has nothing more to say; gives what he said.

    speak: a text as float32 mono, 16 kHz.
    """
    performance = Performance(script)
    lines = _heard(session)
    prompt = _next(lines, 60.0)
    assert prompt is not None, session.shown
    said: list[str] = []
    now = performance.reaction(prompt.rule, prompt.text)
    while not session.over:
        if not now:
            if performance.over:
                until_time_is_up = 60 * script.minutes - session.elapsed if script.answers("time_up") else 0.0
                line = _next(lines, max(0.0, until_time_is_up) + _LAST_SECONDS)
                if line is None:
                    break
                now = performance.replies(line.rule, line.text, [])
                continue
            now = [performance.next()]
        pause, text = paused(now.pop(0), script.pause)
        if (line := _next(lines, pause)) is not None:
            now = performance.replies(line.rule, line.text, [text, *now])
            continue
        answer(speak(text))
        said.append(text)
        if text.endswith("?") and (line := _next(lines, _ASKED_SECONDS)) is not None:
            now = performance.replies(line.rule, line.text, now)
    return said


def _heard(session: Practising) -> Iterator[InterviewerSpoke | None]:
    """Line after line of the interviewer, each when it is over; None while there is none."""
    known = 0
    while True:
        lines = [event for event in session.events if isinstance(event, InterviewerSpoke)]
        if len(lines) == known:
            yield None
            continue
        line = lines[known]
        known += 1
        wait_until(lambda: session.over or session.elapsed > line.end + 0.5, "the end of a line", 60)  # noqa: B023
        yield line


def _next(lines: Iterator[InterviewerSpoke | None], seconds: float) -> InterviewerSpoke | None:
    """Be silent for so long, or until the interviewer has spoken."""
    until = time.monotonic() + seconds
    while (line := next(lines)) is None and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
    return line
