"""Options compared and none recommended.

Source: six-stage asks for at least two reasonable solutions and then a strong recommendation for one. Every place where
options are compared is judged by itself: a decision closes what was compared right before it and nothing else. A place
stays open where nothing like a recommendation is near and the candidate leaves it open in so many words ("both have
their merits"). A comparison that is dropped without a word counts only where it is beyond doubt and nothing near it
comes close to a recommendation: else the decision may only not have been heard.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.conduct import Conduct
from analysis.features import utterance_embeddings
from analysis.pitfalls.evidence import finding
from analysis.report import Finding
from analysis.rules import rule
from analysis.talk import Talk
from prompts.vocabulary import TOPICS, Topic
from speech.transcript import Utterance

_LONG_WORDS = 15
"""Longer utterances are also heard sentence by sentence: the shrug may be five words of fifty."""

_SHORT_WORDS = 3
"""Sentences up to here say too little by themselves."""


def find(talk: Talk, conduct: Conduct) -> Iterator[Finding]:
    """One finding per comparison that stays open, quoting where it begins."""
    own = rule("trade_off_without_recommendation")
    rows = talk.candidate()
    compared = _heard(talk, rows, "trade_off")
    recommended = _heard(talk, rows, "recommendation_after_trade_off")
    for site in _sites(compared):
        if _stays_open(talk, conduct, rows, compared, recommended, site):
            label = talk.labels[rows[site[0]]]
            yield finding(
                talk,
                own,
                [rows[place] for place in site],
                severity="warning",
                message=own.texts["message"],
                stage=label if label is not None and label != "other" else "production",
            )


def _heard(talk: Talk, rows: list[int], topic: Topic) -> NDArray[np.float64]:
    heard: NDArray[np.float64] = talk.heard[rows, TOPICS.index(topic)]
    return heard


def _sites(compared: NDArray[np.float64]) -> list[list[int]]:
    """Places among the candidate's utterances where options are compared, close ones together."""
    limits = rule("trade_off_without_recommendation").numbers
    sites: list[list[int]] = []
    for place in np.flatnonzero(compared >= limits["compared"]).tolist():
        if sites and place - sites[-1][-1] <= limits["together"]:
            sites[-1].append(place)
        else:
            sites.append([place])
    return sites


def _stays_open(
    talk: Talk,
    conduct: Conduct,
    rows: list[int],
    compared: NDArray[np.float64],
    recommended: NDArray[np.float64],
    site: list[int],
) -> bool:
    limits = rule("trade_off_without_recommendation").numbers
    if compared[site].max() < limits["clearly_compared"]:
        return False
    last = min(len(rows) - 1, site[-1] + int(limits["undecided_within"]))
    # Not from its first words: before the comparison there is nothing to leave open.
    heard = {site[0]: _sentences(talk, rows[site[0]])[1:]}
    for place in range(site[0] + 1, last + 1):
        heard[place] = [talk.utterances[rows[place]].text, *_sentences(talk, rows[place])]
    undecided = {place for place, texts in heard.items() if _undecided(texts, conduct) >= limits["undecided"]}
    # "One can take the one or the other" sounds like a recommendation and is none.
    near = range(max(0, site[0] - 1), min(len(rows), site[-1] + 1 + int(limits["decided_within"])))
    decided = max((float(recommended[place]) for place in near if place not in undecided), default=0.0)
    dropped = compared[site].max() >= limits["surely_compared"] and decided < limits["nowhere_decided"]
    return dropped or (bool(undecided) and decided < limits["decided"])


def _undecided(texts: list[str], conduct: Conduct) -> float:
    """Probability that the likeliest of these texts leaves a comparison open."""
    passages = [Utterance(0, 0.0, 0.0, "candidate", text) for text in texts]
    return float(conduct.undecided.probability(utterance_embeddings(passages), texts).max(initial=0.0))


def _sentences(talk: Talk, row: int) -> list[str]:
    """The sentences of a long utterance."""
    text = talk.utterances[row].text
    if len(text.split()) <= _LONG_WORDS:
        return []
    parts = [text[sentence.start : sentence.end] for sentence in talk.readings[row].sentences]
    return [part for part in parts if len(part.split()) > _SHORT_WORDS]
