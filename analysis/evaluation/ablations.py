"""The analyzer without one of its parts, so that each earns its place."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from analysis.classifier import STAGE_OPINION, Classifiers, softmax
from analysis.embedding import DIMENSIONS
from analysis.features import feature_names
from analysis.training.train import STAGE_STRENGTH, Examples
from prompts.vocabulary import STAGE_LABELS, StageLabel

CUES_ONLY, EMBEDDING_ONLY, NO_CONTEXT = "cues and form only", "embeddings only", "no context"
WORDS_ONLY, NO_WORDS = "words only", "no words"

_NEIGHBOURS = ("interviewer_before", "interviewer_after")
"""Columns of an utterance's form that tell of its neighbours."""


def columns() -> Mapping[str, NDArray[np.intp]]:
    """The columns of `session_features` that each smaller stage classifier sees."""
    names = feature_names()
    own, embeddings = np.arange(DIMENSIONS), np.arange(3 * DIMENSIONS)
    forms = 3 * DIMENSIONS + np.arange(len(names))
    alone = 3 * DIMENSIONS + np.array([column for column, name in enumerate(names) if name not in _NEIGHBOURS])
    return {CUES_ONLY: forms, EMBEDDING_ONLY: embeddings, NO_CONTEXT: np.concatenate([own, alone])}


class StageClassifier:
    """The stage's opinion by meaning on some columns only, trained the way the whole one is."""

    def __init__(self, examples: Examples, seen: NDArray[np.intp]) -> None:
        self._seen = seen
        model = LogisticRegression(C=STAGE_STRENGTH, max_iter=300, tol=1e-3)
        self._model = model.fit(examples.features[:, seen], examples.stages)
        self._order = [list(model.classes_).index(label) for label in STAGE_LABELS]

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log odds of each of STAGE_LABELS, shape (n, 7), from all columns of `session_features`."""
        scores: NDArray[np.float64] = self._model.decision_function(features[:, self._seen])[:, self._order]
        return scores


def with_less(
    classifiers: Classifiers,
    smaller: Mapping[str, StageClassifier],
    features: NDArray[np.float32],
    texts: Sequence[str],
) -> dict[str, NDArray[np.float64]]:
    """Probability of each stage, shape (n, 7), by the classifier without some of what it sees."""
    words = classifiers.stage_words.scores(texts)
    return {
        CUES_ONLY: softmax(smaller[CUES_ONLY].scores(features)),
        EMBEDDING_ONLY: softmax(smaller[EMBEDDING_ONLY].scores(features)),
        WORDS_ONLY: softmax(words),
        NO_WORDS: softmax(classifiers.stages_by_meaning(features)),
        NO_CONTEXT: softmax(STAGE_OPINION * (smaller[NO_CONTEXT].scores(features) + words)),
    }


def without_decoder(probabilities: NDArray[np.float64]) -> list[StageLabel]:
    """Each utterance's likeliest stage, whatever stands around it."""
    return [STAGE_LABELS[int(best)] for best in probabilities.argmax(axis=1)]
