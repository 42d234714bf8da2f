"""All findings of a talk, in the order an interviewer would name them."""

from collections.abc import Callable, Iterator

from analysis.pitfalls import (
    missed_stage,
    missed_topic,
    overrun,
    premature_modeling,
    questions,
    silence,
    speech_habits,
    trade_off,
)
from analysis.report import Finding
from analysis.talk import Talk
from prompts.vocabulary import Severity

PITFALLS: tuple[Callable[[Talk], Iterator[Finding]], ...] = (
    premature_modeling.find,
    missed_stage.find,
    overrun.find_stage,
    overrun.find_session,
    trade_off.find,
    questions.find_none,
    questions.find_chain,
    silence.find,
    missed_topic.find,
    speech_habits.find_fillers,
    speech_habits.find_monologue,
    speech_habits.find_pace,
    speech_habits.find_hedging,
)

_WEIGHT: dict[Severity, int] = {"fault": 0, "warning": 1, "info": 2}


def judge(talk: Talk) -> tuple[Finding, ...]:
    """Every finding, faults first; among equals in the order of PITFALLS, which is that of their weight."""
    found = [finding for pitfall in PITFALLS for finding in pitfall(talk)]
    return tuple(sorted(found, key=lambda finding: _WEIGHT[finding.severity]))
