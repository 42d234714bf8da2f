"""A session's log as server-sent events: what happened so far, then what happens, until it ends."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from assistant.events import SessionEnded, decode
from assistant.log import NAME, is_running
from server.services import Here

router = APIRouter(tags=["sessions"], prefix="/sessions")

_LOOK_SECONDS = 0.15
"""An event is to be told within 0.3 s."""

_RUNNING_SECONDS = 1.0
_ALIVE_SECONDS = 15.0


def _left(id: str, here: Here, last_event_id: Annotated[int, Header(ge=0, le=10_000_000)] = 0) -> tuple[Path, int]:
    """The log, and how many of its lines were received. Raises HTTPException (204) where those were all."""
    path = here.store.folder(id) / NAME
    received = new_lines(path, 0)[0][:last_event_id]
    if any((event := named(line)) is not None and event[1] for line in received):
        # What a browser's EventSource takes for the end; after any other answer it asks again for ever.
        raise HTTPException(204)
    return path, last_event_id


@router.get(
    "/{id}/events",
    summary="What happens in a session, as it happens",
    response_class=EventSourceResponse,
    responses={204: {"description": "The session has ended, and by `Last-Event-ID` everything was received"}},
)
async def session_events(
    here: Here, left: Annotated[tuple[Path, int], Depends(_left)]
) -> AsyncIterator[ServerSentEvent]:
    """Each event's id is its line in the log; with `Last-Event-ID` the stream goes on after that one.

    It ends with the session, and for one that nobody is running after what there is.
    """
    path, last_event_id = left
    offset, number, quiet, asked = 0, 0, 0.0, float("-inf")
    while True:
        # Asked first: whatever was written before it ended is then read below.
        if time.monotonic() - asked >= _RUNNING_SECONDS:
            running = await run_in_threadpool(is_running, path.parent)
            asked = time.monotonic()
        grown = path.stat().st_size > offset
        lines, offset = await run_in_threadpool(new_lines, path, offset) if grown else ([], offset)
        for line in lines:
            number += 1
            event = named(line)
            if number > last_event_id and event is not None:
                yield ServerSentEvent(raw_data=line, event=event[0], id=str(number))
            if event is not None and event[1]:
                return
        if not running or here.ending:
            return
        quiet = 0.0 if lines else quiet + _LOOK_SECONDS
        if quiet >= _ALIVE_SECONDS:
            quiet = 0.0
            yield ServerSentEvent(comment="still here")
        await asyncio.sleep(_LOOK_SECONDS)


def new_lines(path: Path, offset: int) -> tuple[list[str], int]:
    """Complete lines from an offset on, and the offset after them."""
    with path.open("rb") as file:
        file.seek(offset)
        new = file.read()
    whole = new[: new.rfind(b"\n") + 1]
    # Text has more line ends than the log: a note may hold one.
    return whole.decode("utf-8", "replace").split("\n")[:-1], offset + len(whole)


def named(line: str) -> tuple[str, bool] | None:
    """The event's name and whether it is the last one; None for a line that is damaged or of a newer version."""
    try:
        event = decode(line)
    except ValueError:
        return None
    return None if event is None else (json.loads(line)["event"], isinstance(event, SessionEnded))
