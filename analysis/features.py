"""What the classifiers see of an utterance: its embedding, its context's embedding, its cues and its form."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.cues import load_cues
from analysis.embedding import DIMENSIONS, embed, token_states
from analysis.language import Reading, read
from speech.transcript import Utterance

CONTEXT = 3
"""Utterances of context on each side. Stages last minutes; three utterances are about half a minute of talk."""

PLACES = 3
"""Points along a written text that a line is more or less near to: beginning, middle, end. With five or nine, written texts by
others are heard no better."""

_WORDS_A_PIECE = 60
_BLOCK = 128
_FORMS = ("question", "quantity", "interviewer_before", "interviewer_after", "short")


def feature_names() -> tuple[str, ...]:
    """Names of the columns after the embeddings."""
    return (*load_cues().groups, *_FORMS)


def _pieces(text: str) -> list[str]:
    """Cut a long utterance into pieces within the embedding model's reach."""
    words = text.split()
    return [" ".join(words[first : first + _WORDS_A_PIECE]) for first in range(0, len(words), _WORDS_A_PIECE)] or [""]


def utterance_embeddings(utterances: Sequence[Utterance]) -> NDArray[np.float32]:
    """Embeddings of whole utterances, shape (n, 384); a long one is the mean of its pieces."""
    pieces = [_pieces(utterance.text) for utterance in utterances]
    flat = embed([piece for some in pieces for piece in some])
    rows, first = np.zeros((len(utterances), DIMENSIONS), np.float32), 0
    for index, some in enumerate(pieces):
        rows[index] = flat[first : first + len(some)].mean(axis=0)
        first += len(some)
    return rows


def text_states(text: str) -> NDArray[np.float16]:
    """Token states of a whole text, shape (tokens, 384)."""
    return np.vstack([token_states(piece) for piece in _pieces(text)])


def _context(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean of the CONTEXT rows before each row, zero where there are none."""
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows.astype(np.float64), axis=0)])
    index = np.arange(len(rows))
    first = np.maximum(index - CONTEXT, 0)
    means: NDArray[np.float32] = ((sums[index] - sums[first]) / np.maximum(index - first, 1)[:, None]).astype(
        np.float32
    )
    return means


def form_columns(utterances: Sequence[Utterance], readings: Sequence[Reading]) -> NDArray[np.float32]:
    """Cue and form columns, shape (n, len(feature_names())), each 0 to 1."""
    groups = {name: column for column, name in enumerate(load_cues().groups)}
    rows = np.zeros((len(utterances), len(groups) + len(_FORMS)), np.float32)
    for index, (utterance, reading) in enumerate(zip(utterances, readings, strict=True)):
        for hit in reading.cues:
            rows[index, groups[hit.group]] = max(rows[index, groups[hit.group]], 0.3 if hit.negated else 1.0)
        rows[index, len(groups) :] = (
            any(sentence.question for sentence in reading.sentences),
            bool(reading.quantities),
            index > 0 and utterances[index - 1].speaker == "interviewer",
            index + 1 < len(utterances) and utterances[index + 1].speaker == "interviewer",
            len(utterance.text.split()) < 6,
        )
    return rows


def session_features(utterances: Sequence[Utterance], *, online: bool = False) -> NDArray[np.float32]:
    """The feature matrix of a session in order, shape (n, 3 * 384 + cues).

    Columns: the utterance's embedding, the mean embedding of the three before, of the three after, cues and form.
    online: leave what comes after out, as a running session must.
    """
    rows = utterance_embeddings(utterances)
    forms = form_columns(utterances, read(utterance.text for utterance in utterances))
    if online:
        forms[:, feature_names().index("interviewer_after")] = 0
    after = np.zeros_like(rows) if online else _context(rows[::-1])[::-1]
    return np.hstack([rows, _context(rows), after, forms])


def feature_blocks(
    utterances: Sequence[Utterance], *, online: bool = False
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The rows of `session_features` a few at a time, each block with its first row: those of hours take 5 KB each."""
    for first in range(0, len(utterances), _BLOCK):
        begin = max(0, first - CONTEXT)
        rows = session_features(utterances[begin : first + _BLOCK + CONTEXT], online=online)
        yield first, rows[first - begin : first - begin + _BLOCK]


def place_columns(count: int) -> NDArray[np.float32]:
    """Where in a text its lines stand, shape (count, PLACES): how near to each of the points, by both it lies between."""
    lines, points = np.linspace(0, 1, count)[:, None], np.linspace(0, 1, PLACES)
    nearness: NDArray[np.float32] = np.maximum(0, 1 - np.abs(lines - points) * (PLACES - 1)).astype(np.float32)
    return nearness


def alone(utterances: Sequence[Utterance]) -> NDArray[np.float32]:
    """Feature rows of utterances as if each had been said alone, shape as `session_features`."""
    forms = [form_columns([one], read([one.text])) for one in utterances]
    rows = np.zeros((len(utterances), 3 * DIMENSIONS + len(feature_names())), np.float32)
    if forms:
        rows[:, :DIMENSIONS], rows[:, 3 * DIMENSIONS :] = utterance_embeddings(utterances), np.vstack(forms)
    return rows
