"""The two trained classifiers: the stage of an utterance in its context, and the topics it covers.

Both are logistic regressions over `analysis.features`; `analysis.training.train` makes the file they live in.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.features import feature_names
from prompts.vocabulary import STAGE_LABELS, TOPICS

WEIGHTS = Path(__file__).resolve().parent.parent / "models" / "analysis.npz"


@dataclass(frozen=True, slots=True)
class Classifiers:
    """Weights and biases, one row a class.

    stage: (7, 3 * 384 + cues), softmax. topic: (22, 3 * 384 + cues), each an independent sigmoid.
    threshold: (22,), the probability from which a topic counts as covered.
    """

    stage: NDArray[np.float32]
    stage_bias: NDArray[np.float32]
    topic: NDArray[np.float32]
    topic_bias: NDArray[np.float32]
    threshold: NDArray[np.float32]

    def stages(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of each of STAGE_LABELS, shape (n, 7), from `session_features`."""
        scores = (features @ self.stage.T + self.stage_bias).astype(np.float64)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
        probabilities: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
        return probabilities

    def topics(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability that each of TOPICS is covered, shape (n, 22), from `session_features`."""
        scores = (features @ self.topic.T + self.topic_bias).astype(np.float64)
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
        return Classifiers(
            *(stored[name].astype(np.float32) for name in ("stage", "stage_bias", "topic", "topic_bias", "threshold"))
        )
