"""The shipped analyzer on sessions that nothing was trained or chosen on, each written by somebody else than the examples.

They are judged, not looked at: once a threshold or an example answers to them they belong with the others.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from analysis.evaluation.course import course
from analysis.evaluation.finding_hits import Judged
from analysis.evaluation.sections import unseen_sections
from analysis.judgement import judge
from analysis.talk import Talk, understand
from analysis.training.noise import recognised_session
from analysis.training.sessions import LabelledSession, load_sessions
from prompts.frameworks import get_framework

FOLDER = Path(__file__).parent / "unseen"

_SEED = 1
"""Of the simulated recognition; training uses another."""


def judged_unseen(folder: Path = FOLDER) -> Iterator[str]:
    """Every section of the figures on a folder's sessions."""
    sessions: Sequence[LabelledSession] = load_sessions(folder)
    return unseen_sections(
        [_judged(session) for session in sessions],
        [_judged(recognised_session(session, _SEED)) for session in sessions],
        [course(session, _talk(session, online=True)) for session in sessions],
    )


def _judged(session: LabelledSession) -> Judged:
    talk = _talk(session)
    return Judged(session, talk, judge(talk))


def _talk(session: LabelledSession, *, online: bool = False) -> Talk:
    framework = get_framework(session.framework)
    return understand(session.utterances, framework, session.level, session.planned_seconds, online=online)
