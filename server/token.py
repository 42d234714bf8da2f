"""The token that every request shows where other machines can reach the server.

Ways of showing it as in Jupyter Server: once in the address, which sets a cookie, or in the Authorization header. It is
kept in the data folder, so that programs need not be told a new one at each start; deleting the file makes a new one.
"""

import hmac
import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.settings import DataFolderUnusable
from server.pages.errors import as_page
from server.problem_details import problem_response

_FILE = "token"
_PARAMETER = "token"
_BYTES = 32
_LEAST_LENGTH = 22
"""128 bits as base64: what cannot be guessed (OWASP, Session Management)."""

_OPEN = "/static/"


def kept_token(root: Path) -> str:
    """The token of a data folder, made when there is none; its file is the owner's alone. Raises DataFolderUnusable."""
    file = root / _FILE
    try:
        if file.is_file() and len(kept := file.read_text("utf-8", "replace").strip()) >= _LEAST_LENGTH:
            return kept
        token = secrets.token_urlsafe(_BYTES)
        file.unlink(missing_ok=True)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as written:
            written.write(f"{token}\n")
    except OSError as error:
        raise DataFolderUnusable(root, error.strerror or "unknown error") from error
    return token


class TokenAsked:
    """ASGI middleware that lets only requests with the token pass; the pages' styles and scripts are no secret."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"].startswith(_OPEN) or self._shown(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Before it is accepted, closing a websocket answers 403.
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if scope["method"] == "GET" and any(name == _PARAMETER and self._right(value) for name, value in query):
            rest = urlencode([pair for pair in query if pair[0] != _PARAMETER])
            # Away from the address, which browsers keep and people copy.
            answer = RedirectResponse(f"/{scope['path'].lstrip('/')}{'?' if rest else ''}{rest}", 303)
            # Lax: a link on another site opens pages, as this very address does when it arrives by mail that a browser shows.
            answer.set_cookie(_cookie(scope), self._token, httponly=True, samesite="lax")
            return answer
        problem = problem_response(
            401,
            "token-needed",
            "This server can be reached from other machines, and answers only those who know its token",
            "Open the address that `viva serve` printed, or send the header Authorization: Bearer TOKEN",
            headers={"www-authenticate": "Bearer"},
            path=scope["path"],
        )
        return as_page(Request(scope), problem)

    def _shown(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._right(credentials.strip()):
            return True
        return self._right(cookie_parser(headers.get("cookie", "")).get(_cookie(scope), ""))

    def _right(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())


def _cookie(scope: Scope) -> str:
    # Cookies do not tell ports apart, and another server's would take the place of this one's.
    return f"vivavoce-{scope['server'][1]}"
