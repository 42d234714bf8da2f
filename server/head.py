"""`HEAD` as RFC 9110 has it: what `GET` would answer, without the body; at every address at once."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """ASGI middleware that asks the application for `GET` where `HEAD` was asked, and lets only the head out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self._app({**scope, "method": "GET"}, receive, _head_of(_listing_head(send)))
        else:
            await self._app(scope, receive, _listing_head(send))


def _head_of(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            # An answer that is whole is what whoever streams takes for an end: nothing more is made of it.
            await send({"type": "http.response.body"})

    return sending


def _listing_head(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 405:
            headers = MutableHeaders(scope=message)
            if "GET" in headers.get("allow", "").split(", "):
                headers["allow"] += ", HEAD"
        await send(message)

    return sending
