"""A stage, or the whole session, running over its time.

Sources: six-stage and five-step give minutes per stage, scaled to the session; five-step: the limit is strict.
"""

from collections.abc import Iterator

from analysis.pitfalls.evidence import finding, minutes
from analysis.report import Finding
from analysis.rules import rule
from analysis.talk import Talk
from prompts.vocabulary import STAGES, Stage


def find_stage(talk: Talk) -> Iterator[Finding]:
    """One finding per stage over its planned time, at the second it ran over."""
    own = rule("stage_overrun")
    limits = own.numbers
    names = {step.stage: step.name for step in reversed(talk.framework.steps)}
    for stage in STAGES:
        planned, actual = talk.planned(stage), talk.actual(stage)
        rows = talk.rows(stage)
        certain = _certain(talk, stage, limits["sure"])
        if not rows or certain < max(limits["over_share"] * planned, planned + limits["over_seconds"]):
            continue
        row = _row_at(talk, stage, planned)
        yield finding(
            talk,
            own,
            [row],
            severity="fault" if actual >= limits["fault_share"] * planned else "warning",
            message=own.text(
                "message",
                stage=names.get(stage, stage),
                actual=minutes(actual),
                planned=minutes(planned),
                cost=_cost(talk, stage, names),
            ),
            source=own.text(
                "source", framework=talk.framework.id, planned=minutes(planned), session=minutes(talk.planned_seconds)
            ),
            stage=stage,
            span=(talk.utterances[row].start, max(talk.utterances[rows[-1]].end, talk.utterances[row].end)),
        )


def _certain(talk: Talk, stage: Stage, sure: float) -> float:
    """Seconds in a stage, leaving out utterances that may well belong to another."""
    doubtful = sum(talk.seconds[row] for row in talk.rows(stage) if talk.confidence[row] < sure)
    return talk.actual(stage) - doubtful


def _row_at(talk: Talk, stage: Stage, planned: float) -> int:
    """The candidate's utterance of the stage during which its planned time ran out."""
    spent, last = 0.0, 0
    for row, label in enumerate(talk.stage_of_time):
        if label != stage:
            continue
        spent += talk.seconds[row]
        if talk.labels[row] == stage:
            last = row
            if spent >= planned:
                break
    return last


def _cost(talk: Talk, stage: Stage, names: dict[Stage, str]) -> str:
    """What the overrun took from the stage that lost most, where one lost at least a third of its time."""
    lost = {
        other: talk.actual(other) / talk.planned(other)
        for other in names
        if other not in (stage, "wrap_up") and talk.planned(other) > 0
    }
    worst = min(lost, key=lambda other: lost[other], default=None)
    if worst is None or lost[worst] > 2 / 3:
        return ""
    return f"; {names[worst]} got {minutes(talk.actual(worst))} of {minutes(talk.planned(worst))}"


def find_session(talk: Talk) -> Iterator[Finding]:
    """One finding when the session ran over, at the second its time was up."""
    own = rule("session_overrun")
    over = talk.duration_seconds - talk.planned_seconds
    if talk.duration_seconds < own.numbers["over_share"] * talk.planned_seconds or over < own.numbers["over_seconds"]:
        return
    late = [row for row in talk.candidate() if talk.utterances[row].end > talk.planned_seconds]
    if not late:
        return
    yield finding(
        talk,
        own,
        late[:1],
        severity="fault" if over > 0.2 * talk.planned_seconds else "warning",
        message=own.text("message", actual=minutes(talk.duration_seconds), planned=minutes(talk.planned_seconds)),
        span=(talk.planned_seconds, talk.duration_seconds),
    )
