"""The sound of reviews: how loud it is, as a shape that the review's stages shine through, and that of uploads itself."""

import numpy as np
from fastapi import APIRouter, Request
from numpy.typing import NDArray
from starlette.responses import Response

from server.problem_details import Refused
from server.routes.session_audio import wav
from server.services import Here, Services
from server.upload_sound import recording as kept_sound
from speech.loudness import COLUMNS, peaks
from speech.recording import Recording

router = APIRouter(include_in_schema=False)

_THINNEST = 2.0
"""Of 100: what silence is drawn with, so that it can be told from no sound at all."""


@router.get("/sessions/{id}/waveform.svg")
def waveform(id: str, here: Here) -> Response:
    """White on nothing, to be used as a mask: the page gives it its colours."""
    recording = here.store.recording(id)
    if recording is None:
        raise Refused(404, "no-recording", f"Session {id} has no recording", "Its transcript may still be there")
    return _answer(recording, here.store.summary(id).state == "finished")


@router.get("/analyses/{id}/waveform.svg")
def of_upload(id: str, here: Here) -> Response:
    """The same of an analyzed recording."""
    return _answer(upload_sound(id, here), over=True)


@router.get("/analyses/{id}/sound.wav")
def sound(id: str, request: Request, here: Here) -> Response:
    """The sound of an analyzed recording, whole or in parts."""
    return wav(upload_sound(id, here), id, request)


def upload_sound(id: str, here: Services) -> Recording:
    """Raises UnknownAnalysis, and Refused (404) where no sound is kept."""
    folder = here.store.analyses.sound_folder(id)
    # Before there is a report, more of it may follow; to read that for each part that is asked for takes too long.
    found = kept_sound(folder) if folder.with_suffix(".json").is_file() else None
    if found is None:
        raise Refused(404, "no-recording", f"Analysis {id} has no recording", "Its transcript may still be there")
    return found


def _answer(recording: Recording, over: bool) -> Response:
    found = peaks(recording, over)
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
