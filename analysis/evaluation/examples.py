"""The training examples without one group of sessions, each embedded once for all groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.training.comparisons import Comparison
from analysis.training.sessions import LabelledSession
from analysis.training.singles import LabelledUtterance
from analysis.training.train import Examples, gather


@dataclass(frozen=True, slots=True)
class Data:
    """Everything labelled. spoken: some of the sessions once more, as they were recognised."""

    sessions: Sequence[LabelledSession]
    spoken: Sequence[LabelledSession]
    singles: Sequence[LabelledUtterance]
    comparisons: Sequence[Comparison]

    def groups(self) -> list[str]:
        """The names of all groups of sessions."""
        return sorted({session.group for session in self.sessions})

    def sessions_without(self, group: str) -> list[LabelledSession]:
        """The sessions of other groups, less those on a problem that the group has too."""
        problems = self._problems(group)
        return [one for one in self.sessions if one.group != group and one.problem not in problems]

    def comparisons_without(self, group: str) -> list[Comparison]:
        """The passages whose domain no problem of the group names."""
        words = {word for problem in self._problems(group) for word in problem.split("-")}
        return [one for one in self.comparisons if one.domain not in words]

    def _problems(self, group: str) -> set[str]:
        return {session.problem for session in self.sessions if session.group == group}


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
        return joined(
            [
                *(self._sessions[session.name] for session in self._data.sessions_without(group)),
                without_group(self._singles, group),
                *(self._comparisons[one] for one in self._data.comparisons_without(group)),
            ]
        )


def without_group(examples: Examples, group: str) -> Examples:
    """The rows of other groups."""
    kept = [row for row, own in enumerate(examples.groups) if own != group]
    return Examples(
        examples.features[kept],
        tuple(examples.states[row] for row in kept),
        tuple(examples.stages[row] for row in kept),
        tuple(examples.topics[row] for row in kept),
        tuple(examples.groups[row] for row in kept),
    )


def joined(parts: Iterable[Examples]) -> Examples:
    """All rows of some examples, in order."""
    parts = list(parts)
    return Examples(
        np.vstack([part.features for part in parts]),
        tuple(states for part in parts for states in part.states),
        tuple(stage for part in parts for stage in part.stages),
        tuple(topics for part in parts for topics in part.topics),
        tuple(group for part in parts for group in part.groups),
    )
