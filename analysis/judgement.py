"""All findings of a talk, in the order an interviewer would name them."""

from collections.abc import Iterator

from analysis.conduct import Conduct, load_conduct
from analysis.pitfalls import (
    ignored_interviewer,
    missed_stage,
    missed_topic,
    overrun,
    premature_modeling,
    questions,
    rabbit_hole,
    silence,
    speech_habits,
    trade_off,
)
from analysis.report import Finding
from analysis.talk import Talk
from prompts.vocabulary import Severity

_WEIGHT: dict[Severity, int] = {"fault": 0, "warning": 1, "info": 2}


def judge(talk: Talk, conduct: Conduct | None = None) -> tuple[Finding, ...]:
    """Every finding, faults first; among equals in the order of their weight.

    conduct: by default the shipped classifiers; an evaluation brings its own.
    Raises WeightsMissing when the embedding model is not installed.
    """
    conduct = conduct or load_conduct()
    pitfalls: tuple[Iterator[Finding], ...] = (
        premature_modeling.find(talk, conduct),
        ignored_interviewer.find(talk, conduct),
        missed_stage.find(talk),
        rabbit_hole.find(talk, conduct),
        overrun.find_stage(talk),
        overrun.find_session(talk),
        trade_off.find(talk, conduct),
        questions.find_none(talk),
        questions.find_chain(talk),
        silence.find(talk),
        missed_topic.find(talk),
        speech_habits.find_fillers(talk),
        speech_habits.find_monologue(talk),
        speech_habits.find_pace(talk),
        speech_habits.find_hedging(talk),
    )
    found = [finding for pitfall in pitfalls for finding in pitfall]
    return tuple(sorted(found, key=lambda finding: _WEIGHT[finding.severity]))
