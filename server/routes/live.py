"""`WS sessions/ID/live`: sound in (s16le, mono, 16 kHz, as binary messages), events out (JSON, as text messages).

Out come the session's events as they are in its log, and twice a second a `state` with the clock, the stage and the
input level. A text message `end` ends the session, and so does closing the connection; the last event is
`session_ended`, after which the report is there.
"""

import asyncio
import contextlib
import time

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from assistant.log import NAME
from prompts.errors import UserError
from server.live import Live
from server.problem_details import problem_of
from server.routes.session_events import new_lines
from server.services import Here, Services

router = APIRouter(prefix="/sessions")

_LOOK_SECONDS = 0.2
_STATE_SECONDS = 0.5
_MOST_AHEAD_SECONDS = 30.0


@router.websocket("/{id}/live")
async def live(websocket: WebSocket, id: str, here: Here) -> None:
    """One at a time: recognising while somebody speaks needs the whole machine."""
    try:
        session = await run_in_threadpool(here.begin_live, id)
    except UserError as error:
        await websocket.send_denial_response(problem_of(error, named_in_path=True))
        return
    await websocket.accept()
    listening = asyncio.create_task(_listen(websocket, session))
    try:
        await _tell(websocket, session, here, id)
    except (WebSocketDisconnect, RuntimeError):
        # Starlette's two ways of saying that nobody is there any more; the session is still brought to its end.
        session.stop(finished=False)
        await run_in_threadpool(session.ended.wait)
    finally:
        session.stop(finished=False)
        listening.cancel()
    failure = session.failure
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        if failure is None:
            await websocket.close(1000)
        else:
            await websocket.close(1011, str(failure)[:120])


async def _listen(websocket: WebSocket, session: Live) -> None:
    """Take sound until the client ends; never much faster than it can have been spoken."""
    began, finished = time.monotonic(), False
    while not finished:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            break
        if message.get("bytes"):
            session.source.feed(message["bytes"])
            while session.source.ahead_seconds(began) > _MOST_AHEAD_SECONDS:
                await asyncio.sleep(_LOOK_SECONDS)
        finished = message.get("text") == "end"
    session.stop(finished)


async def _tell(websocket: WebSocket, session: Live, here: Services, id: str) -> None:
    """Send what happens until the session has ended."""
    path = here.store.folder(id) / NAME
    offset, told = 0, 0.0
    ended = False
    while not ended:
        # Asked first: whatever was written before is then read below.
        ended = session.ended.is_set()
        lines, offset = await run_in_threadpool(new_lines, path, offset)
        for line in lines:
            await websocket.send_text(line)
        if not ended and time.monotonic() - told >= _STATE_SECONDS and (state := session.state()):
            told = time.monotonic()
            await websocket.send_text(state)
        if here.ending:
            session.stop(finished=False)
        if not ended:
            await asyncio.sleep(_LOOK_SECONDS)
