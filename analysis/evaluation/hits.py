"""Counts behind precision and recall."""

from collections.abc import Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hits:
    """How many were raised, how many of these are right; how many are there to find, how many of these were found.

    `right` and `found` differ where something may rightly be raised that nobody is blamed for overlooking.
    """

    raised: int = 0
    right: int = 0
    there: int = 0
    found: int = 0

    def __add__(self, other: "Hits") -> "Hits":
        return Hits(
            self.raised + other.raised, self.right + other.right, self.there + other.there, self.found + other.found
        )

    def precision(self) -> float:
        """Share of what was raised that is right; nan when nothing was."""
        return self.right / self.raised if self.raised else float("nan")

    def recall(self) -> float:
        """Share of what is there that was found; nan when nothing is."""
        return self.found / self.there if self.there else float("nan")

    def f1(self) -> float:
        """Harmonic mean of precision and recall; nan when nothing was raised and nothing is there."""
        if not self.raised and not self.there:
            return float("nan")
        precision, recall = (self.precision() if self.raised else 0.0), (self.recall() if self.there else 0.0)
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def compare(raised: Set[str], truth: Set[str]) -> Hits:
    """Hits of one set of names against another."""
    both = len(raised & truth)
    return Hits(len(raised), both, len(truth), both)
