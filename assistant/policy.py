"""When the interviewer speaks, and why: at most one line at a time, in a pause, and mostly none. Pure.

Sources: the interviewers' habits that the four frameworks describe. What each rule waits for is a table, `RULES`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from analysis.taken_alone import stage_of_last
from analysis.talk import Talk
from assistant.answers import IN_A_ROW, facts_asked_for, open_question, since_interviewer
from assistant.probing import nearest, open_probes, passed_over
from assistant.quick_questions import next_question
from assistant.remarks import due_remark, time_is_near
from assistant.situation import (
    LEVEL_PATIENCE,
    Line,
    Situation,
    announced,
    closed,
    just_begun,
    said_anything,
    stage_of,
)
from assistant.wording import following_step, step_name, wording
from prompts.problems import Problem
from prompts.vocabulary import STAGES, Stage

NUDGE_SECONDS = 15.0
"""How soon after the sentence a jump to a model is remarked on, or not at all."""

_ANSWER_SECONDS = 30.0
_ANNOUNCED = 3.0
"""Factor on the patience with a silence that was announced."""

_STUCK_PAUSE = 20.0
"""Seconds of silence that nobody announced after which there is help."""

_SECOND_HALF = (0.5, 0.85)
_SEAM_SECONDS = 5.0
_SEAM_OR_NOT = 0.65
"""A seam is a longer pause, or the beginning of a stage; from this share of the time on any pause will do."""

_WRAP_UP_SECONDS = 240.0
_LEAST_SAID = 6
_INTO_STAGE = 0.4
_PASSED_OVER_SHARE = 0.2
"""Nobody is probed before this share of the stage's time, as what is asked for may be the next sentence anyway; about a
stage that was passed over a little sooner."""

_LATE_IN_STAGE = 0.6
"""From this share of the stage's time on, what was left out is asked for."""

_MONOLOGUE_SECONDS = 150.0
_MONOLOGUE_WORDS = 350
"""Talking for so long and so much without a pause to be asked in, one is interrupted at a breath."""

_EARLY = 0.2
"""Whoever has closed with more than this share of the time left is asked to go deeper."""

_BEFORE_TIME_SECONDS, _BEFORE_TIME_SHARE = 15.0, 0.02
"""Nothing is begun so shortly before the time is told: two lines in a row would leave no room for a reply."""

_LAST_SECONDS, _LAST_SHARE = 60.0, 0.1

_LEFT_TO_MOVE_ON = 90.0
"""Seconds that the next stage needs at least, to be asked for."""

_UNANSWERED_HELP = 3
"""How often a silence gets help; the last time it is asked whether anybody is there."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a rule may speak.

    pause: seconds of quiet it waits for, times the patience if `patient`. spacing: seconds since the interviewer's last
    line. most: times a session. nudge: left out by --no-nudges. propose: what it would say.
    """

    name: str
    propose: Callable[[Situation, Talk, Problem], Iterator[Line]]
    pause: float
    spacing: float
    most: int
    patient: bool = True
    nudge: bool = False


def next_line(situation: Situation) -> Line | None:
    """What the interviewer says now, if anything: the first rule that has something to say.

    Raises WeightsMissing when a question is to be understood and the embedding model is not installed.
    """
    if any(said.rule == "time_up" for said in situation.said):
        return None
    if line := _answer(situation):
        return line
    spoken = {said.rule for said in situation.said}
    remark = due_remark(situation.now, situation.planned_seconds, situation.quiet_seconds, spoken)
    if remark is not None:
        left = max(0.0, situation.planned_seconds - situation.now)
        text = wording(situation, remark.occasion)
        return Line(text, remark.rule, f"{left:.0f} s of the time are left", aloud=remark.aloud)
    talk, problem = situation.talk, situation.problem
    if situation.drill == "probes" and problem is not None:
        return next_question(situation, problem)
    if situation.strictness == "silent" or talk is None or problem is None or not situation.settled:
        return None
    if situation.planned_seconds - situation.now < min(_LAST_SECONDS, _LAST_SHARE * situation.planned_seconds):
        # The last minute is the candidate's.
        return None
    for rule in RULES:
        if _may(rule, situation, talk) and (line := next(rule.propose(situation, talk, problem), None)):
            return line
    return None


def _may(rule: Rule, situation: Situation, talk: Talk) -> bool:
    if rule.nudge and not situation.nudges:
        return False
    pause = rule.pause * (situation.patience() if rule.patient else 1.0)
    if rule.patient and announced(talk):
        pause = max(pause, _STUCK_PAUSE * situation.patience()) * _ANNOUNCED
    before = min(_BEFORE_TIME_SECONDS, _BEFORE_TIME_SHARE * situation.planned_seconds)
    if rule.patient and time_is_near(situation.now, situation.planned_seconds, before):
        return False
    last = situation.said[-1].at if situation.said else float("-inf")
    most = rule.most * (2 if situation.strictness == "coaching" and rule.most > 1 else 1)
    return (
        situation.quiet_seconds >= pause and situation.now - last >= rule.spacing and situation.times(rule.name) < most
    )


