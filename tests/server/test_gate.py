"""Who is let in, and with how much. Who is not: `tests/scorecard/test_foreign_requests.py`."""

import contextlib
import json
import socket

import httpx
import pytest

from tests.scorecard.raw import ask
from tests.server.conftest import Served, page_paths, problem

pytestmark = pytest.mark.hostile


@pytest.mark.parametrize(
    "host", ["localhost:{port}", "LOCALHOST:{port}", "127.0.0.1:{port}", "127.1.2.3:{port}", "[::1]:{port}"]
)
def test_names_of_this_machine_are_let_in(served: Served, api: httpx.Client, host: str) -> None:
    assert api.get("/api/v1/health", headers={"host": host.format(port=served.port)}).status_code == 200


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
def test_what_the_browser_says_of_a_requests_site_counts(api: httpx.Client, site: str, status: int) -> None:
    assert api.get("/api/v1/health", headers={"sec-fetch-site": site}).status_code == status


LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
"""What a browser says when somebody follows a link on a page of another site."""


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_on_another_site_opens_every_page(api: httpx.Client, session: str, site: str) -> None:
    made = api.post("/api/v1/analyses", json={"utterances": [{"start": 0, "end": 1, "text": "Who are the users?"}]})
    ids = {"problems": "feed", "sessions": session, "practice": session, "analyses": made.json()["id"]}
    paths = [path for path in page_paths() if "." not in path and not path.startswith("/static/")]
    assert len(paths) >= 10
    for path in paths:
        address = path.format(id=ids.get(path.split("/")[1]))
        opened = api.get(address, headers=LINK | {"sec-fetch-site": site})
        assert opened.status_code == api.get(address).status_code < 400, path
        assert "frame-ancestors 'none'" in opened.headers["content-security-policy"]
        assert opened.headers["cross-origin-opener-policy"] == "same-origin"
    assert api.get("/nowhere", headers=LINK).status_code == 404


def test_a_link_on_another_site_opens_no_data_and_a_page_says_so(
    served: Served, api: httpx.Client, session: str
) -> None:
    document = api.get("/openapi.json").json()
    paths = [path for path, methods in document["paths"].items() if "get" in methods]
    paths += ["/sessions/{id}/waveform.svg", "/openapi.json", "/static/pages.css", "/v1/audio/transcriptions"]
    paths += ["/api/v1/sessions/{id}/report?format=html", "/%61pi/v1/sessions", "/api/v1/sessions/", "/api"]
    for path in paths:
        refused = api.get(path.format(id=session), headers=LINK)
        assert refused.status_code == 403, path
        assert refused.headers["content-type"].startswith("text/html")
        assert "Open the address that `viva serve` prints" in refused.text
    assert api.get(f"{served.url}//api/v1/sessions", headers=LINK).status_code == 404


@pytest.mark.parametrize(
    "other",
    [
        {"sec-fetch-dest": "iframe"},
        {"sec-fetch-dest": "object"},
        {"sec-fetch-dest": "empty"},
        {"sec-fetch-dest": ""},
        {"sec-fetch-mode": "no-cors"},
        {"sec-fetch-mode": "cors"},
        {"sec-fetch-mode": "navigate, navigate"},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"host": "evil.example"},
    ],
)
def test_what_is_not_quite_a_link_opens_nothing(api: httpx.Client, other: dict[str, str]) -> None:
    assert api.get("/", headers=LINK | other).status_code == 403


def test_a_form_of_another_site_sends_nothing(served: Served, api: httpx.Client) -> None:
    for origin in ({}, {"origin": "null"}, {"origin": served.url}):
        for address in ("/", "/analyses", "/api/v1/sessions", "/api/v1/analyses"):
            assert api.post(address, data={"text": "hello"}, headers=LINK | origin).status_code == 403


def test_a_page_of_this_server_is_let_in(served: Served, api: httpx.Client) -> None:
    headers = {"origin": served.url, "sec-fetch-site": "same-origin"}
    rows = {"utterances": [{"start": 0, "end": 1, "text": "Who are the users?"}]}
    assert api.post("/api/v1/analyses", json=rows, headers=headers).status_code == 200


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
    answer = ask(served, [f"POST {path} HTTP/1.1", host, f"Content-Type: {kind}", f"Content-Length: {size}"])
    assert answer.split()[1] == b"413"
    told = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert told["type"] == "urn:vivavoce:too-large"
    # A recording can be worked on without a server, a body of JSON cannot.
    commands = {"/api/v1/analyses": "viva analyze", "/v1/audio/transcriptions": "viva transcribe"}
    command = commands.get(path) if kind.startswith("multipart") else None
    assert (command or "Send less: ") in told["fix"] and ("viva " in told["fix"]) == (command is not None)


@pytest.mark.parametrize("name", ["t.txt", "t.srt", "t.json"])
def test_a_transcript_that_is_too_large_is_so_in_a_form_too(api: httpx.Client, name: str) -> None:
    content = b" " * 20_000_001
    as_form = problem(api.post("/api/v1/analyses", files={"file": (name, content)}), 413)
    as_body = problem(api.post("/api/v1/analyses", content=content, headers={"content-type": "text/plain"}), 413)
    for told in (as_form, as_body):
        assert told["type"] == "urn:vivavoce:too-large" and "over 20,000,000 bytes" in str(told["detail"])
    assert problem(api.post("/api/v1/analyses", files={"file": (name, content[:-1])}), 422)["type"] != as_form["type"]
