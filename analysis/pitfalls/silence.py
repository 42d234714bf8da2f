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
    """One finding per unannounced silence between two utterances."""
    own = rule("long_silence")
    for pause in pauses(talk.utterances, talk.duration_seconds, own.numbers["least_seconds"]):
        before = [row for row, utterance in enumerate(talk.utterances) if utterance.start <= pause.start]
        after = [row for row, utterance in enumerate(talk.utterances) if utterance.start >= pause.end - 0.01]
        if not after or not before or _announced(talk, before[-1]):
            continue
        seconds = pause.end - pause.start
        yield finding(
            talk,
            own,
            [before[-1]],
            severity="fault" if seconds >= own.numbers["fault_seconds"] else "warning",
            message=own.text("message", seconds=f"{seconds:.0f} seconds"),
            span=(pause.start, pause.end),
        )


def _announced(talk: Talk, row: int) -> bool:
    """Whether one of the last two utterances before the silence says it is coming."""
    return any(
        hit.group in ("announced_pause", "stage.other")
        for reading in talk.readings[max(0, row - 1) : row + 1]
        for hit in reading.cues
    )
