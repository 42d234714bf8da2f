"""The two trained classifiers: the stage of an utterance in its context, and the topics it covers.

Each is two opinions added up, one by meaning and one by words (`analysis.words`): a logarithmic opinion pool. By meaning,
the stage is a logistic regression over `analysis.features`; a topic may take three words of a long breath, so each topic
has its own attention over the token states beside its regression (label-wise attention: Mullenbach et al. 2018, CAML).
`analysis.training.train` makes the file they live in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.features import feature_names
from analysis.words import WordWeights
from prompts.vocabulary import STAGE_LABELS, TOPICS

WEIGHTS = Path(__file__).resolve().parent.parent / "models" / "analysis.npz"

STAGE_OPINION = 0.7
"""Weight of either opinion on the stage. Cross-validated: from 0.5 to 1 the decoded labels are equally good."""


@dataclass(frozen=True, slots=True)
class TopicWeights:
    """The topic classifier's parameters, one column a topic.

    query, value: (384, 22), where each topic looks and what it reads there. dense: (3 * 384 + cues, 22) over the
    utterance's features. bias: (22,).
    """

    query: NDArray[np.float32]
    value: NDArray[np.float32]
    dense: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Classifiers:
    """Weights of both classifiers.

    stage: (7, 3 * 384 + cues), softmax; stage_bias: (7,). topic: 22 independent sigmoids.
    stage_words, topic_words: the same classes by words.
    topic_pool: (3,), weight of the opinion by meaning, of that by words, and what is added.
    threshold: (22,), the probability from which a topic counts as covered.
    """

    stage: NDArray[np.float32]
    stage_bias: NDArray[np.float32]
    topic: TopicWeights
    stage_words: WordWeights
    topic_words: WordWeights
    topic_pool: NDArray[np.float32]
    threshold: NDArray[np.float32]

    def stages(self, features: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float64]:
        """Probability of each of STAGE_LABELS, shape (n, 7), from `session_features` and what was said."""
        return softmax(STAGE_OPINION * (features @ self.stage.T + self.stage_bias + self.stage_words.scores(texts)))

    def topics(
        self, features: NDArray[np.float32], states: Sequence[NDArray[np.float16]], texts: Sequence[str]
    ) -> NDArray[np.float64]:
        """Probability that each of TOPICS is covered, shape (n, 22).

        From `session_features`, `utterance_states` and what was said.
        """
        return pooled(self.topic_pool, topic_scores(self.topic, features, states), self.topic_words.scores(texts))


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities in every row."""
    weights = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    probabilities: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return probabilities


def pooled(pool: NDArray[np.float32], meaning: NDArray[np.float64], words: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of each topic from both opinions' log odds."""
    probabilities: NDArray[np.float64] = 1 / (1 + np.exp(-(pool[0] * meaning + pool[1] * words + pool[2])))
    return probabilities


def topic_scores(
    weights: TopicWeights, features: NDArray[np.float32], states: Sequence[NDArray[np.float16]]
) -> NDArray[np.float64]:
    """Log odds of each topic, shape (n, topics), for rows of features (n, columns) and token states."""
    scores = (features @ weights.dense + weights.bias).astype(np.float64)
    for row, tokens in enumerate(states):
        vectors = tokens.astype(np.float32)
        attention = vectors @ weights.query
        attention = np.exp(attention - attention.max(axis=0))
        scores[row] += (attention * (vectors @ weights.value)).sum(axis=0) / attention.sum(axis=0)
    return scores


class StaleClassifiers(RuntimeError):
    """The trained file does not fit the features: it must be trained again."""


@cache
def load_classifiers() -> Classifiers:
    """Read the trained file. Raises StaleClassifiers when cues or classes changed since it was made."""
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        made_for = (tuple(stored["columns"]), tuple(stored["stages"]), tuple(stored["topics"]))
        if made_for != (feature_names(), STAGE_LABELS, TOPICS):
            raise StaleClassifiers(f"{WEIGHTS.name} was trained for other cues; run python -m analysis.training.train")
        arrays = {name: array.astype(np.float32) for name, array in stored.items() if array.dtype.kind == "f"}
        rows = {term: row for row, term in enumerate(stored["terms"].tolist())}

    def words(of: str) -> WordWeights:
        return WordWeights(rows, arrays["rarity"], arrays[f"{of}_words"], arrays[f"{of}_words_bias"])

    return Classifiers(
        arrays["stage"],
        arrays["stage_bias"],
        TopicWeights(**{field.name: arrays[f"topic_{field.name}"] for field in fields(TopicWeights)}),
        words("stage"),
        words("topic"),
        arrays["topic_pool"],
        arrays["threshold"],
    )


def store_classifiers(classifiers: Classifiers) -> None:
    """Write the trained file, weights in half precision. Both opinions by words must be over the same terms."""
    by_words = {"stage": classifiers.stage_words, "topic": classifiers.topic_words}
    arrays = {
        "columns": np.array(feature_names()),
        "stages": np.array(STAGE_LABELS),
        "topics": np.array(TOPICS),
        "terms": np.array(list(classifiers.stage_words.rows)),
        "rarity": classifiers.stage_words.rarity,
        "stage": classifiers.stage.astype(np.float16),
        "stage_bias": classifiers.stage_bias,
        "topic_pool": classifiers.topic_pool,
        "threshold": classifiers.threshold,
    }
    for field in fields(TopicWeights):
        arrays[f"topic_{field.name}"] = getattr(classifiers.topic, field.name).astype(np.float16)
    for name, words in by_words.items():
        arrays[f"{name}_words"], arrays[f"{name}_words_bias"] = words.weights.astype(np.float16), words.bias
    np.savez_compressed(WEIGHTS, allow_pickle=False, **arrays)
