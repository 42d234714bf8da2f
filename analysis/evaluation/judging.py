"""A labelled session as the analyzer hears it: by the shipped classifiers, or by others."""

from analysis.classifier import Classifiers
from analysis.conduct import Conduct
from analysis.evaluation.finding_hits import Judged
from analysis.judgement import judge
from analysis.talk import Talk, understand
from analysis.training.noise import recognised_session
from analysis.training.sessions import LabelledSession
from prompts.frameworks import get_framework

_SEED = 1
"""Of the simulated recognition; training uses another."""


def understood(session: LabelledSession, classifiers: Classifiers | None = None, *, online: bool = False) -> Talk:
    """The session's stages and topics; online: labelled from the past only. classifiers: by default the shipped ones."""
    return understand(
        session.utterances,
        get_framework(session.framework),
        session.level,
        session.planned_seconds,
        online=online,
        classifiers=classifiers,
    )


def judged(session: LabelledSession, classifiers: Classifiers | None = None, conduct: Conduct | None = None) -> Judged:
    """The session with its findings. classifiers, conduct: by default the shipped ones."""
    talk = understood(session, classifiers)
    return Judged(session, talk, judge(talk, conduct))


def as_recognised(session: LabelledSession) -> LabelledSession:
    """The session as if it had been recognised."""
    return recognised_session(session, _SEED)
