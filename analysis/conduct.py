"""Four small trained classifiers of how a candidate conducts the conversation.

`detail`: an utterance is about a minute detail; `undecided`: it leaves a comparison open; `commitment`: it commits to a
concrete algorithm; `ignored`: what follows a line of the interviewer does not follow it. Each is a logistic regression
over sentence embeddings; the first three also go by words (`analysis.words`), both opinions weighing the same.
`analysis.training.conduct` makes the file they live in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.classifier import StaleClassifiers
from analysis.embedding import DIMENSIONS
from analysis.features import feature_names, form_columns, utterance_embeddings
from analysis.language import read
from analysis.words import OPINION, WordWeights
from speech.transcript import Utterance

WEIGHTS = Path(__file__).resolve().parent.parent / "models" / "conduct.npz"

_STATEMENTS = ("detail", "undecided", "commitment")

REPLY_FEATURES = (
    *("nearest_to_line", "mean_to_line", "first_three_to_line", "nearest_two_to_line", "second_to_fourth_to_line"),
    *("mean_to_before", "first_three_to_before", "first_two_to_centre", "second_to_fourth_to_centre"),
    *("line_less_before", "centre_to_line_less_before", "line_to_before"),
)
"""Cosines of the reply to the interviewer's line and to what was said before it; two embeddings follow them."""


_FORM_WEIGHT = 0.5
"""Scale of the cue and form columns beside an embedding of length one."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression: weights (columns,) and bias."""

    weights: NDArray[np.float32]
    bias: float

    def log_odds(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log odds of each row, shape (n,), from rows (n, columns)."""
        odds: NDArray[np.float64] = rows.astype(np.float64) @ self.weights.astype(np.float64) + self.bias
        return odds

    def probability(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of each row, shape (n,), from rows (n, columns)."""
        probabilities: NDArray[np.float64] = 1 / (1 + np.exp(-self.log_odds(rows)))
        return probabilities


@dataclass(frozen=True, slots=True)
class Statement:
    """A classifier of single utterances by what they mean and by their words (one class)."""

    meaning: Logistic
    words: WordWeights

    def log_odds(self, rows: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float64]:
        """Log odds of each utterance, shape (n,), from its row and its text."""
        odds: NDArray[np.float64] = OPINION * (self.meaning.log_odds(rows) + self.words.scores(texts)[:, 0])
        return odds

    def probability(self, rows: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float64]:
        """Probability of each utterance, shape (n,)."""
        probabilities: NDArray[np.float64] = 1 / (1 + np.exp(-self.log_odds(rows, texts)))
        return probabilities


@dataclass(frozen=True, slots=True)
class Conduct:
    """The classifiers.

    detail and undecided: over `utterance_embeddings`; commitment: over `statement_features`; ignored: over
    `reply_features`.
    """

    detail: Statement
    undecided: Statement
    commitment: Statement
    ignored: Logistic


def statement_features(utterances: Sequence[Utterance]) -> NDArray[np.float32]:
    """Each utterance by itself: its embedding, its cues and its form, shape (n, 384 + len(feature_names()))."""
    readings = read(utterance.text for utterance in utterances)
    forms = [form_columns([one], [reading])[0] for one, reading in zip(utterances, readings, strict=True)]
    rows = np.array(forms, np.float32).reshape(len(utterances), len(feature_names()))
    return np.hstack([utterance_embeddings(utterances), np.float32(_FORM_WEIGHT) * rows])


def reply_features(before: Sequence[Utterance], line: Utterance, reply: Sequence[Utterance]) -> NDArray[np.float32]:
    """How a reply relates to the interviewer's line and to what the candidate said before it.

    before, reply: at least one utterance each. Shape (len(REPLY_FEATURES) + 2 * 384,): cosines, the embedding of the
    reply's first utterance, and the mean of its first three.
    """
    own, asked, said = utterance_embeddings(before), utterance_embeddings([line])[0], utterance_embeddings(reply)
    to_line, to_before = said @ asked, (said @ own.T).max(axis=1)
    to_centre = said @ own.mean(axis=0)
    centre, subject = _unit(said.mean(axis=0)), _unit(own.mean(axis=0))
    later = slice(1, 4) if len(said) > 1 else slice(0, 1)
    cosines = (
        *(to_line.max(), to_line.mean(), to_line[:3].max(), np.sort(to_line)[-2:].mean(), to_line[later].mean()),
        *(to_before.mean(), to_before[:3].mean(), to_centre[:2].mean(), to_centre[later].mean()),
        *(to_line.mean() - to_before.mean(), centre @ asked - centre @ subject, asked @ subject),
    )
    return np.hstack([np.array(cosines, np.float32), said[0], said[:3].mean(axis=0)])


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return vector / np.float32(max(float(np.linalg.norm(vector)), 1e-9))


def _columns() -> tuple[str, ...]:
    return (*REPLY_FEATURES, *feature_names())


@cache
def load_conduct() -> Conduct:
    """Read the trained file. Raises StaleClassifiers when cues or features changed since it was made."""
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        if tuple(stored["columns"]) != _columns() or stored["detail"].shape != (DIMENSIONS,):
            command = "python -m analysis.training.conduct"
            raise StaleClassifiers(f"{WEIGHTS.name} was trained for other features; run {command}")
        arrays = {name: array.astype(np.float32) for name, array in stored.items() if array.dtype.kind == "f"}
        terms = {name: stored[f"{name}_terms"].tolist() for name in _STATEMENTS}

    def meaning(name: str) -> Logistic:
        return Logistic(arrays[name], float(arrays[f"{name}_bias"]))

    def statement(name: str) -> Statement:
        rows = {term: row for row, term in enumerate(terms[name])}
        by_words = (arrays[f"{name}_{part}"] for part in ("rarity", "words", "words_bias"))
        return Statement(meaning(name), WordWeights(rows, *by_words))

    return Conduct(statement("detail"), statement("undecided"), statement("commitment"), meaning("ignored"))


def store_conduct(conduct: Conduct) -> None:
    """Write the trained file, weights in half precision."""
    arrays: dict[str, Any] = {"columns": np.array(_columns()), "ignored": conduct.ignored.weights.astype(np.float16)}
    arrays["ignored_bias"] = np.float32(conduct.ignored.bias)
    for name in _STATEMENTS:
        part: Statement = getattr(conduct, name)
        arrays[name], arrays[f"{name}_bias"] = part.meaning.weights.astype(np.float16), np.float32(part.meaning.bias)
        arrays[f"{name}_terms"] = np.array(list(part.words.rows))
        arrays[f"{name}_rarity"] = part.words.rarity.astype(np.float16)
        arrays[f"{name}_words"] = part.words.weights.astype(np.float16)
        arrays[f"{name}_words_bias"] = part.words.bias
    np.savez_compressed(WEIGHTS, allow_pickle=False, **arrays)
