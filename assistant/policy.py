"""When the interviewer speaks, and why: at most one line at a time, in a pause, and mostly none. Pure.

Sources: the interviewers' habits that the four frameworks describe. What each rule waits for is a table, `RULES`.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from analysis.talk import Talk
from assistant.answers import IN_A_ROW, fact_asked_for, open_question, since_interviewer
from assistant.remarks import due_remark
from prompts.lines import load_lines
from prompts.problems import Problem
from prompts.vocabulary import Level, Stage, Strictness

NUDGE_SECONDS = 15.0
"""How soon after the sentence a jump to a model is remarked on, or not at all."""

_ANSWER_SECONDS = 30.0
_ANNOUNCED = 3.0
_TYPED = 3.0
"""Factors on the patience: with a silence that was announced, and with somebody whose typing cannot be seen."""

_SECOND_HALF = (0.5, 0.85)
_WRAP_UP_SECONDS = 240.0
_LEAST_SAID = 6
_RECENT = 8
_NEAR_PROBE = 0.3
_ANSWERED_PROBE = 0.6
"""Cosines: what a probe must have to do with what was said, and from where on it has been answered."""

LEVEL_PATIENCE: Mapping[Level, float] = {"junior": 0.75, "mid": 1.0, "senior": 1.0, "staff": 1.5}
STRICTNESS_PATIENCE: Mapping[Strictness, float] = {"silent": 1.0, "realistic": 1.0, "coaching": 0.75}
"""A junior gets help sooner; staff is left to lead."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the interviewer's. at: second it began. cause: second of what it was said about, if that is one thing."""

    rule: str
    at: float
    text: str
    cause: float | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """A moment of a session, and everything the interviewer goes by.

    now, planned_seconds: seconds of the session. quiet_seconds: since anybody was last heard; 0 while somebody speaks.
    settled: everything that was heard is in the talk. talk: None when it is not understood (yet). said: the lines so far,
    in order. nudges: whether to bring back, to hurry and to help. typed: answers come from the keyboard. seed: chooses the
    wordings.
    """

    now: float
    planned_seconds: float
    quiet_seconds: float
    settled: bool
    talk: Talk | None
    problem: Problem | None
    said: tuple[Said, ...]
    strictness: Strictness
    level: Level
    nudges: bool = True
    typed: bool = False
    seed: str = ""

    def times(self, rule: str) -> int:
        """How often a rule has spoken."""
        return sum(said.rule == rule for said in self.said)

    def patience(self) -> float:
        """How much longer than a table says this interviewer waits for this candidate."""
        typed = _TYPED if self.typed else 1.0
        return LEVEL_PATIENCE[self.level] * STRICTNESS_PATIENCE[self.strictness] * typed


@dataclass(frozen=True, slots=True)
class Line:
    """Something to say now. reason: why, for the log. cause: as in Said. aloud: if not, it is only shown."""

    text: str
    rule: str
    reason: str
    cause: float | None = None
    aloud: bool = True


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
        text = _wording(situation, remark.occasion)
        return Line(text, remark.rule, f"{left:.0f} s of the time are left", aloud=remark.aloud)
    talk, problem = situation.talk, situation.problem
    if situation.strictness == "silent" or talk is None or problem is None or not situation.settled:
        return None
    for rule in RULES:
        if _may(rule, situation) and (line := next(rule.propose(situation, talk, problem), None)):
            return line
    return None


def _may(rule: Rule, situation: Situation) -> bool:
    if rule.nudge and not situation.nudges:
        return False
    pause = rule.pause * (situation.patience() if rule.patient else 1.0)
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
    facts = situation.problem.facts if situation.problem else ()
    fact = None if asked.check_in else fact_asked_for(asked.text, facts)
    if asked.check_in:
        return Line(_wording(situation, "go_on"), "go_on", "asked whether to go on", asked.at)
    if asked.in_a_row >= IN_A_ROW:
        reason = f"question {asked.in_a_row} in a row: {asked.text}"
        return Line(_wording(situation, "assume"), "assume", reason, asked.at)
    if fact is not None:
        return Line(fact.answer, "answer", f"asked for the fact {fact.id}: {asked.text}", asked.at)
    if situation.times("wrap_up") or talk.labels[asked.row] == "wrap_up":
        return Line(_wording(situation, "about_work"), "about_work", f"asked about the work: {asked.text}", asked.at)
    return Line(_wording(situation, "your_call"), "your_call", f"no fact surely answers: {asked.text}", asked.at)


