"""The words and word pairs of an utterance, and linear scores over them.

Embeddings blur which words were said; "hold back" and "hold on" lie close. Counts do not: tf-idf with logarithmic counts
and unit length (Salton and Buckley 1988, "Term-weighting approaches in automatic text retrieval").
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

OPINION = 0.7
"""Weight of an opinion by words and of one by meaning, in log odds. They agree often, so their sum would be too sure."""

_WORD = re.compile(r"[a-z0-9']+")


def terms(text: str) -> list[str]:
    """Words and pairs of neighbouring words in lower case; every number in digits is the same word."""
    words = ["#" if word.isdigit() else word for word in _WORD.findall(text.lower())]
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


@dataclass(frozen=True, slots=True)
class WordWeights:
    """A linear classifier over terms.

    rows: the row of each known term. rarity: (terms,), the terms' inverse document frequencies.
    weights: (terms, classes). bias: (classes,).
    """

    rows: Mapping[str, int]
    rarity: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Log odds of each class, shape (n, classes)."""
        scores = np.tile(self.bias.astype(np.float64), (len(texts), 1))
        for row, text in enumerate(texts):
            counts = Counter(self.rows[term] for term in terms(text) if term in self.rows)
            if counts:
                known = list(counts)
                weighed = np.array([1 + log(count) for count in counts.values()]) * self.rarity[known]
                scores[row] += (weighed / sqrt(float(weighed @ weighed))) @ self.weights[known]
        return scores
