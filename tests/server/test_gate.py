"""What a page of another site, or another name for this machine, must not be able to do."""

import contextlib
import json
import socket

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.server.conftest import Served, problem

pytestmark = pytest.mark.hostile


def raw(served: Served, head: list[str], body: bytes = b"") -> bytes:
    """Send a request as it stands; what comes back before the server closes or falls silent."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + body)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65536):
                answer += piece
    return answer


def test_the_server_listens_on_loopback_alone(served: Served) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: connecting a datagram socket only picks the address others would see.
        with contextlib.suppress(OSError):
            probe.connect(("192.0.2.1", 9))
        outside = probe.getsockname()[0]
    if outside not in ("0.0.0.0", "127.0.0.1"):
        with pytest.raises(OSError):
            socket.create_connection((outside, served.port), timeout=5)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example:{port}",
        "localhost.evil.example:{port}",
        "x@127.0.0.1:{port}",
        "127.0.0.1:{port}@evil.example",
        "localhost:1",
        "127.0.0.1",
        "127.0.0.1:{port}0",
        "0.0.0.0:{port}",
        "192.168.0.1:{port}",
        "[::]:{port}",
        "",
        "localhost:{port},evil.example",
        "localhost :{port}",
    ],
)
def test_any_other_host_is_refused(served: Served, api: httpx.Client, host: str) -> None:
    response = api.get("/api/v1/sessions", headers={"host": host.format(port=served.port)})
    assert response.status_code in (400, 403)
    if response.status_code == 403:
        problem(response, 403)


@pytest.mark.parametrize(
    "host", ["localhost:{port}", "LOCALHOST:{port}", "127.0.0.1:{port}", "127.1.2.3:{port}", "[::1]:{port}"]
)
def test_names_of_this_machine_are_let_in(served: Served, api: httpx.Client, host: str) -> None:
    assert api.get("/api/v1/health", headers={"host": host.format(port=served.port)}).status_code == 200


def test_two_hosts_or_none_are_refused(served: Served) -> None:
    good = f"Host: 127.0.0.1:{served.port}"
    for head in (["GET /api/v1/health HTTP/1.1", good, "Host: evil.example"], ["GET /api/v1/health HTTP/1.0"]):
        answer = raw(served, [*head, "Connection: close"])
        assert answer.split()[1] in (b"400", b"403")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://localhost:1", "http://localhost:{port}", "http://127.0.0.1:{port}.evil.example"])  # fmt: skip
def test_pages_of_other_origins_are_refused(served: Served, api: httpx.Client, origin: str) -> None:
    headers = {"origin": origin.format(port=served.port)}
    before = api.get("/api/v1/sessions").json()["total"]
    problem(api.get("/api/v1/sessions", headers=headers), 403)
    problem(api.post("/api/v1/sessions", json={}, headers=headers), 403)
    problem(api.post("/api/v1/analyses", files={"file": ("t.txt", "hello")}, headers=headers), 403)
    problem(
        api.post("/api/v1/analyses", content=b'{"utterances":[]}', headers={**headers, "content-type": "text/plain"}),
        403,
    )
    problem(
        api.request("OPTIONS", "/api/v1/sessions", headers={**headers, "access-control-request-method": "DELETE"}), 403
    )
    assert api.get("/api/v1/sessions").json()["total"] == before


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
def test_what_the_browser_says_of_a_requests_site_counts(api: httpx.Client, site: str, status: int) -> None:
    assert api.get("/api/v1/health", headers={"sec-fetch-site": site}).status_code == status


def test_a_page_of_this_server_is_let_in(served: Served, api: httpx.Client) -> None:
    headers = {"origin": served.url, "sec-fetch-site": "same-origin"}
    rows = {"utterances": [{"start": 0, "end": 1, "text": "Who are the users?"}]}
    assert api.post("/api/v1/analyses", json=rows, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_websockets_of_other_pages_are_refused(served: Served, headers: dict[str, str]) -> None:
    url = f"ws://127.0.0.1:{served.port}/api/v1/sessions/20260101-000000-ffff/live"
    with pytest.raises(InvalidStatus) as refused:
        connect(url, additional_headers=headers, proxy=None)
    assert refused.value.response.status_code == 403


def chunked(served: Served, path: str, kind: str, size: int) -> bytes:
    """Send a body without saying how long it is; the answer, which comes before all is sent."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nContent-Type: {kind}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    piece = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall(head.encode())
        with contextlib.suppress(ConnectionError):
            for _ in range(size // 0x10000 + 1):
                connection.sendall(piece)
            connection.sendall(b"0\r\n\r\n")
        answer = b""
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65536):
                answer += piece
    return answer


@pytest.mark.parametrize(("path", "size"), [("/api/v1/sessions", 200_000), ("/api/v1/analyses", 21_000_000)])
def test_a_body_that_grows_too_large_is_cut_off(served: Served, api: httpx.Client, path: str, size: int) -> None:
    answer = chunked(served, path, "application/json", size)
    # A server that closes while we still send may take its answer with it.
    assert not answer or answer.split()[1] == b"413"
    assert api.get("/api/v1/health").status_code == 200


@pytest.mark.parametrize(
    ("path", "kind", "size"),
    [
        ("/api/v1/sessions", "application/json", 70_000),
        ("/api/v1/sessions", "multipart/form-data; boundary=b", 70_000),
        ("/api/v1/analyses", "application/json", 20_000_001),
        ("/api/v1/analyses", "multipart/form-data; boundary=b", 700_000_001),
        ("/v1/audio/transcriptions", "multipart/form-data; boundary=b", 10**18),
    ],
)
def test_a_body_that_says_it_is_too_large_is_not_even_read(served: Served, path: str, kind: str, size: int) -> None:
    host = f"Host: 127.0.0.1:{served.port}"
    answer = raw(served, [f"POST {path} HTTP/1.1", host, f"Content-Type: {kind}", f"Content-Length: {size}"])
    assert answer.split()[1] == b"413"
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["type"] == "urn:vivavoce:too-large"
