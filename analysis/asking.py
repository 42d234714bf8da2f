"""What an interviewer's line asks the candidate to talk about: a topic, a stage as a whole, or nothing of the kind.

A multinomial logistic regression over the line's embedding and one over its words, their log odds added with equal
weight. `analysis.training.asking` makes the file of its weights.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.classifier import softmax
from analysis.embedding import embed
from analysis.words import OPINION, WordWeights
from prompts.vocabulary import STAGES, TOPICS, Stage, Topic

WEIGHTS = Path(__file__).resolve().parent.parent / "models" / "asking.npz"

NOTHING = "-"
ASKED: tuple[str, ...] = (NOTHING, *(topic for topic in TOPICS if topic != "clarifying_questions"), *STAGES)
"""The classes: nothing, then every topic and stage that a line can ask for."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The trained weights. meaning: (classes, 384). bias: (classes,). words: over the same classes."""

    meaning: NDArray[np.float32]
    bias: NDArray[np.float32]
    words: WordWeights

    def asked(self, line: str, leaving: Stage | None = None) -> tuple[Topic | Stage | None, float]:
        """What a line asks for, None for nothing, and the probability of that.

        leaving: a stage that the line leaves, so that it cannot ask for it, whatever it says of it.
        Raises WeightsMissing when the embedding model is not installed.
        """
        scores = OPINION * (embed([line]) @ self.meaning.T + self.bias + self.words.scores([line]))
        if leaving:
            scores[0, ASKED.index(leaving)] = -np.inf
        (probabilities,) = softmax(scores)
        best = int(probabilities.argmax())
        target = next((one for one in (*TOPICS, *STAGES) if one == ASKED[best]), None)
        return target, float(probabilities[best])


@cache
def load_asking() -> Asking:
    """Read the trained file."""
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        arrays = {name: array.astype(np.float32) for name, array in stored.items() if array.dtype.kind == "f"}
        rows = {term: row for row, term in enumerate(stored["terms"].tolist())}
    words = WordWeights(rows, arrays["rarity"], arrays["words"], arrays["words_bias"])
    return Asking(arrays["meaning"], arrays["bias"], words)


def store_asking(asking: Asking) -> None:
    """Write the trained file, weights in half precision."""
    np.savez_compressed(
        WEIGHTS,
        allow_pickle=False,
        terms=np.array(list(asking.words.rows)),
        meaning=asking.meaning.astype(np.float16),
        bias=asking.bias,
        rarity=asking.words.rarity.astype(np.float16),
        words=asking.words.weights.astype(np.float16),
        words_bias=asking.words.bias,
    )
