"""Trains the stage and topic classifiers on the labelled sessions, single utterances and documents.

`python -m analysis.training.train` writes `models/analysis.npz` and `models/documents.npz`. Deterministic: the same examples
give the same files.
"""

import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from threadpoolctl import threadpool_limits

from analysis.classifier import DOCUMENTS, WEIGHTS, Classifiers, pooled, store_classifiers, topic_scores
from analysis.features import PLACES, place_columns, session_features, text_states
from analysis.training.attention import fit_topics
from analysis.training.comparisons import Comparison, load_comparisons
from analysis.training.noise import recognised, recognised_session
from analysis.training.sessions import LabelledSession, load_sessions
from analysis.training.singles import LabelledUtterance, load_singles
from analysis.training.words import fit_document_words, fit_topic_words, fit_words
from analysis.words import WordWeights
from prompts.vocabulary import STAGE_LABELS, TOPICS, StageLabel, Topic
from speech.transcript import Utterance

FOLDER = Path(__file__).parent
STAGE_STRENGTH = 3.0
"""Inverse L2 penalty of the stage classifier."""

LOWEST_THRESHOLD, HIGHEST_THRESHOLD = 0.2, 0.6
"""Bounds of a topic's threshold: what is shown as evidence must look like it, what looks like it must be shown."""

MORE, LESS = 2.0, 0.4
"""How much a heading counts for the stages of written texts, and how much a single utterance does, or a written text as if it
had been recognised."""

_FOLDS = 3


@dataclass(frozen=True, slots=True)
class Examples:
    """Training rows: text, features (n, columns), token states (n of (tokens, 384)), stage, topics and group of each.

    places: (n, PLACES), where in its text each stands, zeros where it stands alone. topics: None where nothing is known of
    them. written: how much each counts for the stages of written texts, 0 for talk.
    """

    texts: tuple[str, ...]
    features: NDArray[np.float32]
    places: NDArray[np.float32]
    states: tuple[NDArray[np.float16], ...]
    stages: tuple[StageLabel, ...]
    topics: tuple[tuple[Topic, ...] | None, ...]
    groups: tuple[str, ...]
    written: tuple[float, ...]


def with_rows(examples: Examples, kept: Sequence[int] | NDArray[np.intp]) -> Examples:
    """Some of the rows."""
    kept = [int(row) for row in kept]
    return Examples(
        tuple(examples.texts[row] for row in kept),
        examples.features[kept],
        examples.places[kept],
        tuple(examples.states[row] for row in kept),
        tuple(examples.stages[row] for row in kept),
        tuple(examples.topics[row] for row in kept),
        tuple(examples.groups[row] for row in kept),
        tuple(examples.written[row] for row in kept),
    )


@cache
def _seen(utterances: tuple[Utterance, ...]) -> tuple[NDArray[np.float32], list[NDArray[np.float16]]]:
    return session_features(utterances), [text_states(utterance.text) for utterance in utterances]


def session_examples(session: LabelledSession, written: float = 1.0) -> Examples:
    """The candidate's utterances of one session. written: how much they count as a written text if they are one."""
    rows = [index for index, gold in enumerate(session.gold) if gold.stage is not None]
    features, states = _seen(session.utterances)
    return Examples(
        tuple(session.utterances[row].text for row in rows),
        features[rows],
        place_columns(len(rows)),
        tuple(states[row] for row in rows),
        tuple(stage for gold in session.gold if (stage := gold.stage) is not None),
        tuple(_known(gold.topics, session.kind == "guide") for gold in session.gold if gold.stage is not None),
        (session.group,) * len(rows),
        (0.0 if session.kind == "spoken" else written,) * len(rows),
    )


def _known(topics: tuple[Topic, ...], advice: bool) -> tuple[Topic, ...] | None:
    """A text that gives advice names many topics without covering any."""
    return None if advice and not topics else topics


def single_examples(singles: Sequence[LabelledUtterance], written: float = LESS) -> Examples:
    """Utterances without context. written: how much they count as written texts."""
    seen = [_seen((Utterance(0, 0, 0, "candidate", single.text),)) for single in singles]
    return Examples(
        tuple(single.text for single in singles),
        np.vstack([features for features, _ in seen]),
        _nowhere(len(singles)),
        tuple(states[0] for _, states in seen),
        tuple(single.stage for single in singles),
        tuple(_known(single.topics, single.advice) for single in singles),
        tuple(single.group for single in singles),
        (written,) * len(singles),
    )


def passage_examples(passage: Sequence[LabelledUtterance]) -> Examples:
    """Utterances that follow one another, outside any session."""
    features, states = _seen(tuple(Utterance(0, 0, 0, "candidate", one.text) for one in passage))
    return Examples(
        tuple(one.text for one in passage),
        features,
        _nowhere(len(passage)),
        tuple(states),
        tuple(one.stage for one in passage),
        tuple(one.topics for one in passage),
        tuple(one.group for one in passage),
        (LESS,) * len(passage),
    )


def _nowhere(count: int) -> NDArray[np.float32]:
    return np.zeros((count, PLACES), np.float32)


