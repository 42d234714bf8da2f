"""Which methods an address takes, and `HEAD` wherever it takes `GET`: the same answer without its body (RFC 9110, 9.3.2)."""

from starlette.requests import Request
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class HeadAsGet:
    """ASGI middleware that asks the application for `GET` where `HEAD` was asked, and lets only the head out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _head_of(send)
        await self._app(scope, receive, send)


def _head_of(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            # Whoever streams is told that nobody listens any more once the answer is whole.
            await send({"type": "http.response.body"})

    return sending


def allowed(request: Request) -> str:
    """The methods that a request's address takes, as the header `Allow` lists them.

    Starlette itself names those of one route, but the methods of an address may be several routes.
    """
    routes = request.app.router.routes
    taken = [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    if "GET" in taken:
        taken.insert(1, "HEAD")
    return ", ".join(taken)
