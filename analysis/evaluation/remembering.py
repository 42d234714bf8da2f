"""Embeds every text once, however often the evaluation asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from analysis import embedding


@contextmanager
def remembering_every_text() -> Iterator[None]:
    """Lift the bound on remembered texts: a live session needs few, an evaluation trains and judges on all of them."""
    bounded = embedding._encode_one
    embedding._encode_one = lru_cache(maxsize=None)(bounded.__wrapped__)
    try:
        yield
    finally:
        embedding._encode_one = bounded
