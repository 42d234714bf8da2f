"""When the interviewer speaks, and why: at most one line at a time, in a pause, and mostly none. Pure.

Sources: the interviewers' habits that the four frameworks describe. What each rule waits for is a table, `RULES`.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.taken_alone import stage_of_last, topics_of
from analysis.talk import Talk
from assistant.answers import IN_A_ROW, fact_asked_for, open_question, since_interviewer
from assistant.remarks import due_remark, time_is_near
from prompts.cues import says_closing
from prompts.lines import load_lines
from prompts.problems import Problem
from prompts.vocabulary import TOPICS, Drill, Level, Stage, Strictness, Topic

NUDGE_SECONDS = 15.0
"""How soon after the sentence a jump to a model is remarked on, or not at all."""

_ANSWER_SECONDS = 30.0
_ANNOUNCED = 3.0
_TYPED = 3.0
"""Factors on the patience: with a silence that was announced, and with somebody whose typing cannot be seen."""

_SECOND_HALF = (0.5, 0.85)
_SEAM_SECONDS = 5.0
_SEAM_OR_NOT = 0.65
"""A seam is a longer pause, or the beginning of a stage; from this share of the time on any pause will do."""

_WRAP_UP_SECONDS = 240.0
_LEAST_SAID = 6
_RECENT = 8
_NEAR_PROBE = 0.3
_ANSWERED_PROBE = 0.5
"""Cosines: what a probe must have to do with what was said, and from where on it has been answered."""

_PROBE_TOPIC = 0.2
"""Probability from which a probe asks for a topic of its stage: whoever has covered it is not asked for it."""

_INTO_STAGE = 0.4
_PASSED_OVER_SHARE = 0.2
"""Nobody is probed before this share of the stage's time, as what is asked for may be the next sentence anyway; about a
stage that was passed over a little sooner."""

_LATE_IN_STAGE = 0.6
"""From this share of the stage's time on, what was left out is asked for."""

_PROBES_A_STAGE = 2

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

QUESTION_SECONDS = 60.0
_ANSWERED_SECONDS = 3.5
"""Time for a quick question, and the pause that ends its answer."""

_LAST_WORDS = 3
"""Utterances in which a stage has just begun, or the end of a design is announced."""

_UNANSWERED_HELP = 3
"""How often a silence gets help; the last time it is asked whether anybody is there."""

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
    wordings. drill: what alone is practised.
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
    drill: Drill | None = None

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
    if rule.patient and _announced(talk):
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
    facts = situation.problem.facts if situation.problem else ()
    fact = None if asked.check_in else fact_asked_for(asked.text, facts)
    if asked.check_in:
        return Line(_wording(situation, "go_on"), "go_on", "asked whether to go on", asked.at)
    if asked.in_a_row >= IN_A_ROW:
        reason = f"question {asked.in_a_row} in a row: {asked.text}"
        # Whoever goes on asking has been told why, and is told in short.
        occasion = "assume" if asked.in_a_row == IN_A_ROW else "your_call"
        return Line(_wording(situation, occasion), "assume", reason, asked.at)
    if situation.times("wrap_up") or talk.labels[asked.row] == "wrap_up":
        return Line(_wording(situation, "about_work"), "about_work", f"asked about the work: {asked.text}", asked.at)
    if fact is not None:
        known = any(fact.answer in said.text for said in situation.said)
        text = _wording(situation, "again", fact=fact.answer) if known else fact.answer
        return Line(text, "answer", f"asked for the fact {fact.id}: {asked.text}", asked.at)
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
    designed = len(talk.candidate()) >= _LEAST_SAID and _said_anything(talk)
    paused = situation.quiet_seconds >= _SEAM_SECONDS
    seam = paused or share >= _SEAM_OR_NOT or _just_begun(talk) or _closed(situation, talk)
    # A drill is too short for one, and has only a part of a design.
    if situation.drill is None and _SECOND_HALF[0] <= share <= _SECOND_HALF[1] and designed and seam:
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
    left = situation.planned_seconds - situation.now
    over = left > _LEFT_TO_MOVE_ON and planned > 0 and spent >= planned * max(1.0, LEVEL_PATIENCE[situation.level])
    if over and not told and following and _still_in(talk, stage):
        text = _wording(situation, "stage_ending", stage=following)
        yield Line(text, "stage_ending", f"{stage}: {spent:.0f} s of {planned:.0f} s planned", cause)


