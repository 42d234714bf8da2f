"""Trains the stage and topic classifiers on the labelled sessions and single utterances.

`python -m analysis.training.train` writes `models/analysis.npz`. Deterministic: the same examples give the same file.
"""

import random
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from analysis.classifier import WEIGHTS, Classifiers
from analysis.features import feature_names, session_features, without_context
from analysis.training.noise import recognised, recognised_session
from analysis.training.sessions import LabelledSession, load_sessions
from analysis.training.singles import LabelledUtterance, load_singles
from prompts.vocabulary import STAGE_LABELS, TOPICS, StageLabel, Topic
from speech.transcript import Utterance

FOLDER = Path(__file__).parent
STAGE_STRENGTH = 3.0
"""Inverse L2 penalty of the stage classifier."""

TOPIC_PENALTY = 0.1
"""L2 penalty of the topic classifier. Factors of three either way change cross-validated figures by about 0.01."""

LOWEST_THRESHOLD, HIGHEST_THRESHOLD = 0.3, 0.6
"""Bounds of a topic's threshold: what is shown as evidence must look like it, what looks like it must be shown."""

_THRESHOLD_FOLDS = 3


@dataclass(frozen=True, slots=True)
class Examples:
    """Training rows: features (n, columns), and the stage, topics and group of each row."""

    features: NDArray[np.float32]
    stages: tuple[StageLabel, ...]
    topics: tuple[tuple[Topic, ...], ...]
    groups: tuple[str, ...]


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
        (session.group,) * len(rows),
    )


def single_examples(singles: Sequence[LabelledUtterance]) -> Examples:
    """Utterances without context."""
    utterances = [Utterance(0, 0, 0, "candidate", single.text) for single in singles]
    return Examples(
        np.vstack([_features((utterance,)) for utterance in utterances]),
        tuple(single.stage for single in singles),
        tuple(single.topics for single in singles),
        tuple(single.group for single in singles),
    )


def gather(sessions: Sequence[LabelledSession], singles: Sequence[LabelledUtterance]) -> Examples:
    """All examples, each session and utterance once as written and once as recognised."""
    source = random.Random(0)
    noisy = [replace(single, text=recognised(single.text, source)) for single in singles]
    parts = [session_examples(session) for session in sessions]
    parts += [session_examples(recognised_session(session, 0)) for session in sessions]
    parts += [single_examples([*singles, *noisy])] if singles else []
    return Examples(
        np.vstack([part.features for part in parts]),
        tuple(stage for part in parts for stage in part.stages),
        tuple(topics for part in parts for topics in part.topics),
        tuple(group for part in parts for group in part.groups),
    )


def fit(examples: Examples) -> Classifiers:
    """Fit both classifiers; each topic's threshold is where its F1 is best on groups left out of the fit."""
    stage = LogisticRegression(C=STAGE_STRENGTH, max_iter=300, tol=1e-3).fit(examples.features, examples.stages)
    order = [list(stage.classes_).index(label) for label in STAGE_LABELS]
    features, truth, groups = _topical(examples)
    topic = _topic_model(features, truth)
    return Classifiers(
        stage.coef_[order].astype(np.float32),
        stage.intercept_[order].astype(np.float32),
        topic.coefs_[0].T.astype(np.float32),
        topic.intercepts_[0].astype(np.float32),
        _thresholds(features, truth, groups),
    )


def _topical(examples: Examples) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.str_]]:
    """Features, topics and groups for the topic classifier, each row once more without its context.

    A topic must also be heard in a sentence that stands alone or in the wrong place.
    """
    truth = np.array([[topic in topics for topic in TOPICS] for topics in examples.topics])
    features = np.vstack([examples.features, without_context(examples.features)])
    return features, np.vstack([truth, truth]), np.array(examples.groups * 2)


def _topic_model(features: NDArray[np.float32], truth: NDArray[np.bool_]) -> MLPClassifier:
    """A logistic regression for every topic at once: a network without hidden layers, fitted in one go."""
    model = MLPClassifier((), solver="lbfgs", alpha=TOPIC_PENALTY, max_iter=200, random_state=0)
    with warnings.catch_warnings():
        # The last iterations change nothing that the cross-validation can see.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(features, truth)


def _thresholds(
    features: NDArray[np.float32], truth: NDArray[np.bool_], groups: NDArray[np.str_]
) -> NDArray[np.float32]:
    names = sorted(set(groups))
    scores = np.zeros(truth.shape)
    for first in range(_THRESHOLD_FOLDS):
        fold = np.isin(groups, names[first::_THRESHOLD_FOLDS])
        scores[fold] = _topic_model(features[~fold], truth[~fold]).predict_proba(features[fold])
    return np.array([_best_f1(truth[:, topic], scores[:, topic]) for topic in range(len(TOPICS))], np.float32)


def _best_f1(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    best = thresholds[min(int(f1.argmax()), len(thresholds) - 1)]
    return float(np.clip(best, LOWEST_THRESHOLD, HIGHEST_THRESHOLD))


def main() -> int:
    """Train on everything and write the file."""
    sessions, singles = load_sessions(FOLDER / "sessions"), load_singles(FOLDER / "utterances")
    # One thread: with more, the solver's many small products cost ten times as long on a busy machine.
    with threadpool_limits(1):
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
