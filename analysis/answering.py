"""Which fact of a problem a question asks for, by its meaning.

Each fact is compared with the question in several ways: cosines to its known wordings and to its answer, also with the
problem's common part taken away, and by a similarity learned on all problems, under which wordings of the same fact are
near to each other (a bilinear form as in Chechik et al. 2010, OASIS); how well the words are found again one by one
(MaxSim: Khattab and Zaharia 2020, ColBERT), and the least of them anywhere in the fact; how many of the rare words are
shared; whether both are the same kind of question (a goal, a latency, a budget), told by a multinomial regression. A
conditional logit (McFadden 1974) over the facts and "none of them" makes a probability of that.
`analysis.training.answering` makes the file of its weights.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.embedding import embed, token_states
from prompts.problems import Fact, load_bank

WEIGHTS = Path(__file__).resolve().parent.parent / "models" / "answering.npz"

COMPARISONS = (
    *("nearest_wording", "nearest_two_wordings", "answer"),
    *("nearest_wording_centred", "nearest_two_wordings_centred", "answer_centred"),
    *("same_kind", "words_of_wording", "words_of_answer", "rare_words_of_wording", "rare_words_of_answer"),
    "least_found_words",
    *("learned_wordings", "learned_nearest_wording", "learned_nearest_two_wordings", "learned_answer"),
)
_LEAST_KIND = 1e-3


@dataclass(frozen=True, slots=True)
class Kinds:
    """Tells what kind of thing a question asks for. weights: (kinds, 384); bias: (kinds,)."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of each kind, shape (n, kinds), from embeddings (n, 384)."""
        scores = (embeddings @ self.weights.T + self.bias).astype(np.float64)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
        shares: NDArray[np.float64] = odds / odds.sum(axis=1, keepdims=True)
        return shares


@dataclass(frozen=True, slots=True)
class Answering:
    """The trained weights.

    similarity: (384, 384), see `comparisons`. mean, spread: of each column of `comparisons`. weights: one a column. none:
    the score of "none of them".
    """

    kinds: Kinds
    similarity: NDArray[np.float32]
    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    weights: NDArray[np.float32]
    none: float

    def probabilities(self, question: str, facts: Sequence[Fact]) -> NDArray[np.float64]:
        """Probability that the question asks for each fact, shape (len(facts),); what misses to 1 is for none of them.

        facts: at least two. Raises WeightsMissing when the embedding model is not installed.
        """
        rows = (comparisons(question, facts, self.kinds, self.similarity) - self.mean) / self.spread
        odds = np.exp(np.clip(rows @ self.weights.astype(np.float64), -30, 30))
        shares: NDArray[np.float64] = odds / (odds.sum() + math.exp(self.none))
        return shares


def comparisons(
    question: str, facts: Sequence[Fact], kinds: Kinds, similarity: NDArray[np.float32]
) -> NDArray[np.float64]:
    """The question beside each fact, shape (len(facts), 3 * len(COMPARISONS)).

    similarity: S of the learned similarity q S w of a question's embedding and a wording's. Each comparison, then its lead
    over the best other fact, then that lead where it is behind.
    """
    own = embed([question])[0]
    wordings = [embed(fact.ask) for fact in facts]
    centre = np.vstack(wordings).mean(axis=0)
    own_kinds = kinds.probabilities(own[None])[0]
    away = _away(own, centre)
    learned = own @ similarity
    words = _words(question)
    rows = []
    for fact, asked in zip(facts, wordings, strict=True):
        answer = embed([fact.answer])[0]
        near, near_centred = np.sort(asked @ own)[::-1], np.sort(_away(asked, centre) @ away)[::-1]
        found = [_found_again(question, text) for text in (*fact.ask, fact.answer)]
        near_learned = np.sort(asked @ learned)[::-1]
        agreement = float(own_kinds @ kinds.probabilities(asked).mean(axis=0))
        rows.append(
            (
                *(near[0], near[:2].mean(), answer @ own),
                *(near_centred[0], near_centred[:2].mean(), _away(answer, centre) @ away),
                math.log(agreement + _LEAST_KIND),
                max(float(words_found.mean()) for words_found in found[:-1]),
                float(found[-1].mean()),
                max(_shared(words, _words(wording)) for wording in fact.ask),
                _shared(words, _words(fact.answer)),
                _least(np.max(found, axis=0)),
                *(asked.mean(axis=0) @ learned, near_learned[0], near_learned[:2].mean(), answer @ learned),
            )
        )
    values = np.array(rows, np.float64)
    best = np.sort(values, axis=0)[::-1]
    lead = values - np.where(values == best[0], best[1], best[0])
    return np.hstack([values, lead, np.minimum(lead, 0.0)])


def _away(vectors: NDArray[np.float32], centre: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit vectors after the problem's common part is taken away."""
    rest = vectors - centre
    unit: NDArray[np.float32] = rest / np.maximum(np.linalg.norm(rest, axis=-1, keepdims=True), np.float32(1e-9))
    return unit


@cache
def _word_vectors(text: str) -> NDArray[np.float32]:
    # The first and the last token only mark the ends.
    vectors = token_states(text).astype(np.float32)[1:-1]
    unit: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-9))
    return unit


def _found_again(question: str, text: str) -> NDArray[np.float32]:
    """How well each of the question's words is found again in a text: its highest cosine; one zero without words."""
    mine, theirs = _word_vectors(question), _word_vectors(text)
    if not len(mine) or not len(theirs):
        return np.zeros(max(1, len(mine)), np.float32)
    found: NDArray[np.float32] = (mine @ theirs.T).max(axis=1)
    return found


def _least(found: NDArray[np.float32]) -> float:
    """The mean of the two least: "how many warehouses" is no question for how many products, but for one word."""
    return float(np.sort(found)[:2].mean())


def _words(text: str) -> frozenset[str]:
    """The words without a plural's ending."""
    found = re.findall(r"[a-z0-9]+", text.lower())
    return frozenset(w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w for w in found)


@cache
def _rarity() -> tuple[Mapping[str, float], float]:
    """How rare each word of the problems is, and one that none of them has (inverse document frequency)."""
    texts = [text for p in load_bank().values() for fact in p.facts for text in (*fact.ask, fact.answer)]
    holding = Counter(word for text in texts for word in _words(text))
    return {w: math.log(1 + len(texts) / (1 + n)) for w, n in holding.items()}, math.log(1 + len(texts))


def _shared(words: frozenset[str], others: frozenset[str]) -> float:
    """The share of the words' rarity that the others hold."""
    rarity, unknown = _rarity()
    total = sum(rarity.get(word, unknown) for word in words)
    return sum(rarity.get(word, unknown) for word in words & others) / total if total else 0.0


@cache
def load_answering() -> Answering:
    """Read the trained file."""
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        kinds = Kinds(stored["kinds_weights"].astype(np.float32), stored["kinds_bias"])
        similarity = stored["similarity"].astype(np.float32)
        return Answering(kinds, similarity, stored["mean"], stored["spread"], stored["weights"], float(stored["none"]))


def store_answering(answering: Answering) -> None:
    """Write the trained file."""
    arrays = {name: getattr(answering, name) for name in ("mean", "spread", "weights")}
    np.savez_compressed(
        WEIGHTS,
        similarity=answering.similarity.astype(np.float16),
        kinds_weights=answering.kinds.weights.astype(np.float16),
        kinds_bias=answering.kinds.bias,
        none=np.float32(answering.none),
        **arrays,
    )
