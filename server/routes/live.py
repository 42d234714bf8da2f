"""`WS sessions/ID/live`: sound in (s16le, mono, 16 kHz, as binary messages), events out (JSON, as text messages).

Out come the session's events as they are in its log, and twice a second a `state` with the clock, the stage and the
input level. A session that hears the desk's microphone needs no sound. A text message `end` ends the session, and so
does closing the connection; the last event is `session_ended`, after which the report is there; of one that cannot be
held, `problem`. A connection that is lost may be opened again within GRACE_SECONDS; with `?after=N` it goes on after
the first N events.
"""

import asyncio
import contextlib
import time
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from assistant.log import NAME
from prompts.errors import UserError
from server.live import Live
from server.problem_details import problem_of
from server.routes.session_events import named, new_lines
from server.services import Here, Services

router = APIRouter(prefix="/sessions")

GRACE_SECONDS = 20.0
TAKEN_OVER = 4000
"""Code with which a connection is closed when a later one goes on with its session."""

_LOOK_SECONDS = 0.2
_STATE_SECONDS = 0.5
_MOST_AHEAD_SECONDS = 30.0
_MEANT = (1000, 1005)
"""Closing codes of a client that means it (RFC 6455, 7.4.1): normal, or a closing frame without any."""


@router.websocket("/{id}/live")
async def live(
    websocket: WebSocket, id: str, here: Here, after: Annotated[int, Query(ge=0, le=10_000_000)] = 0
) -> None:
    """A few at a time: recognising while somebody speaks takes a good part of the machine."""
    try:
        session = await run_in_threadpool(here.begin_live, id)
    except UserError as error:
        await websocket.send_denial_response(problem_of(error, named_in_path=True))
        return
    connection = session.attach()
    await websocket.accept()
    listening = asyncio.create_task(_listen(websocket, session))
    # Starlette's two ways of saying that nobody is there any more.
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await _tell(websocket, session, connection, here, id, after)
    if session.connection == connection and not session.ended.is_set():
        await _hold(session, connection, listening, here)
    listening.cancel()
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        if session.connection != connection:
            await websocket.close(TAKEN_OVER, "The session goes on over another connection")
        elif session.failure is None:
            await websocket.close(1000)
        else:
            failure = session.failure
            # A close frame has room for 123 bytes (RFC 6455, 5.5), which what to do about it seldom fits into.
            await websocket.send_json({"event": "problem", "detail": failure.what, "fix": failure.fix})
            await websocket.close(1011, failure.what.encode()[:123].decode(errors="ignore"))


async def _listen(websocket: WebSocket, session: Live) -> bool:
    """Take sound until the client ends or is gone; never much faster than it can have been spoken.

    Whether it meant to go, as opposed to a page that is loaded again and a network that is lost.
    """
    over = False
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            # Of a connection that is lost, uvicorn tells 1005 as well; only of a closing frame it tells a reason.
            return over or (message.get("code") in _MEANT and "reason" in message)
        if message.get("text") == "end":
            # Who sends on is still read: unread, an answer to a ping would wait behind it, and the connection be given up.
            over = True
            session.stop(finished=True)
        elif message.get("bytes") and not over:
            session.feed(message["bytes"])
            while session.ahead_seconds > _MOST_AHEAD_SECONDS:
                await asyncio.sleep(_LOOK_SECONDS)


async def _tell(websocket: WebSocket, session: Live, connection: int, here: Services, id: str, after: int) -> None:
    """Send what happens until the session has ended or somebody else is told."""
    path = here.store.folder(id) / NAME
    offset, told, number = 0, 0.0, 0
    ended = over = False
    while not ended and session.connection == connection:
        # Asked first: whatever was written before is then read below.
        ended = session.ended.is_set()
        lines, offset = await run_in_threadpool(new_lines, path, offset)
        for line in lines:
            number += 1
            if number > after:
                await websocket.send_text(line)
            # What is still to be done is the report: nothing more is said of the session.
            over = over or ((event := named(line)) is not None and event[1])
        if not (ended or over) and time.monotonic() - told >= _STATE_SECONDS and (state := session.state()):
            told = time.monotonic()
            await websocket.send_text(state)
        if here.ending:
            session.stop(finished=False)
        if not ended:
            await asyncio.sleep(_LOOK_SECONDS)


async def _hold(session: Live, connection: int, listening: asyncio.Task[bool], here: Services) -> None:
    """Wait for somebody who was lost to come back; else bring the session to its end."""
    await asyncio.wait({listening}, timeout=_LOOK_SECONDS)
    meant = listening.done() and listening.exception() is None and listening.result()
    end = time.monotonic() + (0.0 if meant else GRACE_SECONDS)
    while time.monotonic() < end and not here.ending and not session.ended.is_set():
        if session.connection != connection:
            return
        await asyncio.sleep(_LOOK_SECONDS)
    if session.connection == connection:
        session.stop(finished=False)
        await run_in_threadpool(session.ended.wait)