def _answer(situation: Situation) -> Line | None:
    """Answers what was just asked, with the fact or with the question handed back."""
    talk = situation.talk
    if talk is None or not situation.settled or situation.quiet_seconds < 1.0:
        return None
    asked = open_question(talk)
    if asked is None or any(said.cause == asked.at for said in situation.said):
        return None
    if situation.now - talk.utterances[asked.row].end > _ANSWER_SECONDS:
        return None
    if asked.check_in:
        return Line(wording(situation, "go_on"), "go_on", "asked whether to go on", asked.at)
    if asked.in_a_row >= IN_A_ROW:
        reason = f"question {asked.in_a_row} in a row: {asked.text}"
        # Whoever goes on asking has been told why, and is told in short.
        occasion = "assume" if asked.in_a_row == IN_A_ROW else "your_call"
        return Line(wording(situation, occasion), "assume", reason, asked.at)
    if situation.times("wrap_up") or talk.labels[asked.row] == "wrap_up":
        return Line(wording(situation, "about_work"), "about_work", f"asked about the work: {asked.text}", asked.at)
    facts, unknown = facts_asked_for(asked, situation.problem.facts if situation.problem else ())
    if not facts:
        return Line(wording(situation, "your_call"), "your_call", f"no fact surely answers: {unknown}", asked.at)
    new = [fact for fact in facts if not any(fact.answer in said.text for said in situation.said)]
    text = " ".join(fact.answer for fact in new or facts)
    if not new:
        text = wording(situation, "again", fact=text)
    if unknown is not None:
        text = f"{text} {wording(situation, 'the_other')}"
    ids = " and ".join(fact.id for fact in facts)
    return Line(text, "answer", f"asked for the fact {ids}: {' '.join((*asked.before, asked.text))}", asked.at)


