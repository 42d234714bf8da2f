"""The topic classifier finds one word among many, whatever stands around it, and learns the same thing twice."""

import numpy as np
from numpy.typing import NDArray

from analysis.classifier import topic_scores
from analysis.embedding import DIMENSIONS
from analysis.training.attention import fit_topics

COLUMNS = 3 * DIMENSIONS + 2


def _talk(rows: int, seed: int) -> tuple[NDArray[np.float32], list[NDArray[np.float16]], NDArray[np.bool_]]:
    """Utterances of 5 to 60 random tokens; in every second one a single token points in the topic's direction."""
    random = np.random.default_rng(seed)
    said = np.arange(rows) % 2 == 0
    states = []
    for hit in said:
        tokens = random.normal(0, DIMENSIONS**-0.5, (int(random.integers(5, 60)), DIMENSIONS))
        if hit:
            tokens[int(random.integers(len(tokens))), 7] += 6
        states.append(tokens.astype(np.float16))
    return np.zeros((rows, COLUMNS), np.float32), states, said[:, None]


def test_one_telling_word_is_found_in_a_long_breath() -> None:
    weights = fit_topics(*_talk(1500, seed=1))
    features, states, truth = _talk(200, seed=2)
    heard = topic_scores(weights, features, states) > 0
    assert (heard == truth).mean() > 0.95


def test_the_same_examples_give_the_same_weights() -> None:
    first, second = fit_topics(*_talk(200, seed=3)), fit_topics(*_talk(200, seed=3))
    assert (first.query == second.query).all() and (first.dense == second.dense).all()


def test_scores_of_a_row_do_not_depend_on_its_neighbours() -> None:
    weights = fit_topics(*_talk(200, seed=4))
    features, states, _ = _talk(20, seed=5)
    whole = topic_scores(weights, features, states)
    for row in range(20):
        assert (topic_scores(weights, features[[row]], [states[row]]) == whole[[row]]).all()
