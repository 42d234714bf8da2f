"""A transcript while it comes to be, as OpenAI streams one: an event for each sentence, then one with all of it.

https://platform.openai.com/docs/api-reference/audio/transcript-text-delta-event
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from prompts.errors import UserError
from server.recognition import Heard
from server.work import Job
from speech.transcript import Utterance

_LOOK_SECONDS = 0.2
_PATIENCE_SECONDS = 5.0
"""How long an error is still answered with its status; then the answer begins, whatever may come."""

_ALIVE_SECONDS = 15.0


class Said:
    """Sentences on their way from the worker's thread to the event loop."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._any = False

    def tell(self, utterances: Sequence[Utterance]) -> None:
        """Take what was recognised next."""
        for utterance in utterances:
            self._waiting.append(f" {utterance.text}" if self._any else utterance.text)
            self._any = True

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def take(self) -> str:
        """The next sentence, from the second on with the blank before it."""
        return self._waiting.popleft()


async def stream(job: Job[Heard], said: Said, request: Request) -> Response:
    """Begin to answer with what a job tells. Raises whatever it raises before its first sentence."""
    began = time.monotonic()
    while not (said or job.future.done() or time.monotonic() - began > _PATIENCE_SECONDS):
        await asyncio.sleep(_LOOK_SECONDS)
    if job.future.done():
        job.future.result()
    return StreamingResponse(_events(job, said, request), 200, {"cache-control": "no-cache"}, "text/event-stream")


async def _events(job: Job[Heard], said: Said, request: Request) -> AsyncIterator[str]:
    quiet = 0.0
    try:
        while not request.app.state.services.ending:
            # Asked first: whatever was said before the end is then told below.
            over = job.future.done()
            while said:
                quiet = 0.0
                yield _event({"type": "transcript.text.delta", "delta": said.take()})
            if over:
                yield _event(_last(job))
                return
            quiet += _LOOK_SECONDS
            if quiet >= _ALIVE_SECONDS:
                quiet = 0.0
                yield ": still here\n\n"
            await asyncio.sleep(_LOOK_SECONDS)
    finally:
        # Nobody listens any more.
        job.stop()


def _last(job: Job[Heard]) -> dict[str, Any]:
    error = job.future.exception()
    if error is None:
        text = " ".join(utterance.text for utterance in job.future.result().utterances)
        return {"type": "transcript.text.done", "text": text}
    message = str(error) if isinstance(error, UserError) else "Something in the program went wrong"
    return {"type": "error", "error": {"type": "server_error", "message": message}}


def _event(data: dict[str, Any]) -> str:
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n"
