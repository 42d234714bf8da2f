"""Requests as they stand, which no client library would send."""

import contextlib
import socket
from collections.abc import Sequence

from tests.server.conftest import Served


def ask(served: Served, head: Sequence[str], body: bytes = b"") -> bytes:
    """Send a request's lines; what comes back before the server closes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode("utf-8", "surrogateescape") + body)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65536):
                answer += piece
    return answer


def status(served: Served, head: Sequence[str], body: bytes = b"") -> int:
    """The status a request is answered with; 0 for none. It should ask for the connection to be closed."""
    line = ask(served, head, body).partition(b"\r\n")[0].split()
    return int(line[1]) if len(line) > 1 else 0
