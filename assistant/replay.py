"""A session computed from its events: the one way to every view of it, live or years later. Pure."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from analysis.render.wording import clock
from analysis.report import Report, SessionFacts
from analysis.uptake import Move, Verdict
from assistant.as_heard import as_heard
from assistant.events import (
    AudioGap,
    AudioStarted,
    Event,
    InterviewerSpoke,
    Noted,
    SessionEnded,
    SessionStarted,
    WordsHeard,
)
from assistant.language_model import WORDED_BY_MODEL, built_in_line
from prompts.errors import UserError
from prompts.vocabulary import StageLabel
from speech.transcript import Utterance


class DamagedSession(UserError):
    """A log without its beginning."""

    def __init__(self) -> None:
        super().__init__("The session's log has lost its beginning", "Analyze its sound with `viva analyze`")


def utterances(events: Iterable[Event], judged: bool = False) -> tuple[Utterance, ...]:
    """What both sides said, cut into sentence-like utterances, in the order of time and numbered.

    judged: as a session is judged, with the built-in question in place of a language model's words for it.
    """
    said: list[Utterance] = []
    for event in as_heard(events):
        said += _said(event, judged)
    said.sort(key=lambda utterance: (utterance.start, utterance.end))
    return tuple(replace(utterance, id=number) for number, utterance in enumerate(said))


def _said(event: Event, judged: bool) -> Sequence[Utterance]:
    from analysis.utterances import utterances_from_words

    match event:
        case WordsHeard(words=words) if words:
            return utterances_from_words(words)
        case WordsHeard(at, end, _, text) if text:
            return [Utterance(0, at, end, "candidate", text)]
        case InterviewerSpoke(at, end, text, rule, _, reason):
            line = built_in_line(rule, text, reason) if judged else text
            return [Utterance(0, at, end, "interviewer", line)]
    return []


def recorded_from(events: Iterable[Event]) -> float:
    """Second of the session at which its recording begins."""
    return next((event.at for event in events if isinstance(event, AudioStarted)), 0.0)


def end_of(event: Event) -> float:
    """The last second an event tells of."""
    match event:
        case InterviewerSpoke(end=end) | WordsHeard(end=end):
            return end
        case AudioGap(at, seconds):
            return at + seconds
    return event.at


def facts(events: Sequence[Event]) -> SessionFacts:
    """What the session was supposed to be and how long it was. Raises DamagedSession for a log without a beginning."""
    started = next((event for event in events if isinstance(event, SessionStarted)), None)
    if started is None:
        raise DamagedSession
    ended = [event for event in events if isinstance(event, SessionEnded)]
    duration = round(ended[-1].at if ended else max(map(end_of, as_heard(events))), 2)
    return SessionFacts(
        id=started.id,
        problem=started.problem,
        framework=started.framework,
        level=started.level,
        planned_seconds=started.planned_seconds,
        duration_seconds=duration,
        started_at=started.started_at,
        # Who was through his time has held the session to its end, whatever happened then.
        broken_off=bool(ended) and ended[-1].reason == "recovered" and duration < started.planned_seconds,
    )


def notes(events: Iterable[Event]) -> tuple[str, ...]:
    """What the user must know about how the session was recorded, each remark once."""
    events = tuple(events)
    gaps = [event for event in events if isinstance(event, AudioGap)]
    remarks = [event.text for event in events if isinstance(event, Noted)]
    if gaps:
        first = gaps[0]
        often = "once" if len(gaps) == 1 else f"{len(gaps)} times"
        where = f"first at {int(first.at) // 60}:{int(first.at) % 60:02d}: {first.reason}"
        remarks.append(f"Sound was lost {often}, {sum(gap.seconds for gap in gaps):.1f} s in all ({where}).")
    if worded := sum(isinstance(event, InterviewerSpoke) and event.rule == WORDED_BY_MODEL for event in events):
        remarks.append(f"Questions worded by a language model: {worded}.")
    return tuple(dict.fromkeys(remarks))


def report(events: Sequence[Event]) -> Report:
    """The session judged, as corrected afterwards. Raises DamagedSession, and what `analysis.analyzer.analyze` raises."""
    from analysis.analyzer import analyze
    from assistant.corrections import corrections, without_rejected

    judged = analyze(utterances(events, judged=True), facts(events), notes(events), right_stages(events))
    said = {utterance.id: utterance.text for utterance in utterances(events)}
    judged = replace(judged, utterances=tuple(replace(row, text=said[row.id]) for row in judged.utterances))
    judged = replace(judged, notes=(*judged.notes, *taken_notes(events, judged), *answered_notes(events)))
    return without_rejected(judged, corrections(events))


_MOVES: Mapping[str, Move] = {"premature_modeling": "nudge", "change": "change"}
"""The interviewer's rules whose lines ask for something else than before."""

_TAKEN: Mapping[tuple[Move, Verdict], str] = {
    ("nudge", "followed"): "At {at} the interviewer brought you back from a model, and you went back: “{quote}”",
    (
        "nudge",
        "not followed",
    ): "At {at} the interviewer brought you back from a model, and you stayed with it: “{quote}”",
    (
        "nudge",
        "unclear",
    ): "At {at} the interviewer brought you back from a model; whether you went back is not clear: “{quote}”",
    ("nudge", "unanswered"): "At {at} the interviewer brought you back from a model, and you said nothing to it.",
    ("change", "followed"): "At {at} a requirement changed, and your design followed: “{quote}”",
    ("change", "not followed"): "At {at} a requirement changed, and your design did not follow: “{quote}”",
    ("change", "unclear"): "At {at} a requirement changed; whether your design followed is not clear: “{quote}”",
    ("change", "unanswered"): "At {at} a requirement changed, and you said nothing to it.",
}


def taken_notes(events: Iterable[Event], report: Report) -> Iterator[str]:
    """How the candidate took it when the interviewer brought him back or changed a requirement, a remark each."""
    from analysis.uptake import uptake

    for event in as_heard(events):
        if isinstance(event, InterviewerSpoke) and (move := _MOVES.get(event.rule)):
            taken = uptake(report.utterances, event.at, move)
            yield _TAKEN[move, taken.verdict].format(at=clock(event.at), quote=taken.quote)


def answered_notes(events: Sequence[Event]) -> Iterator[str]:
    """How quickly and for how long each question of a drill was answered, a remark each."""
    told = as_heard(events)
    asked = [event for event in told if isinstance(event, InterviewerSpoke) and event.rule == "quick_fire"]
    heard = [event for event in events if isinstance(event, WordsHeard)]
    for number, question in enumerate(asked):
        until = asked[number + 1].at if number + 1 < len(asked) else math.inf
        reply = [words for words in heard if question.at <= words.end and words.at < until and words.end > question.end]
        if not reply:
            yield f"At {clock(question.at)} “{question.text}”: not answered."
            continue
        after = max(0.0, reply[0].at - question.end)
        count = sum(len(words.text.split()) for words in reply)
        spoken = reply[-1].end - max(reply[0].at, question.end)
        yield f"At {clock(question.at)} “{question.text}”: begun after {after:.0f} s, {count} words in {spoken:.0f} s."


def right_stages(events: Sequence[Event]) -> dict[int, StageLabel]:
    """The stages that were corrected afterwards, by the utterance's id."""
    from assistant.corrections import corrections, hundredths

    stages = corrections(events).stages
    return {u.id: stages[hundredths(u.start)] for u in utterances(events) if hundredths(u.start) in stages}