def _premature_modeling(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Brings back who commits to an algorithm before the problem is understood, once a commitment."""
    from analysis.conduct import load_conduct
    from analysis.pitfalls import premature_modeling

    for finding in premature_modeling.find(talk, load_conduct()):
        row = next(row for row, utterance in enumerate(talk.utterances) if utterance.id == finding.utterances[0])
        age = situation.now - talk.utterances[row].end
        known = any(said.cause == finding.start and said.rule == "premature_modeling" for said in situation.said)
        if age > NUDGE_SECONDS or known:
            continue
        back: Stage = "high_level" if finding.severity == "warning" else "problem"
        step = _step_name(talk, back)
        if step is not None:
            text = _wording(situation, "premature_modeling", stage=step)
            yield Line(text, "premature_modeling", f"{finding.message} {finding.quote}", finding.start)


def _wrap_up(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Leaves time for a summary and the candidate's questions, unless the candidate is there already."""
    left = situation.planned_seconds - situation.now
    needed = min(_WRAP_UP_SECONDS, talk.planned("wrap_up"))
    if 0 < left <= needed and _stage(talk) != "wrap_up":
        yield Line(_wording(situation, "wrap_up"), "wrap_up", f"{left:.0f} s are left to close")


def _change(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Changes a requirement once there is a design to change, at a seam in the second half."""
    share = situation.now / situation.planned_seconds
    if _SECOND_HALF[0] <= share <= _SECOND_HALF[1] and len(talk.candidate()) >= _LEAST_SAID and _said_anything(talk):
        yield Line(problem.change, "change", f"{share:.0%} of the time is over, and the candidate pauses")


def _stage_ending(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Says once a stage that its time is over by the plan, and what comes next."""
    stage = _stage(talk)
    if stage is None or stage == "wrap_up" or not _said_anything(talk):
        return
    spent, planned = talk.actual(stage), talk.planned(stage)
    cause = _stage_cause(stage)
    told = any(said.rule == "stage_ending" and said.cause == cause for said in situation.said)
    following = _following_step(talk, stage)
    if planned > 0 and spent >= planned * max(1.0, LEVEL_PATIENCE[situation.level]) and not told and following:
        text = _wording(situation, "stage_ending", stage=following)
        yield Line(text, "stage_ending", f"{stage}: {spent:.0f} s of {planned:.0f} s planned", cause)


def _stuck(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Helps after a long silence that nobody announced."""
    own = talk.candidate()
    announced = bool(own) and bool(talk.readings[own[-1]].said("announcement"))
    if situation.quiet_seconds >= _STUCK_PAUSE * situation.patience() * (_ANNOUNCED if announced else 1.0):
        yield Line(_wording(situation, "stuck"), "stuck", f"{situation.quiet_seconds:.0f} s of silence")


def _probe(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Asks about what was said last, as the problem's probes for the stage do, if it has not been answered yet."""
    from analysis.embedding import embed

    stage = _stage(talk)
    if stage is None or stage == "wrap_up" or not _said_anything(talk):
        return
    asked = {said.text for said in situation.said}
    probes = [probe for probe in problem.probes.get(stage, ()) if probe not in asked]
    own = [talk.utterances[row].text for row in talk.candidate()]
    if not probes or len(own) < _LEAST_SAID:
        return
    cosines = embed(probes) @ embed(own).T
    recent = cosines[:, -_RECENT:].max(axis=1)
    fitting = [
        (float(near), probe)
        for near, nearest, probe in zip(recent, cosines.max(axis=1), probes, strict=True)
        if near >= _NEAR_PROBE and nearest < _ANSWERED_PROBE
    ]
    if fitting:
        near, probe = max(fitting)
        yield Line(probe, "probe", f"{stage}: near what was said last ({near:.2f}) and not answered yet")


_STUCK_PAUSE = 20.0

RULES = (
    Rule("premature_modeling", _premature_modeling, pause=1.0, spacing=5.0, most=4, patient=False, nudge=True),
    Rule("wrap_up", _wrap_up, pause=1.5, spacing=20.0, most=1),
    Rule("change", _change, pause=2.5, spacing=45.0, most=1),
    Rule("stage_ending", _stage_ending, pause=2.0, spacing=45.0, most=6, nudge=True),
    Rule("stuck", _stuck, pause=_STUCK_PAUSE, spacing=_STUCK_PAUSE, most=5, nudge=True),
    Rule("probe", _probe, pause=4.0, spacing=120.0, most=5),
)
"""In the order of their importance; answers and the time come before all of them."""


def _wording(situation: Situation, occasion: str, **fields: str) -> str:
    """One of the wordings, always the same one in the same situation."""
    drawn = random.Random(f"{situation.seed}/{occasion}/{len(situation.said)}").choice(load_lines()[occasion])
    return drawn.format(**fields)


def _stage(talk: Talk) -> Stage | None:
    """The stage of what was said last, thinking aloud left out."""
    for label in reversed(talk.labels):
        if label is not None and label != "other":
            return label
    return None


def _said_anything(talk: Talk) -> bool:
    """Whether the candidate has replied to the interviewer's last line: nobody is asked twice in a row."""
    return bool(since_interviewer(talk))


def _stage_cause(stage: Stage) -> float:
    """A stage as a cause."""
    return -1.0 - ("problem", "high_level", "data", "modeling", "production", "wrap_up").index(stage)


def _step_name(talk: Talk, stage: Stage) -> str | None:
    """What the framework calls its first step of a stage."""
    return next((step.name for step in talk.framework.steps if step.stage == stage), None)


def _following_step(talk: Talk, stage: Stage) -> str | None:
    """The framework's first step after this stage that the candidate has not been in."""
    steps = talk.framework.steps
    last = max((index for index, step in enumerate(steps) if step.stage == stage), default=len(steps))
    visited = set(talk.labels)
    return next((step.name for step in steps[last + 1 :] if step.stage not in visited), None)
