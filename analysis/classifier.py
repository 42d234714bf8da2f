"""The two trained classifiers: the stage of an utterance in its context, and the topics it covers.

The stage is a logistic regression over `analysis.features`. A topic may take three words of a long breath, so each topic
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
from prompts.vocabulary import STAGE_LABELS, TOPICS

WEIGHTS = Path(__file__).resolve().parent.parent / "models" / "analysis.npz"


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
    threshold: (22,), the probability from which a topic counts as covered.
    """

    stage: NDArray[np.float32]
    stage_bias: NDArray[np.float32]
    topic: TopicWeights
    threshold: NDArray[np.float32]

    def stages(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of each of STAGE_LABELS, shape (n, 7), from `session_features`."""
        scores = (features @ self.stage.T + self.stage_bias).astype(np.float64)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
        probabilities: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
        return probabilities

    def topics(self, features: NDArray[np.float32], states: Sequence[NDArray[np.float16]]) -> NDArray[np.float64]:
        """Probability that each of TOPICS is covered, shape (n, 22), from `session_features` and `utterance_states`."""
        return topic_probabilities(self.topic, features, states)


def topic_probabilities(
    weights: TopicWeights, features: NDArray[np.float32], states: Sequence[NDArray[np.float16]]
) -> NDArray[np.float64]:
    """Probability of each topic, shape (n, topics), for rows of features (n, columns) and token states."""
    scores = (features @ weights.dense + weights.bias).astype(np.float64)
    for row, tokens in enumerate(states):
        vectors = tokens.astype(np.float32)
        attention = vectors @ weights.query
        attention = np.exp(attention - attention.max(axis=0))
        scores[row] += (attention * (vectors @ weights.value)).sum(axis=0) / attention.sum(axis=0)
    probabilities: NDArray[np.float64] = 1 / (1 + np.exp(-scores))
    return probabilities


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
    topic = TopicWeights(**{field.name: arrays[f"topic_{field.name}"] for field in fields(TopicWeights)})
    return Classifiers(arrays["stage"], arrays["stage_bias"], topic, arrays["threshold"])


def store_classifiers(classifiers: Classifiers) -> None:
    """Write the trained file, weights in half precision."""
    topic = {f"topic_{field.name}": getattr(classifiers.topic, field.name) for field in fields(TopicWeights)}
    np.savez_compressed(
        WEIGHTS,
        columns=np.array(feature_names()),
        stages=np.array(STAGE_LABELS),
        topics=np.array(TOPICS),
        stage=classifiers.stage.astype(np.float16),
        stage_bias=classifiers.stage_bias,
        threshold=classifiers.threshold,
        **{name: array.astype(np.float16) for name, array in topic.items()},
    )
