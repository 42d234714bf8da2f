"""Words and word pairs are counted the same way in training and in use."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.training.words import LEAST_TEXTS, fit_topic_words, fit_words
from analysis.words import terms
from prompts.vocabulary import STAGE_LABELS

TEXTS = ["we hold back the last week for testing", "clicks are the positive labels", "so um let me think"] * LEAST_TEXTS
TRUTH = np.array([[True], [False], [False]] * LEAST_TEXTS)
WORDS = fit_topic_words(TEXTS, TRUTH)


def test_terms_are_words_and_neighbouring_pairs() -> None:
    assert terms("We hold-out 14 days.") == ["we", "hold", "out", "#", "days", "we hold", "hold out", "out #", "# days"]


def test_words_tell_stages_and_topics() -> None:
    stages = list(STAGE_LABELS) * LEAST_TEXTS
    texts = [f"{stage} {TEXTS[row % 3]}" for row, stage in enumerate(stages)]
    truth = np.array([[row % 3 == 0] for row in range(len(texts))])
    stage, topic = fit_words(texts, stages, range(len(texts)), truth)
    assert [STAGE_LABELS[best] for best in stage.scores(texts).argmax(axis=1)] == stages
    assert ((topic.scores(texts) > 0) == truth).all()
    assert list(stage.rows) == list(topic.rows)


def test_scores_are_what_the_fitted_model_gives() -> None:
    """scikit-learn trains, numpy scores: both must weigh terms the same way, the repeated ones, too."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=terms, min_df=LEAST_TEXTS, sublinear_tf=True).fit(TEXTS)
    said = ["hold back the the the last clicks", "nothing of it known"]
    expected = vectorizer.transform(said) @ WORDS.weights + WORDS.bias
    assert WORDS.scores(said) == pytest.approx(expected, abs=1e-5)


@given(st.text())
def test_any_text_has_finite_scores(text: str) -> None:
    scores = WORDS.scores([text])
    assert np.isfinite(scores).all() and scores.shape == (1, 1)


def test_a_topic_without_examples_is_never_heard() -> None:
    assert (fit_topic_words(TEXTS, np.zeros_like(TRUTH)).scores(TEXTS) < -2).all()


def test_nothing_said_has_no_scores() -> None:
    assert WORDS.scores([]).shape == (0, 1)