def _premature_modeling(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Brings back who commits to an algorithm before the problem is understood, once a commitment."""
    from analysis.conduct import load_conduct
    from analysis.pitfalls import premature_modeling

    # The policy is asked several times a second, and all of the talk would be judged anew.
    if situation.now - max((utterance.end for utterance in talk.utterances), default=0.0) > NUDGE_SECONDS:
        return
    for finding in premature_modeling.find(talk, load_conduct()):
        row = next(row for row, utterance in enumerate(talk.utterances) if utterance.id == finding.utterances[0])
        age = situation.now - talk.utterances[row].end
        known = any(said.cause == finding.start and said.rule == "premature_modeling" for said in situation.said)
        if age > NUDGE_SECONDS or known:
            continue
        back: Stage = "high_level" if finding.severity == "warning" else "problem"
        step = step_name(talk, back)
        if step is not None:
            text = wording(situation, "premature_modeling", stage=step)
            yield Line(text, "premature_modeling", f"{finding.message} {finding.quote}", finding.start)


def _wrap_up(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Leaves time for a summary and the candidate's questions, unless the candidate is there already."""
    left = situation.planned_seconds - situation.now
    needed = min(_WRAP_UP_SECONDS, talk.planned("wrap_up"))
    if 0 < left <= needed and stage_of(talk) != "wrap_up":
        yield Line(wording(situation, "wrap_up"), "wrap_up", f"{left:.0f} s are left to close")


def _change(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Changes a requirement once there is a design to change, at a seam in the second half."""
    share = situation.now / situation.planned_seconds
    designed = len(talk.candidate()) >= _LEAST_SAID and said_anything(talk)
    paused = situation.quiet_seconds >= _SEAM_SECONDS
    seam = paused or share >= _SEAM_OR_NOT or just_begun(talk) or closed(situation, talk)
    # A drill is too short for one, and has only a part of a design.
    if situation.drill is None and _SECOND_HALF[0] <= share <= _SECOND_HALF[1] and designed and seam:
        yield Line(problem.change, "change", f"{share:.0%} of the time is over, and the candidate pauses")


def _stage_ending(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Says once a stage that its time is over by the plan, and what comes next."""
    stage = stage_of(talk)
    if stage is None or stage == "wrap_up" or not said_anything(talk):
        return
    spent, planned = talk.actual(stage), talk.planned(stage)
    cause = _stage_cause(stage)
    told = any(said.rule == "stage_ending" and said.cause == cause for said in situation.said)
    following = following_step(talk, stage)
    left = situation.planned_seconds - situation.now
    over = left > _LEFT_TO_MOVE_ON and planned > 0 and spent >= planned * max(1.0, LEVEL_PATIENCE[situation.level])
    if over and not told and following and _still_in(talk, stage):
        text = wording(situation, "stage_ending", stage=following)
        yield Line(text, "stage_ending", f"{stage}: {spent:.0f} s of {planned:.0f} s planned", cause)


def _early(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Asks whoever has closed long before the end to go deeper."""
    left = situation.planned_seconds - situation.now
    # An answer about the work asks nothing back.
    replied = said_anything(talk) or (situation.said and situation.said[-1].rule == "about_work")
    least = max(_LEFT_TO_MOVE_ON, _EARLY * situation.planned_seconds)
    if not (closed(situation, talk) and replied and left > least):
        return
    if not situation.times("early"):
        text = wording(situation, "early", minutes=str(round(left / 60)))
        yield Line(text, "early", f"closed with {left:.0f} s left")
    for stage in dict.fromkeys(step.stage for step in talk.framework.steps):
        for probe in open_probes(situation, talk, problem, stage):
            yield Line(probe, "early", f"closed with {left:.0f} s left; {stage}: not answered yet")


def _monologue(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Comes in when somebody has talked on and on, with a question about it."""
    since = [talk.utterances[row] for row in since_interviewer(talk, heard_out=True)]
    words = sum(len(utterance.text.split()) for utterance in since)
    stage = stage_of(talk)
    if stage is None or words < _MONOLOGUE_WORDS or situation.now - since[0].start < _MONOLOGUE_SECONDS:
        return
    probes = open_probes(situation, talk, problem, stage)
    probe = nearest(tuple(probes), talk, talk.candidate()) or next(iter(probes), None)
    coming_in = wording(situation, "monologue")
    reason = f"{words} words without a turn of the interviewer"
    yield Line(f"{coming_in} {probe}" if probe else coming_in, "monologue", reason)


def _stuck(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Helps after a long silence that nobody announced; whoever does not take it up is left in peace longer and longer."""
    own = talk.candidate()
    last = talk.utterances[own[-1]].end if own else 0.0
    helped = sum(said.rule == "stuck" and said.at >= last for said in situation.said)
    wait = _STUCK_PAUSE * situation.patience() * 2**helped
    finished = closed(situation, talk) and said_anything(talk)
    if situation.quiet_seconds >= wait and helped < _UNANSWERED_HELP and not finished:
        occasion = "still_there" if helped == _UNANSWERED_HELP - 1 else "stuck"
        yield Line(wording(situation, occasion), "stuck", f"{situation.quiet_seconds:.0f} s of silence")


def _probe(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Asks what the problem's probes ask: about a stage that was passed over, or about what was said last."""
    stage = stage_of(talk)
    own = talk.candidate()
    if stage is None or stage == "wrap_up" or not said_anything(talk) or len(own) < _LEAST_SAID:
        return
    spent = talk.actual(stage) / talk.planned(stage) if talk.planned(stage) else 1.0
    if spent >= _PASSED_OVER_SHARE:
        for skipped in passed_over(talk, stage):
            if probe := next(iter(open_probes(situation, talk, problem, skipped)), None):
                yield Line(probe, "probe", f"{skipped}: passed over so far")
    if spent < _INTO_STAGE:
        return
    probes = open_probes(situation, talk, problem, stage)
    if probe := nearest(tuple(probes), talk, own):
        yield Line(probe, "probe", f"{stage}: near what was said last and not answered yet")
    if spent >= _LATE_IN_STAGE and (probe := next((probe for probe, topics in probes.items() if topics), None)):
        yield Line(probe, "probe", f"{stage}: about {', '.join(sorted(probes[probe]))}, which was left out so far")


RULES = (
    Rule("premature_modeling", _premature_modeling, pause=1.0, spacing=5.0, most=4, patient=False, nudge=True),
    Rule("wrap_up", _wrap_up, pause=1.5, spacing=20.0, most=1),
    Rule("change", _change, pause=2.0, spacing=20.0, most=1),
    Rule("stage_ending", _stage_ending, pause=1.5, spacing=45.0, most=6, nudge=True),
    Rule("monologue", _monologue, pause=1.0, spacing=20.0, most=4, patient=False, nudge=True),
    Rule("early", _early, pause=4.0, spacing=20.0, most=8),
    Rule("stuck", _stuck, pause=_STUCK_PAUSE, spacing=_STUCK_PAUSE, most=12, nudge=True),
    Rule("probe", _probe, pause=2.5, spacing=90.0, most=8),
)
"""In the order of their importance; answers and the time come before all of them."""


def _still_in(talk: Talk, stage: Stage) -> bool:
    """Whether the last sentence, taken alone, belongs to the stage: the sequence sees late that a new one has begun."""
    return stage_of_last(talk.utterances) == stage


def _stage_cause(stage: Stage) -> float:
    """A stage as a cause."""
    return -1.0 - STAGES.index(stage)
