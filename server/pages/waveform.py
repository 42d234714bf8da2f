"""How loud a recording is from beginning to end, as a shape that the review's stages shine through."""

import contextlib
import os
import secrets
from pathlib import Path

import numpy as np
from fastapi import APIRouter
from numpy.typing import NDArray
from starlette.responses import Response

from assistant.store import Store
from server.problem_details import Refused
from server.services import Here
from speech.recording import Recording

router = APIRouter(include_in_schema=False)

COLUMNS = 800
_KEPT = "peaks"
_THINNEST = 2.0
"""Of 100: what silence is drawn with, so that it can be told from no sound at all."""


@router.get("/sessions/{id}/waveform.svg")
def waveform(id: str, here: Here) -> Response:
    """White on nothing, to be used as a mask: the page gives it its colours."""
    found = peaks(here.store, id)
    if found is None:
        raise Refused(404, "no-recording", f"Session {id} has no recording", "Its transcript may still be there")
    headers = {"cache-control": "private, max-age=3600", "content-security-policy": "default-src 'none'"}
    return Response(_svg(found), 200, headers, "image/svg+xml")


def peaks(store: Store, id: str) -> NDArray[np.uint8] | None:
    """The loudest sample of each column, 255 for the loudest of all; None without a recording.

    Kept beside the recording once the session is over: an hour takes seconds to read. Raises UnknownSession,
    RecordingUnreadable.
    """
    kept = store.folder(id) / _KEPT
    with contextlib.suppress(OSError):
        if len(data := kept.read_bytes()) == COLUMNS:
            return np.frombuffer(data, np.uint8)
    recording = store.recording(id)
    if recording is None:
        return None
    found = _measured(recording)
    if store.summary(id).state == "finished":
        # Without room for it, it is measured again next time.
        with contextlib.suppress(OSError):
            _write(kept, found.tobytes())
    return found


def _measured(recording: Recording) -> NDArray[np.uint8]:
    total, at = recording.samples, 0
    loudest = np.zeros(COLUMNS)
    for piece in recording.pieces():
        # What is recorded meanwhile is beyond the last column.
        samples = np.abs(piece[: total - at].astype(np.int32))
        if not len(samples):
            break
        columns = (at + np.arange(len(samples))) * COLUMNS // total
        firsts = np.flatnonzero(np.diff(columns, prepend=-1))
        np.maximum.at(loudest, columns[firsts], np.maximum.reduceat(samples, firsts))
        at += len(samples)
    levels: NDArray[np.uint8] = (255 * loudest / max(1.0, loudest.max())).astype(np.uint8)
    return levels


def _write(path: Path, data: bytes) -> None:
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _svg(peaks: NDArray[np.uint8]) -> str:
    # The root lets soft speech be seen beside a cough.
    heights = np.maximum(_THINNEST, 100 * np.sqrt(peaks / 255)) / 2
    above = "".join(f"V{50 - height:.0f}H{x}" for x, height in enumerate(heights, start=1))
    below = "".join(f"V{50 + height:.0f}H{COLUMNS - x}" for x, height in enumerate(heights[::-1], start=1))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS} 100" preserveAspectRatio="none">'
        f'<path fill="#fff" d="M0 50{above}{below}Z"/></svg>'
    )
