"""A session's recording as a WAV file, whole or in parts, however it is kept on disk."""

import re
import struct
from collections.abc import Iterator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from server.problem_details import Refused
from server.services import Here
from speech.frames import SAMPLE_RATE, pcm16_bytes
from speech.recording import Recording

router = APIRouter(tags=["sessions"], prefix="/sessions")

_HEADER_BYTES = 44
_AT_ONCE_BYTES = 1 << 20
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@router.get(
    "/{id}/audio",
    summary="The recording (WAV, 16 kHz mono)",
    response_class=Response,
    responses={
        200: {"content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}},
        206: {"description": "The part asked for with `Range`", "content": {"audio/wav": {}}},
    },
)
def session_audio(id: str, request: Request, here: Here) -> Response:
    """Answers `Range` with one range, so that a player may jump."""
    recording = here.store.recording(id)
    if recording is None:
        raise Refused(404, "no-recording", f"Session {id} has no recording", "Its transcript may still be there")
    return wav(recording, id, request)


def wav(recording: Recording, id: str, request: Request) -> Response:
    """A recording as a WAV file, or the part of it that is asked for. id: what the file is called. Raises Refused (416)."""
    # A session under way grows; what is there now is what is sent.
    size = 2 * recording.samples
    total = _HEADER_BYTES + size
    headers = {"accept-ranges": "bytes", "content-disposition": f'inline; filename="{id}.wav"'}
    # No validator was ever given out, so that what somebody has of it cannot be known to be of the same sound (RFC 9110, 13.1.5).
    part = None if "if-range" in request.headers else _part(request.headers.get("range", ""), total)
    first, end = part or (0, total)
    headers["content-length"] = str(end - first)
    if part:
        headers["content-range"] = f"bytes {first}-{end - 1}/{total}"
    body = _pieces(recording, size, first, end)
    if end - first <= _AT_ONCE_BYTES:
        # Under load, every piece that is sent by itself waits for a thread.
        return Response(b"".join(body), 206 if part else 200, headers, "audio/wav")
    return StreamingResponse(body, 206 if part else 200, headers, "audio/wav")


def _part(header: str, total: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for anything but one range, which RFC 9110 lets be ignored."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        first, end = max(0, total - int(match[2])), total
    else:
        first, end = int(match[1]), min(total, int(match[2]) + 1 if match[2] else total)
        if match[2] and int(match[2]) < first:
            return None
    if first >= end:
        raise Refused(
            416,
            "range-not-satisfiable",
            f"The recording has {total} bytes",
            "Ask for a range within it",
            {"content-range": f"bytes */{total}"},
        )
    return first, end


def _pieces(recording: Recording, size: int, first: int, end: int) -> Iterator[bytes]:
    header = _wav_header(size)[first:end]
    if header:
        yield header
    sample, skipped = divmod(max(0, first - _HEADER_BYTES), 2)
    left = end - max(first, _HEADER_BYTES)
    pieces = recording.pieces(sample) if left > 0 else iter(())
    for samples in pieces:
        piece = pcm16_bytes(samples)[skipped:][:left]
        skipped, left = 0, left - len(piece)
        yield piece
        if left <= 0:
            return


def _wav_header(size: int) -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, SAMPLE_RATE, 2 * SAMPLE_RATE, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack("<4sI", b"data", size)
