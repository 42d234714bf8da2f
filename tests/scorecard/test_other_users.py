"""Loopback belongs to everybody who has an account on the machine; what is recorded does not."""

import os
import subprocess
import sys

import httpx
import pytest

from tests.scorecard.conftest import Claim
from tests.server.conftest import Served

pytestmark = pytest.mark.hostile

_NOBODY = 65534
# As whom, then what to ask for; what came back, or nothing.
_ASK = """
import encodings.idna, os, socket, sys
os.setuid(int(sys.argv[1]))
with socket.create_connection(("127.0.0.1", int(sys.argv[2])), timeout=20) as connection:
    try:
        connection.sendall(sys.stdin.buffer.read())
        while piece := connection.recv(65536):
            sys.stdout.buffer.write(piece)
    except ConnectionError:
        pass
"""


def asked(served: Served, user: int, request: str) -> bytes:
    return subprocess.run(
        [sys.executable, "-c", _ASK, str(user), str(served.port)],
        input=request.encode(),
        capture_output=True,
        check=True,
    ).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whose a connection is")
def test_another_user_is_not_served(claim: Claim, served: Served, session: str, api: httpx.Client) -> None:
    if os.getuid() != 0:
        pytest.skip("only root may try it as somebody else")
    row = claim("B14", "Another user of this machine is not answered (Linux)")
    tail = f" HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nConnection: close\r\n"
    upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    requests = [
        f"GET /api/v1/sessions{tail}\r\n",
        f"GET /api/v1/sessions/{session}/audio{tail}\r\n",
        f"DELETE /api/v1/sessions/{session}{tail}\r\n",
        f"GET /{tail}\r\n",
        f"GET /api/v1/sessions/{session}/live{tail}{upgrade}\r\n",
    ]
    # The same, asked by the one whose server it is, is answered.
    assert b"200 OK" in asked(served, os.getuid(), requests[0])
    answered = [request for request in requests if asked(served, _NOBODY, request)]
    row.tried(f"{len(requests)} requests of a process that runs as another user")
    row.none("requests answered", answered)
    assert api.get(f"/api/v1/sessions/{session}").status_code == 200
