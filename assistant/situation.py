"""A moment of a session: everything the interviewer goes by, and what he says."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.talk import Talk
from assistant.answers import since_interviewer
from prompts.cues import says_closing
from prompts.problems import Problem
from prompts.vocabulary import Drill, Level, Stage, Strictness

_TYPED = 3.0
"""Factor on the patience with somebody whose typing cannot be seen."""

_LAST_WORDS = 3
"""Utterances in which a stage has just begun, or the end of a design is announced."""


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
        return LEVEL_PATIENCE[self.level] * STRICTNESS_PATIENCE[self.strictness] * self.typing()

    def typing(self) -> float:
        """How much longer a pause is for somebody whose typing cannot be seen."""
        return _TYPED if self.typed else 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """Something to say now. reason: why, for the log. cause: as in Said. aloud: if not, it is only shown."""

    text: str
    rule: str
    reason: str
    cause: float | None = None
    aloud: bool = True


def stage_of(talk: Talk) -> Stage | None:
    """The stage of what was said last, thinking aloud left out."""
    for label in reversed(talk.labels):
        if label is not None and label != "other":
            return label
    return None


def just_begun(talk: Talk) -> bool:
    """Whether the candidate has gone on to another stage within the last sentences."""
    stages = [talk.labels[row] for row in talk.candidate() if talk.labels[row] != "other"]
    return len(set(stages[-_LAST_WORDS:])) > 1


def announced(talk: Talk) -> bool:
    """Whether the candidate has said that there will be silence now."""
    own = talk.candidate()
    return bool(own) and own[-1] == len(talk.utterances) - 1 and bool(talk.readings[own[-1]].said("announcement"))


def closed(situation: Situation, talk: Talk) -> bool:
    """Whether the candidate has come to the end of the design."""
    last = [talk.utterances[row].text for row in talk.candidate()[-_LAST_WORDS:]]
    return bool(situation.times("early")) or stage_of(talk) == "wrap_up" or any(map(says_closing, last))


def said_anything(talk: Talk) -> bool:
    """Whether the candidate has replied to the interviewer's last line: nobody is asked twice in a row."""
    return bool(since_interviewer(talk))
