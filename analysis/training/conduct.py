"""Trains the classifiers of conduct on labelled details, commitments, interjections and comparisons, and on the labelled sessions.

`python -m analysis.training.conduct` writes `models/conduct.npz`. Deterministic: the same examples give the same file.
"""

import sys
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from analysis.conduct import (
    REPLY_FEATURES,
    WEIGHTS,
    Conduct,
    Logistic,
    Statement,
    reply_features,
    statement_features,
    store_conduct,
)
from analysis.features import utterance_embeddings
from analysis.pitfalls.ignored_interviewer import exchange, steering_lines
from analysis.training.comparisons import Comparison, load_comparisons
from analysis.training.interjections import Interjection, load_interjections
from analysis.training.marked import MarkedUtterance, load_commitments, load_details
from analysis.training.sessions import LabelledSession, load_sessions
from analysis.training.train import FOLDER
from analysis.training.words import fit_marked_words
from speech.transcript import Speaker, Utterance

SESSION_WEIGHT = 0.25
"""Weight of an utterance of a session without that flaw: there are many of them, and all are negative."""

SENTENCE_STRENGTH = 3.0
"""Inverse L2 penalty of the classifiers of one utterance."""

REPLY_STRENGTH = 0.3
WORDS_WEIGHT = 5.0
"""Scale of the embeddings beside the standardised cosines: at their own length the penalty would silence them."""

_JUDGED = ("redirect", "probe")
"""Kinds of lines to learn from: whether a change was ignored does not show in how near the reply is to it."""


def fit_conduct(
    sessions: Sequence[LabelledSession],
    details: Sequence[MarkedUtterance],
    commitments: Sequence[MarkedUtterance],
    interjections: Sequence[Interjection],
    comparisons: Sequence[Comparison],
) -> Conduct:
    """Fit the four classifiers; leave sessions out to hold them out."""
    shrugs = [labelled for comparison in comparisons for labelled in _shrugs(comparison)]
    return Conduct(
        detail=_fit_sentences(
            [detail.text for detail in details],
            [detail.marked for detail in details],
            _utterances_without("rabbit_hole", sessions, design_only=True),
        ),
        undecided=_fit_sentences(
            [text for text, _ in shrugs],
            [shrug for _, shrug in shrugs],
            _utterances_without("trade_off_without_recommendation", sessions),
        ),
        commitment=_fit_sentences(
            [commitment.text for commitment in commitments],
            [commitment.marked for commitment in commitments],
            _before_modeling(sessions),
            statement_features,
        ),
        ignored=_fit_replies([passage for passage in interjections if passage.kind in _JUDGED], sessions),
    )


def _shrugs(comparison: Comparison) -> list[tuple[str, bool]]:
    """Utterances of a passage, each with whether it leaves the comparison open; those that may or may not are left out.

    What follows an open comparison and covers no topic, or asks the interviewer back, is what leaves it open.
    """
    rows = comparison.utterances
    compared = [index for index, row in enumerate(rows) if "trade_off" in row.topics]
    if comparison.closed or not compared:
        return [(row.text, False) for row in rows]
    last = compared[-1]
    labelled = [(row.text, False) for row in rows[: last + 1]]
    if last + 1 < len(rows) and set(rows[last + 1].topics) <= {"clarifying_questions"}:
        labelled.append((rows[last + 1].text, True))
    return labelled + [(row.text, False) for row in rows[last + 2 :] if row.topics]


def _utterances_without(flaw: str, sessions: Sequence[LabelledSession], *, design_only: bool = False) -> list[str]:
    """What candidates said in sessions without a flaw; design_only: outside logistics and thinking aloud."""
    return [
        utterance.text
        for session in sessions
        if flaw not in session.flaws and not any(flaw in gold.findings for gold in session.gold)
        for utterance, gold in zip(session.utterances, session.gold, strict=True)
        if gold.stage is not None and not (design_only and gold.stage == "other")
    ]


def _before_modeling(sessions: Sequence[LabelledSession]) -> list[str]:
    """What candidates said in other stages without jumping into modeling."""
    return [
        utterance.text
        for session in sessions
        for utterance, gold in zip(session.utterances, session.gold, strict=True)
        if gold.stage in ("problem", "high_level", "data", "other") and "premature_modeling" not in gold.findings
    ]


def _said(texts: Sequence[str], speaker: Speaker = "candidate") -> list[Utterance]:
    return [Utterance(index, 0.0, 0.0, speaker, text) for index, text in enumerate(texts)]


def _fit_sentences(
    texts: Sequence[str],
    truth: Sequence[bool],
    negative: Sequence[str],
    seen: Callable[[Sequence[Utterance]], NDArray[np.float32]] = utterance_embeddings,
) -> Statement:
    said = [*texts, *negative]
    weights = np.concatenate([np.ones(len(texts)), np.full(len(negative), SESSION_WEIGHT)])
    marked = np.array([*truth, *[False] * len(negative)])
    model = LogisticRegression(C=SENTENCE_STRENGTH, max_iter=1000).fit(seen(_said(said)), marked, sample_weight=weights)
    meaning = Logistic(model.coef_[0].astype(np.float32), float(model.intercept_[0]))
    return Statement(meaning, fit_marked_words(said, marked, weights))


def _fit_replies(passages: Sequence[Interjection], sessions: Sequence[LabelledSession]) -> Logistic:
    labelled = [(_features(passage), passage.ignored) for passage in passages]
    labelled += [example for session in sessions for example in _replies(session)]
    rows, truth = np.array([features for features, _ in labelled]), np.array([ignored for _, ignored in labelled])
    cosines = len(REPLY_FEATURES)
    mean, scale = np.zeros(rows.shape[1]), np.full(rows.shape[1], 1 / WORDS_WEIGHT)
    mean[:cosines], scale[:cosines] = rows[:, :cosines].mean(axis=0), rows[:, :cosines].std(axis=0)
    model = LogisticRegression(C=REPLY_STRENGTH, max_iter=3000).fit((rows - mean) / scale, truth)
    weights: NDArray[np.float64] = model.coef_[0] / scale
    return Logistic(weights.astype(np.float32), float(model.intercept_[0] - weights @ mean))


def _features(passage: Interjection) -> NDArray[np.float32]:
    return reply_features(_said(passage.before)[-4:], _said([passage.line], "interviewer")[0], _said(passage.reply))


def _replies(session: LabelledSession) -> Iterator[tuple[NDArray[np.float32], bool]]:
    """What was said to the lines that steer, each with whether it ignored the line."""
    utterances = session.utterances
    for line in steering_lines(utterances):
        before, reply = exchange(utterances, line)
        if before and reply:
            ignored = any("ignored_interviewer" in session.gold[row].findings for row in reply)
            said = [utterances[row] for row in reply]
            yield reply_features([utterances[row] for row in before], utterances[line], said), ignored


def main() -> int:
    """Train on everything and write the file."""
    sessions, details, commitments = load_sessions(FOLDER / "sessions"), load_details(FOLDER), load_commitments(FOLDER)
    interjections = load_interjections(FOLDER / "interjections.txt")
    comparisons = load_comparisons(FOLDER / "comparisons.txt")
    with threadpool_limits(1):
        store_conduct(fit_conduct(sessions, details, commitments, interjections, comparisons))
    passages = len(interjections) + len(comparisons)
    print(f"{WEIGHTS.name}: {len(sessions)} sessions, {len(details)} utterances, {passages} passages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
