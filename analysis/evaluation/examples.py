"""The training examples without one group of sessions, each embedded once for all groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from analysis.training.comparisons import Comparison, load_comparisons
from analysis.training.interjections import Interjection, load_interjections
from analysis.training.marked import MarkedUtterance, load_commitments, load_details
from analysis.training.sessions import NO_PROBLEM, LabelledSession, load_sessions
from analysis.training.singles import LabelledUtterance, load_singles
from analysis.training.spoken import load_spoken
from analysis.training.train import FOLDER, Examples, gather, with_rows


class _OfDomain(Protocol):
    @property
    def domain(self) -> str: ...


_Item = TypeVar("_Item", bound=_OfDomain)


@dataclass(frozen=True, slots=True)
class Data:
    """Everything labelled. spoken: some of the sessions once more, as they were recognised."""

    sessions: Sequence[LabelledSession]
    spoken: Sequence[LabelledSession]
    singles: Sequence[LabelledUtterance]
    comparisons: Sequence[Comparison]
    details: Sequence[MarkedUtterance]
    commitments: Sequence[MarkedUtterance]
    interjections: Sequence[Interjection]

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


def without_group(examples: Examples, group: str) -> Examples:
    """The rows of other groups."""
    return with_rows(examples, [row for row, own in enumerate(examples.groups) if own != group])


def joined(parts: Iterable[Examples]) -> Examples:
    """All rows of some examples, in order."""
    parts = list(parts)
    return Examples(
        tuple(text for part in parts for text in part.texts),
        np.vstack([part.features for part in parts]),
        tuple(states for part in parts for states in part.states),
        tuple(stage for part in parts for stage in part.stages),
        tuple(topics for part in parts for topics in part.topics),
        tuple(group for part in parts for group in part.groups),
    )
