"""Freezing: a long silence nobody announced.

Source: business-first: getting stuck is normal; acknowledge it, restate what stands, pivot. Silence while drawing is
fine once announced, and the interviewer's own silence is not the candidate's.
"""

from collections.abc import Iterator

from analysis.delivery import pauses
from analysis.pitfalls.evidence import finding
from analysis.report import Finding
from analysis.rules import rule
from analysis.talk import Talk


def find(talk: Talk) -> Iterator[Finding]:
    """One finding per unannounced silence of the candidate's."""
    own = rule("long_silence")
    for pause in pauses(talk.utterances, talk.readings, own.numbers["least_seconds"]):
        if pause.announced:
            continue
        seconds = pause.end - pause.start
        before = [row for row, utterance in enumerate(talk.utterances) if utterance.start <= pause.start]
        yield finding(
            talk,
            own,
            before[-1:],
            severity="fault" if seconds >= own.numbers["fault_seconds"] else "warning",
            message=own.text("message", seconds=f"{seconds:.0f} seconds"),
            span=(pause.start, pause.end),
        )
