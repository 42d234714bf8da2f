"""Minutes on one minute detail.

Sources: six-stage (rabbit holes cost the interview), business-first (stuck in detail without the bigger picture).
Every utterance speaks for or against a detail, weighed by its time; a rabbit hole is a stretch in which that sum is as
large as it can be, large enough and long enough (all maximal scoring stretches: Ruzzo and Tompa 1999).
"""

from collections.abc import Iterator, Sequence

import numpy as np

from analysis.conduct import Conduct
from analysis.features import utterance_embeddings
from analysis.pitfalls.evidence import finding, minutes
from analysis.report import Finding
from analysis.rules import rule
from analysis.talk import Talk


def find(talk: Talk, conduct: Conduct) -> Iterator[Finding]:
    """One finding per stretch of detail, quoting where it begins."""
    own = rule("rabbit_hole")
    limits, rows = own.numbers, talk.candidate()
    if not rows:
        return
    said = [talk.utterances[row] for row in rows]
    detail = conduct.detail.log_odds(utterance_embeddings(said), [utterance.text for utterance in said])
    evidence = np.clip(detail + limits["leaning"], -limits["most_evidence"], limits["most_evidence"])
    seconds = np.minimum([talk.seconds[row] for row in rows], limits["most_seconds"])
    for first, last, total in maximal_stretches((evidence * seconds).tolist()):
        stretch = rows[first : last + 1]
        start, end = talk.utterances[stretch[0]].start, talk.utterances[stretch[-1]].end
        few = len(stretch) < limits["least_utterances"] or end - start < limits["least_seconds"]
        if few or total < limits["least_total"]:
            continue
        label = talk.labels[stretch[0]]
        yield finding(
            talk,
            own,
            stretch,
            severity="warning",
            message=own.text("message", minutes=minutes(end - start)),
            stage=None if label == "other" else label,
        )


def maximal_stretches(scores: Sequence[float]) -> list[tuple[int, int, float]]:
    """All stretches whose sum no extension or cut makes larger, disjoint and in order: (first, last, sum).

    Ruzzo and Tompa 1999: linear in time but for the search among candidates, which stays short.
    """
    found: list[tuple[int, int, float, float]] = []
    total = 0.0
    for index, score in enumerate(scores):
        before, total = total, total + score
        if score <= 0:
            continue
        first = index
        while True:
            lower = next((place for place in reversed(range(len(found))) if found[place][2] < before), None)
            if lower is None or found[lower][3] >= total:
                break
            first, before = found[lower][0], found[lower][2]
            del found[lower:]
        found.append((first, index, before, total))
    return [(first, last, after - before) for first, last, before, after in found]