def gather(
    sessions: Sequence[LabelledSession],
    singles: Sequence[LabelledUtterance],
    comparisons: Sequence[Comparison] = (),
) -> Examples:
    """All examples, each session and utterance once as written and once as recognised."""
    source = random.Random(0)
    noisy = [replace(single, text=recognised(single.text, source)) for single in singles]
    parts = [session_examples(session) for session in sessions]
    parts += [session_examples(recognised_session(session, 0), LESS) for session in sessions]
    parts += [single_examples([*singles, *noisy])] if singles else []
    parts += [passage_examples(comparison.utterances) for comparison in comparisons]
    return joined(parts)


def joined(parts: Iterable[Examples]) -> Examples:
    """All rows of some examples, in order."""
    parts = list(parts)
    return Examples(
        tuple(text for part in parts for text in part.texts),
        np.vstack([part.features for part in parts]),
        np.vstack([part.places for part in parts]),
        tuple(states for part in parts for states in part.states),
        tuple(stage for part in parts for stage in part.stages),
        tuple(topics for part in parts for topics in part.topics),
        tuple(group for part in parts for group in part.groups),
        tuple(written for part in parts for written in part.written),
    )


def fit(examples: Examples, documents: Sequence[Examples] = ()) -> Classifiers:
    """Fit all classifiers; how topics are pooled and from where they count is found on groups left out of the fit.

    documents: further examples, for the stages of written texts only.
    """
    stage, stage_bias = _fit_stages(examples.features, examples.stages)
    known = [row for row, topics in enumerate(examples.topics) if topics is not None]
    designs = with_rows(examples, known)
    truth = np.array([[topic in (topics or ()) for topic in TOPICS] for topics in designs.topics])
    stage_words, topic_words = fit_words(examples.texts, examples.stages, known, truth)
    meaning, words = _scores_of_others(designs, truth)
    pool = _topic_pool(meaning, words, truth)
    sure = pooled(pool, meaning, words)
    return Classifiers(
        stage,
        stage_bias,
        fit_topics(designs.features, designs.states, truth),
        stage_words,
        topic_words,
        *_fit_documents(joined([examples, *documents])),
        pool,
        np.array([_best_f1(truth[:, topic], sure[:, topic]) for topic in range(len(TOPICS))], np.float32),
    )


def _fit_documents(examples: Examples) -> tuple[NDArray[np.float32], NDArray[np.float32], WordWeights]:
    """The stages of written texts by meaning and by words."""
    own = with_rows(examples, [row for row, weight in enumerate(examples.written) if weight])
    seen = np.hstack([own.features, own.places])
    return *_fit_stages(seen, own.stages, own.written), fit_document_words(own.texts, own.stages, own.written)


def _fit_stages(
    features: NDArray[np.float32], stages: Sequence[StageLabel], weights: Sequence[float] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The stage's opinion by meaning: weights of each of STAGE_LABELS, and what is added."""
    model = LogisticRegression(C=STAGE_STRENGTH, max_iter=300, tol=1e-3)
    model.fit(features, stages, sample_weight=weights)
    order = [list(model.classes_).index(label) for label in STAGE_LABELS]
    return model.coef_[order].astype(np.float32), model.intercept_[order].astype(np.float32)


def _scores_of_others(examples: Examples, truth: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both opinions' log odds of each topic, every row's by classifiers that did not see its group."""
    names, groups = sorted(set(examples.groups)), np.array(examples.groups)
    meaning, words = np.zeros(truth.shape), np.zeros(truth.shape)
    for first in range(_FOLDS):
        fold = np.isin(groups, names[first::_FOLDS])
        seen, unseen = with_rows(examples, np.flatnonzero(~fold)), with_rows(examples, np.flatnonzero(fold))
        weights = fit_topics(seen.features, seen.states, truth[~fold])
        meaning[fold] = topic_scores(weights, unseen.features, unseen.states)
        words[fold] = fit_topic_words(seen.texts, truth[~fold]).scores(unseen.texts)
    return meaning, words


def _topic_pool(
    meaning: NDArray[np.float64], words: NDArray[np.float64], truth: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Weights of both opinions, the same for all topics, so that the pool's probabilities are right (stacking)."""
    both = np.stack([meaning.ravel(), words.ravel()], axis=1)
    model = LogisticRegression(C=1e6).fit(both, truth.ravel())
    return np.array([*model.coef_[0], *model.intercept_], np.float32)


def _best_f1(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    best = thresholds[min(int(f1.argmax()), len(thresholds) - 1)]
    return float(np.clip(best, LOWEST_THRESHOLD, HIGHEST_THRESHOLD))


def main() -> int:
    """Train on everything and write the files."""
    sessions, singles = load_sessions(FOLDER / "sessions"), load_singles(FOLDER / "utterances")
    comparisons = load_comparisons(FOLDER / "comparisons.txt")
    documents, headings = load_sessions(FOLDER / "documents"), load_singles(FOLDER / "documents")
    # One thread: with more, the solver's many small products cost ten times as long on a busy machine.
    with threadpool_limits(1):
        classifiers = fit(
            gather(sessions, singles, comparisons), [gather(documents, []), single_examples(headings, MORE)]
        )
    store_classifiers(classifiers)
    print(f"{WEIGHTS.name}: {len(sessions)} sessions, {len(singles)} utterances, {WEIGHTS.stat().st_size // 1024} KiB")
    print(f"{DOCUMENTS.name}: {len(documents)} documents more, {DOCUMENTS.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
