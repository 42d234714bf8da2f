"""How the interviewer says what he says: one of the wordings of `prompts/lines.toml`, and the steps' names as spoken."""

import random
import re

from analysis.talk import Talk
from assistant.situation import Situation
from prompts.lines import load_lines
from prompts.vocabulary import Stage


def wording(situation: Situation, occasion: str, **fields: str) -> str:
    """One of the wordings, always the same one in the same situation, and one not used yet as long as there is one."""
    wordings = load_lines()[occasion]
    used = [sum(_is_from(wording, said.text) for said in situation.said) for wording in wordings]
    fresh = [wording for wording, times in zip(wordings, used, strict=True) if times == min(used)]
    return random.Random(f"{situation.seed}/{occasion}/{len(situation.said)}").choice(fresh).format(**fields)


def _is_from(wording: str, text: str) -> bool:
    """Whether a text begins with this wording, whatever stands in its fields."""
    pattern = re.sub(r"\\{\w+\\}", ".+", re.escape(wording))
    return re.match(pattern, text) is not None


def step_name(talk: Talk, stage: Stage) -> str | None:
    """What the framework calls its first step of a stage."""
    return next((_spoken(step.name) for step in talk.framework.steps if step.stage == stage), None)


def following_step(talk: Talk, stage: Stage) -> str | None:
    """The framework's first step after this stage that the candidate has not been in."""
    steps = talk.framework.steps
    last = max((index for index, step in enumerate(steps) if step.stage == stage), default=len(steps))
    visited = set(talk.labels)
    return next((_spoken(step.name) for step in steps[last + 1 :] if step.stage not in visited), None)


def _spoken(name: str) -> str:
    """A step's name in the middle of a sentence: "high-level design", but "ML task"."""
    first, *rest = name.split(maxsplit=1)
    return " ".join([first.lower() if first[1:].islower() or "-" in first else first, *rest])
