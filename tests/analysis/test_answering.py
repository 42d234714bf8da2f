"""How the similarity of wordings is learned. What comes of it: `tests/bench/answer_facts.py`, `tests/assistant/test_answers.py`."""

import numpy as np
import pytest

from analysis.answering import load_answering, store_answering
from analysis.embedding import embed
from analysis.training.answering import Wordings
from prompts.problems import get_problem


def test_the_slope_is_the_losss_own() -> None:
    wordings = Wordings(get_problem("feed").facts[:4])
    size = wordings.wordings.shape[1]
    random = np.random.default_rng(3)
    at, step = np.eye(size) + 0.01 * random.standard_normal((size, size)), 1e-5 * random.standard_normal((size, size))
    change = wordings.loss(at + step)[0] - wordings.loss(at - step)[0]
    assert change == pytest.approx(2 * float((wordings.loss(at)[1] * step).sum()), rel=1e-4)


def test_the_learned_similarity_tells_facts_apart_better_than_cosines() -> None:
    learned = load_answering().similarity.astype(np.float64)
    for id in ("feed", "card-fraud", "eta"):
        wordings = Wordings(get_problem(id).facts)
        assert wordings.loss(learned)[0] < 0.8 * wordings.loss(np.eye(len(learned)))[0]


def test_what_is_stored_is_read_back(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped, facts = load_answering(), get_problem("feed").facts
    monkeypatch.setattr("analysis.answering.WEIGHTS", tmp_path_factory.mktemp("weights") / "answering.npz")
    store_answering(shipped)
    load_answering.cache_clear()
    try:
        again = load_answering()
    finally:
        load_answering.cache_clear()
    question = "how many people open it every day?"
    assert again.probabilities(question, facts) == pytest.approx(shipped.probabilities(question, facts))
    assert embed([question]).shape == (1, len(again.similarity))
