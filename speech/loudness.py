"""How loud a recording is from beginning to end, for a picture of it; kept beside it, because an hour takes seconds to read."""

import contextlib
import threading

import numpy as np
from numpy.typing import NDArray

from models.whole_file import write_whole
from speech.recording import Recording, in_steps

COLUMNS = 800
_KEPT = "peaks"
_MEASURING = threading.Lock()


def peaks(recording: Recording, over: bool) -> NDArray[np.uint8]:
    """The loudest sample of each column, 255 for the loudest of all.

    over: whether the recording grows no more, so that what is found may be kept. Raises RecordingUnreadable.
    """
    # Whoever asks while it is measured finds it kept.
    with _MEASURING:
        kept = recording.folder / _KEPT
        with contextlib.suppress(OSError):
            if len(data := kept.read_bytes()) == COLUMNS:
                return np.frombuffer(data, np.uint8)
        found = _measured(recording)
        if over:
            # Without room for it, it is measured again next time.
            with contextlib.suppress(OSError):
                write_whole(kept, found.tobytes())
        return found


def _measured(recording: Recording) -> NDArray[np.uint8]:
    total, at = recording.samples, 0
    # The first sample of each column.
    edges = -(-np.arange(COLUMNS) * total // COLUMNS)
    loudest = np.zeros(COLUMNS)
    for piece in in_steps(recording.pieces()):
        # What is recorded meanwhile is beyond the last column.
        samples = piece[: total - at]
        if not len(samples):
            break
        inside = edges[np.searchsorted(edges, at, "right") : np.searchsorted(edges, at + len(samples))]
        firsts = np.unique(np.concatenate([[at], inside]))
        high = np.maximum.reduceat(samples, firsts - at).astype(np.float64)
        low = np.minimum.reduceat(samples, firsts - at).astype(np.float64)
        np.maximum.at(loudest, firsts * COLUMNS // total, np.maximum(high, -low))
        at += len(samples)
    levels: NDArray[np.uint8] = (255 * loudest / max(1.0, loudest.max())).astype(np.uint8)
    return levels
