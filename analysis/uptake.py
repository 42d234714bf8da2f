"""What the candidate did after the interviewer had brought him back or changed a requirement.

`pitfalls.ignored_interviewer` accuses only where that is plain. This says of every such line how it was taken, so that
the report also names what went well; it costs no points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.report import ReportUtterance
from analysis.steering import makes

Move = Literal["nudge", "change"]
"""Back from a model to what comes before it; or another requirement than before."""

Verdict = Literal["followed", "not followed", "unclear", "unanswered"]

_WITHIN_SECONDS = 90.0
_LEAST_WORDS = 4
_FIRST_WORDS = 3
_ABOUT_IT = 0.4
_NOT_ABOUT_IT = 0.3
"""Cosines from and up to which the first sentences after a change are about it or not; between them nothing is said."""


@dataclass(frozen=True, slots=True)
class Uptake:
    """How a line was taken. at: second it was said. quote: what shows it, empty where nothing was said to it."""

    move: Move
    at: float
    verdict: Verdict
    quote: str = ""


def uptake(utterances: Sequence[ReportUtterance], at: float, move: Move) -> Uptake:
    """How the interviewer's line that began at this second was taken, judged by the reply to it.

    utterances: of the report, with their stages. Raises WeightsMissing when the embedding model is not installed.
    """
    line = next(row for row, u in enumerate(utterances) if u.speaker == "interviewer" and u.start == at)
    reply = _reply(utterances, line)
    if not reply:
        return Uptake(move, at, "unanswered")
    if move == "change":
        return _changed(utterances[line].text, at, reply[:_FIRST_WORDS])
    # "Sure, but let me finish the network" is no way back, and neither is the network.
    on_model = [u for u in reply if u.stage == "modeling" or makes(u.text, "carrying_on")]
    away = [u for u in reply if u not in on_model and u.stage != "other"]
    if len(away) > len(on_model):
        return Uptake(move, at, "followed", away[0].text)
    return Uptake(move, at, "not followed" if on_model else "unclear", reply[0].text)


def _reply(utterances: Sequence[ReportUtterance], line: int) -> list[ReportUtterance]:
    reply: list[ReportUtterance] = []
    for utterance in utterances[line + 1 :]:
        if utterance.speaker == "interviewer" or utterance.start - utterances[line].end > _WITHIN_SECONDS:
            break
        if len(utterance.text.split()) >= _LEAST_WORDS:
            reply.append(utterance)
    return reply


def _changed(change: str, at: float, reply: Sequence[ReportUtterance]) -> Uptake:
    from analysis.embedding import embed

    cosines = embed([utterance.text for utterance in reply]) @ embed([change])[0]
    best = int(cosines.argmax())
    first = reply[0].text
    if cosines[best] >= _ABOUT_IT:
        return Uptake("change", at, "followed", reply[best].text)
    if makes(first, "taking_up") and not makes(first, "next_subject"):
        return Uptake("change", at, "followed", first)
    maybe = makes(first, "maybe_taking_up")
    if cosines[best] < _NOT_ABOUT_IT:
        return Uptake("change", at, "unclear" if maybe else "not followed", first)
    return Uptake("change", at, "followed" if maybe else "unclear", first)
