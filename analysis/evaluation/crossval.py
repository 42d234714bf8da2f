"""Judges every labelled session with classifiers trained without its group: other problems, other styles of talk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.classifier import Classifiers
from analysis.judgement import judge
from analysis.report import Finding
from analysis.talk import Talk, understand
from analysis.training.noise import recognised_session
from analysis.training.sessions import LabelledSession
from analysis.training.singles import LabelledUtterance
from analysis.training.train import fit, gather
from prompts.frameworks import get_framework


@dataclass(frozen=True, slots=True)
class Judged:
    """A session beside what the analyzer made of it, as written and as if recognised."""

    session: LabelledSession
    talk: Talk
    noisy: Talk
    findings: tuple[Finding, ...]


def cross_validate(sessions: Sequence[LabelledSession], singles: Sequence[LabelledUtterance]) -> Iterator[Judged]:
    """Every session, judged by classifiers that saw nothing of its group."""
    for group in sorted({session.group for session in sessions}):
        classifiers = fit(gather([s for s in sessions if s.group != group], [s for s in singles if s.group != group]))
        for session in sessions:
            if session.group == group:
                talk = _understood(session, classifiers)
                yield Judged(session, talk, _understood(recognised_session(session, 1), classifiers), judge(talk))


def _understood(session: LabelledSession, classifiers: Classifiers) -> Talk:
    framework = get_framework(session.framework)
    return understand(session.utterances, framework, session.level, session.planned_seconds, classifiers=classifiers)
