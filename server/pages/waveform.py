"""How loud a recording is from beginning to end, as a shape that the review's stages shine through."""

import numpy as np
from fastapi import APIRouter
from numpy.typing import NDArray
from starlette.responses import Response

from server.problem_details import Refused
from server.services import Here
from speech.loudness import COLUMNS, peaks

router = APIRouter(include_in_schema=False)

_THINNEST = 2.0
"""Of 100: what silence is drawn with, so that it can be told from no sound at all."""


@router.get("/sessions/{id}/waveform.svg")
def waveform(id: str, here: Here) -> Response:
    """White on nothing, to be used as a mask: the page gives it its colours."""
    recording = here.store.recording(id)
    if recording is None:
        raise Refused(404, "no-recording", f"Session {id} has no recording", "Its transcript may still be there")
    found = peaks(recording, here.store.summary(id).state == "finished")
    headers = {"cache-control": "private, max-age=3600", "content-security-policy": "default-src 'none'"}
    return Response(_svg(found), 200, headers, "image/svg+xml")


def _svg(peaks: NDArray[np.uint8]) -> str:
    # The root lets soft speech be seen beside a cough.
    heights = np.maximum(_THINNEST, 100 * np.sqrt(peaks / 255)) / 2
    above = "".join(f"V{50 - height:.0f}H{x}" for x, height in enumerate(heights, start=1))
    below = "".join(f"V{50 + height:.0f}H{COLUMNS - x}" for x, height in enumerate(heights[::-1], start=1))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS} 100" preserveAspectRatio="none">'
        f'<path fill="#fff" d="M0 50{above}{below}Z"/></svg>'
    )
