"""The training examples without one group of sessions, each embedded once for all groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from analysis.training.comparisons import Comparison, load_comparisons
from analysis.training.interjections import Interjection, load_interjections
from analysis.training.marked import MarkedUtterance, load_commitments, load_details
from analysis.training.sessions import NO_PROBLEM, LabelledSession, load_sessions
from analysis.training.singles import LabelledUtterance, load_singles
from analysis.training.spoken import load_spoken
from analysis.training.train import FOLDER, MORE, Examples, gather, joined, single_examples, with_rows


class _OfDomain(Protocol):
    @property
    def domain(self) -> str: ...


_Item = TypeVar("_Item", bound=_OfDomain)


@dataclass(frozen=True, slots=True)
class Data:
    """Everything labelled. spoken: some of the sessions once more, as they were recognised.

    documents, headings: what only the stages of written texts are learned from; no group of sessions.
    """

    sessions: Sequence[LabelledSession]
    spoken: Sequence[LabelledSession]
    singles: Sequence[LabelledUtterance]
    comparisons: Sequence[Comparison]
    details: Sequence[MarkedUtterance]
    commitments: Sequence[MarkedUtterance]
    interjections: Sequence[Interjection]
    documents: Sequence[LabelledSession] = ()
    headings: Sequence[LabelledUtterance] = ()

    def groups(self) -> list[str]:
        """The names of all groups of sessions."""
        return sorted({session.group for session in self.sessions})

    def without(self, group: str) -> "Data":
        """What is left when a group is held out, and with it what shares a problem with it elsewhere."""
        problems = {session.problem for session in self.sessions if session.group == group} - {NO_PROBLEM}
        words = {word for problem in problems for word in _words(problem)}

        def elsewhere(items: Sequence[_Item]) -> list[_Item]:
            return [item for item in items if not words & _words(item.domain)]

        return Data(
            [one for one in self.sessions if one.group != group and one.problem not in problems],
            [],
            [single for single in self.singles if single.group != group],
            elsewhere(self.comparisons),
            elsewhere(self.details),
            elsewhere(self.commitments),
            elsewhere(self.interjections),
            [one for one in self.documents if one.problem not in problems],
            self.headings,
        )


def load_data(folder: Path = FOLDER) -> Data:
    """Everything labelled below a folder."""
    sessions = load_sessions(folder / "sessions")
    return Data(
        sessions,
        load_spoken(folder / "spoken", sessions),
        load_singles(folder / "utterances"),
        load_comparisons(folder / "comparisons.txt"),
        load_details(folder),
        load_commitments(folder),
        load_interjections(folder / "interjections.txt"),
        load_sessions(folder / "documents"),
        load_singles(folder / "documents"),
    )


def _words(name: str) -> set[str]:
    """The words of a problem's or a domain's name, `jobs` and `job` the same."""
    return {word.rstrip("s") for word in name.split("-")}


class Gathered:
    """All examples by where they come from.

    Gathering anew for each group would make other noise for the same single utterances, and embed them all again.
    """

    def __init__(self, data: Data) -> None:
        self._data = data
        self._sessions = {session.name: gather([session], []) for session in data.sessions}
        self._singles = gather([], data.singles)
        self._comparisons = {one: gather([], [], [one]) for one in data.comparisons}
        self._documents = {document.name: gather([document], []) for document in data.documents}
        self._headings = [single_examples(data.headings, MORE)] if data.headings else []

    def without(self, group: str) -> Examples:
        """The examples to train on when a group is held out."""
        rest = self._data.without(group)
        return joined(
            [
                *(self._sessions[session.name] for session in rest.sessions),
                without_group(self._singles, group),
                *(self._comparisons[one] for one in rest.comparisons),
            ]
        )

    def documents_without(self, group: str) -> list[Examples]:
        """What only the stages of written texts are then learned from."""
        rest = self._data.without(group)
        return [*(self._documents[document.name] for document in rest.documents), *self._headings]


def without_group(examples: Examples, group: str) -> Examples:
    """The rows of other groups."""
    return with_rows(examples, [row for row, own in enumerate(examples.groups) if own != group])
