"""The two trained classifiers: the stage of an utterance in its context, and the topics it covers.

Each is two opinions added up, one by meaning and one by words (`analysis.words`): a logarithmic opinion pool. By meaning,
the stage is a logistic regression over `analysis.features`; a topic may take three words of a long breath, so each topic
has its own attention over the token states beside its regression (label-wise attention: Mullenbach et al. 2018, CAML).
`analysis.training.train` makes the file they live in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.embedding import REMEMBERED
from analysis.features import feature_names, text_states
from analysis.words import WordWeights
from prompts.vocabulary import STAGE_LABELS, TOPICS

WEIGHTS = Path(__file__).resolve().parent.parent / "models" / "analysis.npz"
DOCUMENTS = WEIGHTS.with_name("documents.npz")
"""The classifier for written texts, in a file of its own."""

STAGE_OPINION = 0.7
"""Weight of either opinion on the stage. Cross-validated: from 0.5 to 1 the decoded labels are equally good."""


@dataclass(frozen=True, slots=True, eq=False)
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
    """Weights of all classifiers.

    stage: (7, 3 * 384 + cues), softmax; stage_bias: (7,). topic: 22 independent sigmoids.
    stage_words, topic_words: the same classes by words. document, document_bias, document_words: the stage classifier for
    written texts, which name a stage in other words than talk does, are often mere fragments, and keep an order: `document`
    has PLACES columns more.
    topic_pool: (3,), weight of the opinion by meaning, of that by words, and what is added.
    threshold: (22,), the probability from which a topic counts as covered.
    """

    stage: NDArray[np.float32]
    stage_bias: NDArray[np.float32]
    topic: TopicWeights
    stage_words: WordWeights
    topic_words: WordWeights
    document: NDArray[np.float32]
    document_bias: NDArray[np.float32]
    document_words: WordWeights
    topic_pool: NDArray[np.float32]
    threshold: NDArray[np.float32]

    def for_documents(self) -> "Classifiers":
        """The same, hearing stages as in written texts."""
        return replace(self, stage=self.document, stage_bias=self.document_bias, stage_words=self.document_words)

    def stages(self, features: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float64]:
        """Probability of each of STAGE_LABELS, shape (n, 7), from `session_features` and what was said."""
        return softmax(STAGE_OPINION * (self.stages_by_meaning(features) + self.stage_words.scores(texts)))

    def stages_by_meaning(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log odds of each of STAGE_LABELS without what the words say; columns that a line lacks count as zero."""
        return (features @ self.stage[:, : features.shape[1]].T + self.stage_bias).astype(np.float64)

    def attention(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """What the attention of each topic reads in each text, shape (n, 22).

        Both this and the embeddings are remembered: asked for before `session_features`, every text is read but once.
        """
        return np.array([_attended(self.topic, text) for text in texts], np.float32).reshape(-1, len(TOPICS))

    def topics(
        self, features: NDArray[np.float32], attention: NDArray[np.float32], texts: Sequence[str]
    ) -> NDArray[np.float64]:
        """Probability that each of TOPICS is covered, shape (n, 22).

        From `session_features`, `attention`, and what was said.
        """
        meaning = dense_scores(self.topic, features) + attention
        return pooled(self.topic_pool, meaning, self.topic_words.scores(texts))


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
    scores = dense_scores(weights, features)
    for row, tokens in enumerate(states):
        scores[row] += attended(weights, tokens)
    return scores


def dense_scores(weights: TopicWeights, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """The part of the log odds that the features give."""
    return (features @ weights.dense + weights.bias).astype(np.float64)


def attended(weights: TopicWeights, tokens: NDArray[np.float16]) -> NDArray[np.float32]:
    """The part that token states (tokens, 384) give, shape (topics,)."""
    vectors = tokens.astype(np.float32)
    attention = vectors @ weights.query
    attention = np.exp(attention - attention.max(axis=0))
    read: NDArray[np.float32] = (attention * (vectors @ weights.value)).sum(axis=0) / attention.sum(axis=0)
    return read


@lru_cache(maxsize=REMEMBERED)
def _attended(weights: TopicWeights, text: str) -> NDArray[np.float32]:
    return attended(weights, text_states(text))


class StaleClassifiers(RuntimeError):
    """The trained file does not fit the features: it must be trained again."""


@cache
def load_classifiers() -> Classifiers:
    """Read the trained files. Raises StaleClassifiers when cues or classes changed since they were made."""
    talk, terms = _load(WEIGHTS)
    documents, their_terms = _load(DOCUMENTS)
    return Classifiers(
        talk["stage"],
        talk["stage_bias"],
        TopicWeights(**{field.name: talk[f"topic_{field.name}"] for field in fields(TopicWeights)}),
        WordWeights(terms, talk["rarity"], talk["stage_words"], talk["stage_words_bias"]),
        WordWeights(terms, talk["rarity"], talk["topic_words"], talk["topic_words_bias"]),
        documents["stage"],
        documents["stage_bias"],
        WordWeights(their_terms, documents["rarity"], documents["stage_words"], documents["stage_words_bias"]),
        talk["topic_pool"],
        talk["threshold"],
    )


def _load(path: Path) -> tuple[dict[str, NDArray[np.float32]], dict[str, int]]:
    """The weights of a file, and the row of each term."""
    with np.load(path, allow_pickle=False) as stored:
        made_for = (tuple(stored["columns"]), tuple(stored["stages"]), tuple(stored["topics"]))
        if made_for != (feature_names(), STAGE_LABELS, TOPICS):
            raise StaleClassifiers(f"{path.name} was trained for other cues; run python -m analysis.training.train")
        arrays = {name: array.astype(np.float32) for name, array in stored.items() if array.dtype.kind == "f"}
        return arrays, {term: row for row, term in enumerate(stored["terms"].tolist())}


def store_classifiers(classifiers: Classifiers) -> None:
    """Write the trained files, weights in half precision. Both opinions on talk by words must be over the same terms."""
    topics = {
        f"topic_{field.name}": getattr(classifiers.topic, field.name).astype(np.float16)
        for field in fields(TopicWeights)
    }
    _store(
        WEIGHTS,
        classifiers.stage,
        classifiers.stage_bias,
        {"stage": classifiers.stage_words, "topic": classifiers.topic_words},
        topics | {"topic_pool": classifiers.topic_pool, "threshold": classifiers.threshold},
    )
    _store(DOCUMENTS, classifiers.document, classifiers.document_bias, {"stage": classifiers.document_words}, {})


def _store(
    path: Path,
    stage: NDArray[np.float32],
    bias: NDArray[np.float32],
    by_words: Mapping[str, WordWeights],
    more: Mapping[str, NDArray[np.floating[Any]]],
) -> None:
    arrays = {
        "columns": np.array(feature_names()),
        "stages": np.array(STAGE_LABELS),
        "topics": np.array(TOPICS),
        "terms": np.array(list(by_words["stage"].rows)),
        "rarity": by_words["stage"].rarity,
        "stage": stage.astype(np.float16),
        "stage_bias": bias,
        **more,
    }
    for name, words in by_words.items():
        arrays[f"{name}_words"], arrays[f"{name}_words_bias"] = words.weights.astype(np.float16), words.bias
    np.savez_compressed(path, allow_pickle=False, **arrays)
