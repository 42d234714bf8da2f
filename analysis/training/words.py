"""Fits the opinions by words: a logistic regression a class over tf-idf of words and word pairs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from analysis.words import WordWeights, terms
from prompts.vocabulary import STAGE_LABELS, StageLabel

LEAST_TEXTS = 12
"""Texts a term must occur in, most of them there twice, as written and as recognised. Rarer terms make the file many times
larger and the topics hardly better."""

LEAST_WRITTEN_TEXTS = 6
"""The same for written texts, whose headings are words that talk hardly uses."""

LEAST_MARKED_TEXTS = 3
"""The same for marked utterances, which are fewer."""

LEAST_CLASSIFIED_TEXTS = 2
"""The same for the interviewer's lines, which are short and each occur once."""

STAGE_STRENGTH, TOPIC_STRENGTH, MARKED_STRENGTH, CLASS_STRENGTH = 10.0, 100.0, 30.0, 100.0
"""Inverse L2 penalties, cross-validated; three times less or more of either changes little."""


def fit_words(
    texts: Sequence[str], stages: Sequence[StageLabel], known: Sequence[int], truth: NDArray[np.bool_]
) -> tuple[WordWeights, WordWeights]:
    """Stages and topics by words, over the same terms. known: the texts whose topics are. truth: (known, topics)."""
    vectorizer, counts = _counted(texts)
    model = LogisticRegression(C=STAGE_STRENGTH, max_iter=300, tol=1e-3).fit(counts, stages)
    order = [list(model.classes_).index(label) for label in STAGE_LABELS]
    stage = _weights(vectorizer, model.coef_[order], model.intercept_[order])
    return stage, _topics(vectorizer, counts[list(known)], truth)


def fit_document_words(texts: Sequence[str], stages: Sequence[StageLabel], weights: Sequence[float]) -> WordWeights:
    """Stages of written texts by words, over terms of their own. weights: (n,), how much each text counts."""
    vectorizer, counts = _counted(texts, LEAST_WRITTEN_TEXTS)
    model = LogisticRegression(C=STAGE_STRENGTH, max_iter=300, tol=1e-3).fit(counts, stages, sample_weight=weights)
    order = [list(model.classes_).index(label) for label in STAGE_LABELS]
    return _weights(vectorizer, model.coef_[order], model.intercept_[order])


def fit_topic_words(texts: Sequence[str], truth: NDArray[np.bool_]) -> WordWeights:
    """Topics by words alone."""
    return _topics(*_counted(texts), truth)


def fit_marked_words(texts: Sequence[str], marked: NDArray[np.bool_], weights: NDArray[np.float64]) -> WordWeights:
    """Whether an utterance is marked, by words. weights: (n,), how much each text counts."""
    vectorizer, counts = _counted(texts, LEAST_MARKED_TEXTS)
    model = LogisticRegression(C=MARKED_STRENGTH, solver="liblinear", random_state=0)
    model.fit(counts, marked, sample_weight=weights)
    return _weights(vectorizer, model.coef_, model.intercept_)


def fit_classes(
    texts: Sequence[str], truth: Sequence[str], classes: Sequence[str], weights: Sequence[float]
) -> WordWeights:
    """Which of several classes a text is of, by words. weights: how much each text counts."""
    vectorizer, counts = _counted(texts, LEAST_CLASSIFIED_TEXTS)
    model = LogisticRegression(C=CLASS_STRENGTH, max_iter=1000).fit(counts, truth, sample_weight=weights)
    order = [list(model.classes_).index(name) for name in classes]
    return _weights(vectorizer, model.coef_[order], model.intercept_[order])


def _counted(texts: Sequence[str], least_texts: int = LEAST_TEXTS) -> tuple[TfidfVectorizer, Any]:
    vectorizer = TfidfVectorizer(analyzer=terms, min_df=least_texts, sublinear_tf=True)
    return vectorizer, vectorizer.fit_transform(texts)


def _topics(vectorizer: TfidfVectorizer, counts: Any, truth: NDArray[np.bool_]) -> WordWeights:
    fitted = [_topic(counts, truth[:, topic]) for topic in range(truth.shape[1])]
    return _weights(vectorizer, np.vstack([row for row, _ in fitted]), np.array([bias for _, bias in fitted]))


def _topic(counts: Any, truth: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    if not truth.any():
        return np.zeros(counts.shape[1]), -float(np.log(1 + len(truth)))
    model = LogisticRegression(C=TOPIC_STRENGTH, solver="liblinear", random_state=0).fit(counts, truth)
    return model.coef_[0], float(model.intercept_[0])


def _weights(vectorizer: TfidfVectorizer, weights: NDArray[np.float64], bias: NDArray[np.float64]) -> WordWeights:
    rows = {term: int(row) for term, row in sorted(vectorizer.vocabulary_.items(), key=lambda item: item[1])}
    return WordWeights(rows, vectorizer.idf_.astype(np.float32), weights.T.astype(np.float32), bias.astype(np.float32))