def _early(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Asks whoever has closed long before the end to go deeper."""
    left = situation.planned_seconds - situation.now
    # An answer about the work asks nothing back.
    replied = _said_anything(talk) or (situation.said and situation.said[-1].rule == "about_work")
    least = max(_LEFT_TO_MOVE_ON, _EARLY * situation.planned_seconds)
    if not (_closed(situation, talk) and replied and left > least):
        return
    if not situation.times("early"):
        text = _wording(situation, "early", minutes=str(round(left / 60)))
        yield Line(text, "early", f"closed with {left:.0f} s left")
    for stage in dict.fromkeys(step.stage for step in talk.framework.steps):
        for probe in _open_probes(situation, talk, problem, stage):
            yield Line(probe, "early", f"closed with {left:.0f} s left; {stage}: not answered yet")


def _monologue(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Comes in when somebody has talked on and on, with a question about it."""
    since = [talk.utterances[row] for row in since_interviewer(talk)]
    words = sum(len(utterance.text.split()) for utterance in since)
    stage = _stage(talk)
    if stage is None or words < _MONOLOGUE_WORDS or situation.now - since[0].start < _MONOLOGUE_SECONDS:
        return
    probes = _open_probes(situation, talk, problem, stage)
    probe = _nearest(tuple(probes), talk, talk.candidate()) or next(iter(probes), None)
    coming_in = _wording(situation, "monologue")
    reason = f"{words} words without a turn of the interviewer"
    yield Line(f"{coming_in} {probe}" if probe else coming_in, "monologue", reason)


def _stuck(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Helps after a long silence that nobody announced; whoever does not take it up is left in peace longer and longer."""
    own = talk.candidate()
    last = talk.utterances[own[-1]].end if own else 0.0
    helped = sum(said.rule == "stuck" and said.at >= last for said in situation.said)
    wait = _STUCK_PAUSE * situation.patience() * 2**helped
    finished = _closed(situation, talk) and _said_anything(talk)
    if situation.quiet_seconds >= wait and helped < _UNANSWERED_HELP and not finished:
        occasion = "still_there" if helped == _UNANSWERED_HELP - 1 else "stuck"
        yield Line(_wording(situation, occasion), "stuck", f"{situation.quiet_seconds:.0f} s of silence")


def _probe(situation: Situation, talk: Talk, problem: Problem) -> Iterator[Line]:
    """Asks what the problem's probes ask: about a stage that was passed over, or about what was said last."""
    stage = _stage(talk)
    own = talk.candidate()
    if stage is None or stage == "wrap_up" or not _said_anything(talk) or len(own) < _LEAST_SAID:
        return
    spent = talk.actual(stage) / talk.planned(stage) if talk.planned(stage) else 1.0
    if spent >= _PASSED_OVER_SHARE:
        for skipped in _passed_over(talk, stage):
            if probe := next(iter(_open_probes(situation, talk, problem, skipped)), None):
                yield Line(probe, "probe", f"{skipped}: passed over so far")
    if spent < _INTO_STAGE:
        return
    probes = _open_probes(situation, talk, problem, stage)
    if probe := _nearest(tuple(probes), talk, own):
        yield Line(probe, "probe", f"{stage}: near what was said last and not answered yet")
    if spent >= _LATE_IN_STAGE and (probe := next((probe for probe, topics in probes.items() if topics), None)):
        yield Line(probe, "probe", f"{stage}: about {', '.join(sorted(probes[probe]))}, which was left out so far")


def _open_probes(situation: Situation, talk: Talk, problem: Problem, stage: Stage) -> Mapping[str, frozenset[Topic]]:
    """A stage's probes that nobody has asked yet and whose topics have not been covered, with these topics.

    None when enough were asked.
    """
    from analysis.rules import topic_rules

    every = problem.probes.get(stage, ())
    asked = {probe for probe in every if any(probe in said.text for said in situation.said)}
    most = _PROBES_A_STAGE * (2 if situation.strictness == "coaching" else 1)
    if len(asked) >= most:
        return {}
    probes = [probe for probe in every if probe not in asked]
    homes: set[Stage] = {stage, "production"} if stage == "modeling" else {stage}
    own = {topic for topic in TOPICS if topic_rules()[topic].stage in homes}
    about = [topics & own for topics in topics_of(probes, _PROBE_TOPIC)]
    return {
        probe: topics
        for probe, topics in zip(probes, about, strict=True)
        if not any(talk.covered(topic) for topic in topics)
    }


def _nearest(probes: Sequence[str], talk: Talk, own: Sequence[int]) -> str | None:
    """The probe that has most to do with what was said last, unless it was answered."""
    from analysis.embedding import embed

    if not probes:
        return None
    cosines = embed(probes) @ embed([talk.utterances[row].text for row in own]).T
    near = cosines[:, -_RECENT:].max(axis=1)
    fitting = [
        (float(closeness), probe)
        for closeness, nearest, probe in zip(near, cosines.max(axis=1), probes, strict=True)
        if closeness >= _NEAR_PROBE and nearest < _ANSWERED_PROBE
    ]
    return max(fitting)[1] if fitting else None


def _passed_over(talk: Talk, stage: Stage) -> list[Stage]:
    """The framework's stages before this one that the candidate has not been in."""
    order = list(dict.fromkeys(step.stage for step in talk.framework.steps))
    return [earlier for earlier in order[: order.index(stage)] if earlier not in talk.labels] if stage in order else []


_STUCK_PAUSE = 20.0

RULES = (
    Rule("premature_modeling", _premature_modeling, pause=1.0, spacing=5.0, most=4, patient=False, nudge=True),
    Rule("wrap_up", _wrap_up, pause=1.5, spacing=20.0, most=1),
    Rule("change", _change, pause=2.0, spacing=20.0, most=1),
    Rule("stage_ending", _stage_ending, pause=1.5, spacing=45.0, most=6, nudge=True),
    Rule("monologue", _monologue, pause=1.0, spacing=_MONOLOGUE_SECONDS, most=4, patient=False, nudge=True),
    Rule("early", _early, pause=4.0, spacing=20.0, most=8),
    Rule("stuck", _stuck, pause=_STUCK_PAUSE, spacing=_STUCK_PAUSE, most=12, nudge=True),
    Rule("probe", _probe, pause=2.5, spacing=90.0, most=8),
)
"""In the order of their importance; answers and the time come before all of them."""


def next_question(situation: Situation, problem: Problem) -> Line | None:
    """In a drill of questions: the next one, as soon as the last was answered or its minute is over."""
    every = [probe for probes in problem.probes.values() for probe in probes]
    random.Random(situation.seed).shuffle(every)
    left = [probe for probe in every if not any(probe in said.text for said in situation.said)]
    asked = [said for said in situation.said if said.rule == "quick_fire"]
    # The greeting is no line of this list; who has just been greeted is asked at once.
    since = situation.now - asked[-1].at if asked else float("inf")
    answered = situation.settled and situation.talk is not None and _said_anything(situation.talk)
    over = since >= QUESTION_SECONDS and situation.quiet_seconds >= 1.0
    done = answered and situation.quiet_seconds >= _ANSWERED_SECONDS * (_TYPED if situation.typed else 1.0)
    if not left or situation.quiet_seconds < 1.0 or (asked and not over and not done):
        return None
    if not asked:
        return Line(left[0], "quick_fire", "the first question")
    lead = _wording(situation, "out_of_time" if over else "next_question")
    why = f"{since:.0f} s after the last question" + (", which was not answered" if not answered else "")
    return Line(f"{lead} {left[0]}", "quick_fire", why)


def _wording(situation: Situation, occasion: str, **fields: str) -> str:
    """One of the wordings, always the same one in the same situation, and one not used yet as long as there is one."""
    wordings = load_lines()[occasion]
    used = [sum(_is_from(wording, said.text) for said in situation.said) for wording in wordings]
    fresh = [wording for wording, times in zip(wordings, used, strict=True) if times == min(used)]
    return random.Random(f"{situation.seed}/{occasion}/{len(situation.said)}").choice(fresh).format(**fields)


def _is_from(wording: str, text: str) -> bool:
    """Whether a text begins with this wording, whatever stands in its fields."""
    pattern = re.sub(r"\\{\w+\\}", ".+", re.escape(wording))
    return re.match(pattern, text) is not None


def _stage(talk: Talk) -> Stage | None:
    """The stage of what was said last, thinking aloud left out."""
    for label in reversed(talk.labels):
        if label is not None and label != "other":
            return label
    return None


def _just_begun(talk: Talk) -> bool:
    """Whether the candidate has gone on to another stage within the last sentences."""
    stages = [talk.labels[row] for row in talk.candidate() if talk.labels[row] != "other"]
    return len(set(stages[-_LAST_WORDS:])) > 1


def _still_in(talk: Talk, stage: Stage) -> bool:
    """Whether the last sentence, taken alone, belongs to the stage: the sequence sees late that a new one has begun."""
    return stage_of_last(talk.utterances) == stage


def _announced(talk: Talk) -> bool:
    """Whether the candidate has said that there will be silence now."""
    own = talk.candidate()
    return bool(own) and own[-1] == len(talk.utterances) - 1 and bool(talk.readings[own[-1]].said("announcement"))


def _closed(situation: Situation, talk: Talk) -> bool:
    """Whether the candidate has come to the end of the design."""
    last = [talk.utterances[row].text for row in talk.candidate()[-_LAST_WORDS:]]
    return bool(situation.times("early")) or _stage(talk) == "wrap_up" or any(map(says_closing, last))


def _said_anything(talk: Talk) -> bool:
    """Whether the candidate has replied to the interviewer's last line: nobody is asked twice in a row."""
    return bool(since_interviewer(talk))


def _stage_cause(stage: Stage) -> float:
    """A stage as a cause."""
    return -1.0 - ("problem", "high_level", "data", "modeling", "production", "wrap_up").index(stage)


def _step_name(talk: Talk, stage: Stage) -> str | None:
    """What the framework calls its first step of a stage."""
    return next((_spoken(step.name) for step in talk.framework.steps if step.stage == stage), None)


def _following_step(talk: Talk, stage: Stage) -> str | None:
    """The framework's first step after this stage that the candidate has not been in."""
    steps = talk.framework.steps
    last = max((index for index, step in enumerate(steps) if step.stage == stage), default=len(steps))
    visited = set(talk.labels)
    return next((_spoken(step.name) for step in steps[last + 1 :] if step.stage not in visited), None)


def _spoken(name: str) -> str:
    """A step's name in the middle of a sentence: "high-level design", but "ML task"."""
    first, *rest = name.split(maxsplit=1)
    return " ".join([first.lower() if first[1:].islower() or "-" in first else first, *rest])
