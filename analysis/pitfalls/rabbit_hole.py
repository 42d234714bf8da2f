"""Minutes on one low-level detail without tying it back.

Sources: business-first (stuck in detail without the bigger picture), six-stage (rabbit holes cost the interview).
Measured as topical narrowness: a long stretch of talk whose sentences lie unusually close to their common centre,
with no sentence that ties back to the goal, the user or the whole.
"""

from collections.abc import Iterator

import numpy as np

from analysis.pitfalls.evidence import finding, minutes
from analysis.report import Finding
from analysis.rules import rule
from analysis.talk import Talk

_DESIGN_STAGES = ("high_level", "data", "modeling", "production")


def find(talk: Talk) -> Iterator[Finding]:
    """At most one finding: the narrowest stretch of the talk, if it is narrow enough and long enough."""
    own = rule("rabbit_hole")
    limits = own.numbers
    length = max(limits["least_seconds"], limits["least_share"] * talk.planned_seconds)
    windows = list(_windows(talk, length))
    if len(windows) < 5:
        return
    narrowness = np.array([_narrowness(talk, rows) for rows in windows])
    usual = float(np.median(narrowness))
    best = int(narrowness.argmax())
    rows = windows[best]
    if narrowness[best] < limits["similarity"] or narrowness[best] < usual + limits["above_usual"]:
        return
    if any(talk.readings[row].asserted("tie_back") for row in rows):
        return
    start, end = talk.utterances[rows[0]].start, talk.utterances[rows[-1]].end
    label = talk.labels[rows[0]]
    yield finding(
        talk,
        own,
        rows,
        severity="warning",
        message=own.text("message", minutes=minutes(end - start)),
        stage=label if label != "other" else None,
    )


def _windows(talk: Talk, length: float) -> Iterator[list[int]]:
    """Runs of the candidate's design talk, each just over the given length in seconds, one from each row."""
    rows = [row for row in talk.candidate() if talk.labels[row] in _DESIGN_STAGES]
    for first in range(len(rows)):
        for last in range(first + 4, len(rows)):
            if talk.utterances[rows[last]].end - talk.utterances[rows[first]].start >= length:
                yield rows[first : last + 1]
                break


def _narrowness(talk: Talk, rows: list[int]) -> float:
    """Mean cosine of the utterances to their centre."""
    vectors = talk.embeddings[rows]
    centre = vectors.mean(axis=0)
    norms = np.linalg.norm(vectors, axis=1) * max(float(np.linalg.norm(centre)), 1e-9)
    return float((vectors @ centre / np.maximum(norms, 1e-9)).mean())
