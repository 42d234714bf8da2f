"""How long the candidate talks without the interviewer and without asking how it is going."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from analysis.language import Reading
from analysis.report import Monologue
from speech.transcript import Utterance

ROOM_SECONDS = 1.0
"""Room for an answer: silences inside conversation mostly end before (Jefferson 1989). Who goes on at once from a
question of their own has asked nobody."""


def checks_in(utterances: Sequence[Utterance], readings: Sequence[Reading], row: int) -> bool:
    """Whether a candidate's utterance hands the word over: by a phrase ("shall I go on") or a question with room."""
    if readings[row].said("check_in"):
        return True
    sentences = readings[row].sentences
    following = utterances[row + 1].start if row + 1 < len(utterances) else float("inf")
    return bool(sentences) and sentences[-1].question and following - utterances[row].end >= ROOM_SECONDS


def monologues(utterances: Sequence[Utterance], readings: Sequence[Reading]) -> tuple[Monologue, ...]:
    """Every stretch of the candidate's talk between two turns of the interviewer or ways of checking in, in order.

    utterances: in the order of time. A stretch begins and ends with the candidate's speech; pauses inside belong to it,
    and so does the utterance that checks in.
    """
    own = [row for row, utterance in enumerate(utterances) if utterance.speaker == "candidate"]
    windows = tuple(_windows(utterances, [utterances[row].end for row in own if checks_in(utterances, readings, row)]))
    ends = [end for _, end in windows]
    inside: dict[int, tuple[float, float]] = {}
    for start, end in _joined((utterances[row].start, utterances[row].end) for row in own):
        place = bisect_right(ends, start)
        while place < len(windows) and windows[place][0] < end:
            first, last = inside.get(place, (float("inf"), 0.0))
            inside[place] = (min(first, max(start, windows[place][0])), max(last, min(end, windows[place][1])))
            place += 1
    return tuple(Monologue(round(start, 2), round(end, 2)) for _, (start, end) in sorted(inside.items()))


def _joined(stretches: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same time in stretches that do not overlap."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _windows(utterances: Sequence[Utterance], cuts: Sequence[float]) -> Iterator[tuple[float, float]]:
    """The times between the interviewer's turns, cut at these times."""
    turns = [(utterance.start, utterance.end) for utterance in utterances if utterance.speaker != "candidate"]
    clock = 0.0
    for start, end in sorted(turns + [(cut, cut) for cut in cuts]):
        if start > clock:
            yield clock, start
        clock = max(clock, end)
    yield clock, float("inf")
