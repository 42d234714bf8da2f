"""The shipped analyzer on sessions that nothing was trained or chosen on.

They are judged, not looked at: once a threshold or an example answers to them they belong with the others.
"""

from collections.abc import Iterator
from pathlib import Path

from analysis.evaluation.course import course
from analysis.evaluation.judging import as_recognised, judged, understood
from analysis.evaluation.sections import document_sections, unseen_sections
from analysis.training.sessions import load_sessions

FOLDER = Path(__file__).parent / "unseen"


def judged_unseen(folder: Path = FOLDER) -> Iterator[str]:
    """Every section of the figures on a folder's sessions."""
    sessions = load_sessions(folder)
    return unseen_sections(
        [judged(session) for session in sessions],
        [judged(as_recognised(session)) for session in sessions],
        [course(session, understood(session, online=True)) for session in sessions],
    )


def judged_documents(folder: Path) -> Iterator[str]:
    """The stages of the labelled documents in a folder's folders, kept elsewhere because they belong to their authors."""
    return document_sections([judged(document) for document in load_sessions(folder)])
