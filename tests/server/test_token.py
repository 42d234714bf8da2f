"""Where other machines are let in, only who knows the token is answered. A browser: `tests/pages/test_token.py`."""

import contextlib
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from openai import OpenAI
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.assistant.viva import VIVA
from tests.server.conftest import Served, problem, start, stop
from tests.server.test_serving import refused

pytestmark = pytest.mark.hostile

PATHS = ("/", "/practice", "/sessions", "/api/v1/health", "/api/v1/sessions", "/openapi.json", "/nowhere", "/static")


@dataclass(frozen=True, slots=True)
class Remote:
    """A server that other machines could reach; it is reached over loopback here."""

    served: Served

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.served.port}"

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.served.url).query)["token"][0]


@contextlib.contextmanager
def serve_remote(folder: Path) -> Iterator[Remote]:
    """Start one on all addresses of this machine."""
    served = start(folder, arguments=["--host", "0.0.0.0", "--allow-remote"])
    try:
        yield Remote(served)
    finally:
        stop(served)


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    with serve_remote(tmp_path_factory.mktemp("remote")) as remote:
        yield remote


@pytest.mark.parametrize("shown", ["nothing", "a wrong one", "a part", "in another header", "another port's cookie"])
def test_without_the_token_nothing_is_answered(remote: Remote, shown: str) -> None:
    headers = {
        "nothing": {},
        "a wrong one": {"authorization": f"Bearer {remote.token[::-1]}"},
        "a part": {"authorization": f"Bearer {remote.token[:-1]}"},
        "in another header": {"x-token": remote.token, "authorization": f"Basic {remote.token}"},
        "another port's cookie": {"cookie": f"vivavoce-1={remote.token}"},
    }[shown]
    with httpx.Client(base_url=remote.url, headers=headers) as client:
        for path in PATHS:
            answer = client.get(path)
            assert problem(answer, 401)["type"] == "urn:vivavoce:token-needed"
            assert remote.token not in answer.text
            assert client.delete(path).status_code == 401
            assert client.post(f"{path}?token={remote.token}").status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_programs_show_it_in_a_header(remote: Remote, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {remote.token}"}
    assert httpx.get(f"{remote.url}/api/v1/problems", headers=headers).status_code == 200


def test_openais_client_shows_it_as_its_key(remote: Remote, clip: bytes) -> None:
    client = OpenAI(base_url=f"{remote.url}/v1", api_key=remote.token)
    assert "movies" in client.audio.transcriptions.create(file=("a.wav", clip), model="whisper-1").text


def test_a_browser_opens_the_printed_address_once_and_keeps_a_cookie(remote: Remote) -> None:
    with httpx.Client(base_url=remote.url) as browser:
        opened = browser.get(f"/sessions?state=all&token={remote.token}")
        assert (opened.status_code, opened.headers["location"]) == (303, "/sessions?state=all")
        kept = opened.headers["set-cookie"].lower()
        assert "httponly" in kept and "samesite=lax" in kept
        assert browser.get("/sessions").status_code == 200
        id = browser.post("/api/v1/sessions", json={}).json()["id"]
        socket = f"ws{remote.url.removeprefix('http')}/api/v1/sessions/{id}/live"
        with pytest.raises(InvalidStatus):
            connect(socket, proxy=None)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        with connect(socket, proxy=None, additional_headers={"cookie": cookie}) as connection:
            assert "session_started" in str(connection.recv(timeout=60))
        assert browser.delete(f"/api/v1/sessions/{id}").status_code in (204, 409)


def test_a_page_says_how_to_get_in(remote: Remote) -> None:
    answer = httpx.get(remote.url, headers={"accept": "text/html"})
    assert answer.status_code == 401
    assert "Open the address that `viva serve` printed" in answer.text.replace("<code>", "`").replace("</code>", "`")
    assert httpx.get(f"{remote.url}/static/pages.css").status_code == 200


def test_no_address_of_another_site_is_led_to(remote: Remote) -> None:
    answer = httpx.get(f"{remote.url}//evil.example/?token={remote.token}")
    assert answer.headers["location"].startswith("/evil.example")


def test_an_address_is_a_host_and_a_name_is_none(remote: Remote) -> None:
    port, key = remote.served.port, {"authorization": f"Bearer {remote.token}"}
    for host, status in (("192.168.1.5", 200), ("[2001:db8::5]", 200), ("localhost", 200), ("evil.example", 403)):
        assert httpx.get(f"{remote.url}/api/v1/health", headers={"host": f"{host}:{port}", **key}).status_code == status
    other_site = {"origin": "http://evil.example", **key}
    assert httpx.post(f"{remote.url}/api/v1/sessions", json={}, headers=other_site).status_code == 403


def test_the_token_is_its_owners_and_stays_the_same(remote: Remote, tmp_path: Path) -> None:
    file = remote.served.store.root / "token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == f"{remote.token}\n" and len(remote.token) >= 40
    (tmp_path / "token").write_text("short")
    tokens = []
    for _ in range(2):
        with serve_remote(tmp_path) as again:
            tokens.append(again.token)
    assert tokens[0] == tokens[1] and len(tokens[0]) >= 40


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    said = refused("--host", "192.0.2.7", "--allow-remote", "--data-dir", str(tmp_path))
    assert "not an address of this machine" in said


def test_viva_serve_lets_other_machines_in_where_it_is_told_to(tmp_path: Path) -> None:
    command = [str(VIVA), "--data-dir", str(tmp_path), "serve", "--host", "0.0.0.0", "--allow-remote", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stdout is not None
            printed = urlsplit(serving.stdout.readline().strip())
            url, token = f"http://127.0.0.1:{printed.port}/api/v1/health", parse_qs(printed.query)["token"][0]
            assert httpx.get(url).status_code == 401
            assert httpx.get(url, headers={"authorization": f"Bearer {token}"}).status_code == 200
        finally:
            serving.terminate()
