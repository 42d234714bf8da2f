"""What was computed of something, for as long as that is unchanged."""

import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")


class Unchanged(Generic[T]):
    """The values asked for last. Safe to use from several threads; many who ask at once cost one computation.

    most: how many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._turn = threading.Lock()
        self._kept: dict[Hashable, tuple[object, T]] = {}

    def get(self, key: Hashable, state: object, compute: Callable[[], T]) -> T:
        """The value of a key. state: of what it is computed from; another one computes it again. Raises what `compute` does."""
        with self._turn:
            found = self._kept.pop(key, None)
            if found is None or found[0] != state:
                found = state, compute()
            self._kept[key] = found
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
            return found[1]


def state_of(file: Path) -> tuple[int, int, int]:
    """What differs between two contents of a file: which one it is, its size, when it was changed. Raises OSError."""
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
