"""Trains the stage and topic classifiers on the labelled sessions and single utterances.

`python -m analysis.training.train` writes `models/analysis.npz`. Deterministic: the same examples give the same file.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from analysis.classifier import WEIGHTS, Classifiers, topic_columns
from analysis.features import feature_names, session_features
from analysis.training.noise import recognised, recognised_session
from analysis.training.sessions import LabelledSession, load_sessions
from analysis.training.singles import LabelledUtterance, load_singles
from prompts.vocabulary import STAGE_LABELS, TOPICS, StageLabel, Topic
from speech.transcript import Utterance

FOLDER = Path(__file__).parent
STAGE_STRENGTH = 3.0
"""Inverse regularisation of the stage classifier; 1 and 10 were within 0.01 macro-F1 of it in cross-validation."""

TOPIC_STRENGTH = 3.0
TOPIC_PRECISION = 0.9
"""Precision each topic's threshold aims at: claiming a topic as covered hides that it was missed."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Training rows: features (n, columns), the stage of each row and its topics.

    in_session: whether the row has its session's context; only those teach the online form.
    """

    features: NDArray[np.float32]
    stages: tuple[StageLabel, ...]
    topics: tuple[tuple[Topic, ...], ...]


@cache
def _features(utterances: tuple[Utterance, ...]) -> NDArray[np.float32]:
    return session_features(utterances)


def session_examples(session: LabelledSession) -> Examples:
    """The candidate's utterances of one session."""
    rows = [index for index, gold in enumerate(session.gold) if gold.stage is not None]
    return Examples(
        _features(session.utterances)[rows],
        tuple(stage for gold in session.gold if (stage := gold.stage) is not None),
        tuple(gold.topics for gold in session.gold if gold.stage is not None),
    )


def single_examples(singles: Sequence[LabelledUtterance]) -> Examples:
    """Utterances without context."""
    utterances = [Utterance(0, 0, 0, "candidate", single.text) for single in singles]
    features = np.vstack([_features((utterance,)) for utterance in utterances])
    return Examples(features, tuple(s.stage for s in singles), tuple(s.topics for s in singles))


def gather(sessions: Sequence[LabelledSession], singles: Sequence[LabelledUtterance]) -> Examples:
    """All examples, each session and utterance once as written and once as recognised."""
    import random

    source = random.Random(0)
    noisy = [
        LabelledUtterance(single.group, single.stage, single.topics, recognised(single.text, source))
        for single in singles
    ]
    parts = [session_examples(session) for session in sessions]
    parts += [session_examples(recognised_session(session, 0)) for session in sessions]
    parts += [single_examples([*singles, *noisy])] if singles else []
    return Examples(
        np.vstack([part.features for part in parts]),
        tuple(stage for part in parts for stage in part.stages),
        tuple(topics for part in parts for topics in part.topics),
    )


def fit(examples: Examples) -> Classifiers:
    """Fit both classifiers. Thresholds are chosen on out-of-fold probabilities."""
    stage = LogisticRegression(C=STAGE_STRENGTH, max_iter=500).fit(examples.features, examples.stages)
    order = [list(stage.classes_).index(label) for label in STAGE_LABELS]
    columns = topic_columns(examples.features)
    weights, biases, thresholds = [], [], []
    for topic in TOPICS:
        truth = np.array([topic in topics for topics in examples.topics])
        thresholds.append(_threshold(columns, truth))
        model = LogisticRegression(C=TOPIC_STRENGTH, solver="newton-cholesky").fit(columns, truth)
        weights.append(model.coef_[0])
        biases.append(model.intercept_[0])
    return Classifiers(
        stage.coef_[order].astype(np.float32),
        stage.intercept_[order].astype(np.float32),
        np.array(weights, np.float32),
        np.array(biases, np.float32),
        np.array(thresholds, np.float32),
    )


def _threshold(columns: NDArray[np.float32], truth: NDArray[np.bool_]) -> float:
    """The lowest probability from which out-of-fold precision reaches TOPIC_PRECISION, within 0.3 to 0.7."""
    # Folds are contiguous, so neighbours of one session do not stand on both sides.
    folds = np.array_split(np.arange(len(truth)), 5)
    scores = np.zeros(len(truth))
    for fold in folds:
        rest = np.setdiff1d(np.arange(len(truth)), fold)
        model = LogisticRegression(C=TOPIC_STRENGTH, solver="newton-cholesky").fit(columns[rest], truth[rest])
        scores[fold] = model.predict_proba(columns[fold])[:, 1]
    for threshold in np.arange(0.3, 0.7, 0.05):
        chosen = scores >= threshold
        if chosen.any() and truth[chosen].mean() >= TOPIC_PRECISION:
            return float(threshold)
    return 0.7


def main() -> int:
    """Train on everything and write the file."""
    sessions, singles = load_sessions(FOLDER / "sessions"), load_singles(FOLDER / "utterances")
    classifiers = fit(gather(sessions, singles))
    np.savez_compressed(
        WEIGHTS,
        columns=np.array(feature_names()),
        stages=np.array(STAGE_LABELS),
        topics=np.array(TOPICS),
        stage=classifiers.stage.astype(np.float16),
        stage_bias=classifiers.stage_bias,
        topic=classifiers.topic.astype(np.float16),
        topic_bias=classifiers.topic_bias,
        threshold=classifiers.threshold,
    )
    print(f"{WEIGHTS.name}: {len(sessions)} sessions, {len(singles)} utterances, {WEIGHTS.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
