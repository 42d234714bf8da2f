"""Fits the topic classifier: a regression over the features and an attention over the token states, for every topic.

The gradient is short enough to write out, so no deep-learning library is needed. With s the softmax over tokens of
`vectors @ query`, a topic's score is `sum(s * (vectors @ value)) + features @ dense + bias`; the loss is the binary
cross-entropy; the optimiser AdamW (Loshchilov and Hutter 2019), its rate falling linearly to zero.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.classifier import TopicWeights
from analysis.embedding import DIMENSIONS

EPOCHS = 12
RATE = 0.01
DECAY = 0.03
"""Cross-validated: 0.003 learns too little in that time, three times the decay costs 0.01 of average precision."""

CONTEXT_DROPPED = 0.5
"""Share of rows shown without their neighbours: a topic must also be heard in the wrong place."""

_BATCH = 64
_START = 0.02
_RARE = -3.0
"""First bias: most topics are absent from most utterances."""

_Parameters = dict[str, NDArray[np.float32]]


def fit_topics(
    features: NDArray[np.float32], states: Sequence[NDArray[np.float16]], truth: NDArray[np.bool_]
) -> TopicWeights:
    """Fit on rows of features (n, columns), token states (n of (tokens, 384)) and truth (n, topics). Deterministic."""
    random = np.random.default_rng(0)
    topics = truth.shape[1]
    parameters: _Parameters = {
        "query": random.normal(0, _START, (DIMENSIONS, topics)).astype(np.float32),
        "value": random.normal(0, _START, (DIMENSIONS, topics)).astype(np.float32),
        "dense": np.zeros((features.shape[1], topics), np.float32),
        "bias": np.full(topics, _RARE, np.float32),
    }
    optimiser = _AdamW(parameters, EPOCHS * -(-len(features) // _BATCH))
    for _ in range(EPOCHS):
        for rows in _batches([len(tokens) for tokens in states], random):
            tokens, absent = _padded([states[row] for row in rows])
            dense = features[rows].copy()
            dense[random.random(len(rows)) < CONTEXT_DROPPED, DIMENSIONS : 3 * DIMENSIONS] = 0
            optimiser.step(_gradient(parameters, tokens, absent, dense, truth[rows]))
    return TopicWeights(**parameters)


def _batches(lengths: Sequence[int], random: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Rows of similar length together, so that little is padded; in another order each time."""
    order = np.argsort(np.array(lengths) + 6 * random.random(len(lengths)), kind="stable")
    firsts = random.permutation(range(0, len(order), _BATCH))
    for first in firsts:
        yield order[first : first + _BATCH]


def _padded(states: Sequence[NDArray[np.float16]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Token states as one array (rows, tokens, 384), and what to add to the attention where there is no token."""
    longest = max(len(tokens) for tokens in states)
    vectors = np.zeros((len(states), longest, DIMENSIONS), np.float32)
    absent = np.full((len(states), longest, 1), -1e9, np.float32)
    for row, tokens in enumerate(states):
        vectors[row, : len(tokens)] = tokens
        absent[row, : len(tokens)] = 0
    return vectors, absent


def _gradient(
    parameters: _Parameters,
    vectors: NDArray[np.float32],
    absent: NDArray[np.float32],
    dense: NDArray[np.float32],
    truth: NDArray[np.bool_],
) -> _Parameters:
    attention = vectors @ parameters["query"] + absent
    attention = np.exp(attention - attention.max(axis=1, keepdims=True))
    attention /= attention.sum(axis=1, keepdims=True)
    values = vectors @ parameters["value"]
    read = (attention * values).sum(axis=1)
    scores = read + dense @ parameters["dense"] + parameters["bias"]
    slope = (1 / (1 + np.exp(-scores)) - truth) / len(truth)
    by_value = attention * slope[:, None, :]
    by_query = by_value * (values - read[:, None, :])
    flat = vectors.reshape(-1, DIMENSIONS)
    return {
        "query": flat.T @ by_query.reshape(len(flat), -1),
        "value": flat.T @ by_value.reshape(len(flat), -1),
        "dense": dense.T @ slope,
        "bias": slope.sum(axis=0),
    }


class _AdamW:
    """Changes parameters in place, each step by the gradient's running mean over its running spread."""

    def __init__(self, parameters: _Parameters, steps: int) -> None:
        self._parameters = parameters
        self._mean = {name: np.zeros_like(array) for name, array in parameters.items()}
        self._spread = {name: np.zeros_like(array) for name, array in parameters.items()}
        self._step = 0
        self._steps = steps

    def step(self, gradient: _Parameters) -> None:
        rate = RATE * (1 - self._step / self._steps)
        self._step += 1
        for name, slope in gradient.items():
            self._mean[name] += 0.1 * (slope - self._mean[name])
            self._spread[name] += 0.001 * (slope**2 - self._spread[name])
            mean = self._mean[name] / (1 - 0.9**self._step)
            spread = self._spread[name] / (1 - 0.999**self._step)
            decay = 0.0 if name == "bias" else DECAY
            self._parameters[name] -= np.float32(rate) * (
                mean / (np.sqrt(spread) + 1e-8) + decay * self._parameters[name]
            )
