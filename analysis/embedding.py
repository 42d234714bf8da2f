"""Sentence embeddings and token states: all-MiniLM-L6-v2 as int8 ONNX, on one thread.

Method of the sentence embedding: mean pooling over the last hidden state, then unit length (Reimers and Gurevych 2019,
Sentence-BERT).
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.store import locate

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

DIMENSIONS = 384
LONGEST_TOKENS = 128
STATE_SCALE = 6.0
"""Length of an average token state, measured; divided by it, token states are about as long as embeddings."""

REMEMBERED = 20_000
"""Texts whose embeddings are remembered, at 1.5 KB each: more than a day of talk."""

_STATES_REMEMBERED = 16
"""Texts whose token states are, at about 20 KB each: what is asked of them is asked at once."""


@cache
def _model() -> tuple["InferenceSession", "Tokenizer"]:
    import onnxruntime
    from tokenizers import Tokenizer

    folder = locate("minilm")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # The arena never gives memory back, and sentences differ in length.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST_TOKENS)
    return session, tokenizer


@lru_cache(maxsize=_STATES_REMEMBERED)
def _encode_one(text: str) -> tuple[NDArray[np.float32], NDArray[np.float16]]:
    # One text a run: int8 activations are scaled per batch, so in a batch a sentence's vector would depend on its
    # neighbours, and the same talk would not always give the same report.
    session, tokenizer = _model()
    encoded = tokenizer.encode(text.lower())
    ids = np.array([encoded.ids], np.int64)
    inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    hidden = np.asarray(session.run(["last_hidden_state"], inputs)[0], np.float32)
    pooled: NDArray[np.float32] = hidden[0].mean(axis=0)
    return pooled / max(float(np.linalg.norm(pooled)), 1e-9), (hidden[0] / STATE_SCALE).astype(np.float16)


@lru_cache(maxsize=REMEMBERED)
def _embed_one(text: str) -> NDArray[np.float32]:
    return _encode_one(text)[0]


def token_states(text: str) -> NDArray[np.float16]:
    """Contextual vectors of a text's tokens, shape (tokens, 384), divided by STATE_SCALE.

    Its embedding is remembered, the states are not: they are to be used up at once.
    Raises WeightsMissing when the embedding model is not installed.
    """
    _embed_one(text)
    return _encode_one(text)[1]


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit-length embeddings, shape (len(texts), 384); texts embedded lately in this process are not run again.

    Raises WeightsMissing when the embedding model is not installed.
    """
    if not texts:
        return np.zeros((0, DIMENSIONS), np.float32)
    return np.stack([_embed_one(text) for text in texts])
