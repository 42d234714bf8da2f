"""The gate in front of everything: only programs and pages of this machine get in, and only with so much.

Listening on loopback keeps other machines out, not web pages: the browser that shows them runs on this machine. A
page of another site can send requests here, open websockets, and rename this machine (DNS rebinding). So a request
must name this machine and port as its host, and must not come from another origin. Methods as in Jupyter Server
(host) and Go 1.25's CrossOriginProtection (fetch metadata), for websockets too.

A link on another site may open a page of ours, as in the resource isolation policy of web.dev (fetch metadata): a page
changes nothing by being opened, is shown to the user alone, and can neither be framed nor reached by who opened it.
Data stays closed to links, too; a page says so, and what to do.

Where other machines are let in, by `server/token.py`, any address may be the host: a page that renamed this machine
would have to give its name.
"""

import ipaddress
import re
from collections.abc import Callable

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.pages.errors import page_of
from server.problem_details import problem_response, too_large_fix

_HOST = re.compile(r"(localhost|[0-9.]+|\[[0-9a-f:]+\])(?::([0-9]{1,5}))?")
_DATA = re.compile(r"/(api|v1|static)(/.*)?|.*\.[^/]*", re.DOTALL)
"""Addresses that are no pages: those of programs, and whatever has an ending."""

_SECURITY = {
    "content-security-policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class Gate:
    """ASGI middleware that lets only this machine's own requests pass.

    largest_body: bytes a request may send, by path and content type; counted while they come in, so that a body of
    unknown length is stopped at the same size. remote: other machines are let in, too.
    """

    def __init__(self, app: ASGIApp, largest_body: Callable[[str, str], int], remote: bool) -> None:
        self._app = app
        self._largest_body = largest_body
        self._remote = remote

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        reason = refusal(scope, self._remote)
        if scope["type"] == "websocket":
            if reason:
                # Before it is accepted, closing a websocket answers 403.
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(scope, receive, send)
            return
        send, headers = _with_security_headers(send), Headers(scope=scope)
        if reason:
            answer = problem_response(
                403, "foreign-request", reason, "Open the address that `viva serve` prints", path=scope["path"]
            )
            if _is_followed(headers):
                answer = page_of(answer, scope["path"])
            await answer(scope, receive, send)
            return
        kind = headers.get("content-type", "")
        limit = self._largest_body(scope["path"], kind)
        if int(headers.get("content-length") or 0) > limit:
            answer = problem_response(
                413,
                "too-large",
                f"The request's body is over {limit:,} bytes",
                too_large_fix(scope["path"], kind),
                headers={"connection": "close"},
                path=scope["path"],
            )
            await answer(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)


def refusal(scope: Scope, remote: bool) -> str | None:
    """Why a request is not let in, or None.

    The host must be a loopback address, or any where remote is true, or localhost, with the port that was connected to;
    an origin, where there is one, must be that host; a browser must not say that another site started the request,
    but for a link to a page.
    """
    headers = Headers(scope=scope)
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if len(hosts) != 1 or not _is_here(hosts[0], scope, remote):
        return "The request does not name this machine as its host"
    if len(origins) > 1 or (origins and origins[0].lower() != f"http://{hosts[0].lower()}"):
        return "The request comes from a page of another site"
    foreign = any(site not in ("same-origin", "none") for site in headers.getlist("sec-fetch-site"))
    if foreign and (origins or not _opens_page(scope, headers)):
        return "The request was started by another site"
    return None


def _opens_page(scope: Scope, headers: Headers) -> bool:
    asked = scope["type"] == "http" and scope["method"] == "GET"
    return asked and _is_followed(headers) and _DATA.fullmatch(scope["path"]) is None


def _is_followed(headers: Headers) -> bool:
    """Whether a browser says that it goes to this address, in a window of its own."""
    return headers.getlist("sec-fetch-mode") == ["navigate"] and headers.getlist("sec-fetch-dest") == ["document"]


def _is_here(host: str, scope: Scope, remote: bool) -> bool:
    server = scope.get("server")
    match = _HOST.fullmatch(host.lower())
    if match is None or server is None or int(match[2] or 80) != server[1]:
        return False
    if match[1] == "localhost":
        return True
    try:
        return ipaddress.ip_address(match[1].strip("[]")).is_loopback or remote
    except ValueError:
        return False


def _counted(receive: Receive, limit: int) -> Receive:
    received = 0

    async def counting() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413, headers={"connection": "close"})
        return message

    return counting


def _with_security_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _SECURITY.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
