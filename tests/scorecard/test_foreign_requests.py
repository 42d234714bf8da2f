"""What a page of another site, or another name for this machine, must not be able to do."""

import contextlib
import http.server
import json
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.pages.chromium import Chromium
from tests.scorecard.conftest import Claim
from tests.scorecard.raw import status
from tests.server.conftest import Served, problem

pytestmark = pytest.mark.hostile

HOSTS = (
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
    "[::ffff:192.168.0.1]:{port}",
    "",
    "localhost:{port},evil.example",
    "localhost :{port}",
    "localhost.:{port}",
    "2130706434:{port}",
    "127.0.0.1:{port}\\evil.example",
)
ORIGINS = (
    "http://evil.example",
    "null",
    "https://127.0.0.1:{port}",
    "http://localhost:1",
    "http://localhost:{port}",
    "http://127.0.0.1:{port}.evil.example",
    "http://127.0.0.1:{port}@evil.example",
    "file://",
    "chrome-extension://abcdefghijklmnop",
    "",
)
REQUESTS = ("GET /api/v1/sessions", "GET /", "DELETE /api/v1/sessions/{id}", "GET /api/v1/sessions/{id}/audio")


def test_the_server_listens_on_loopback_alone(served: Served) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: connecting a datagram socket only picks the address others would see.
        with contextlib.suppress(OSError):
            probe.connect(("192.0.2.1", 9))
        outside = probe.getsockname()[0]
    if outside not in ("0.0.0.0", "127.0.0.1"):
        with pytest.raises(OSError):
            socket.create_connection((outside, served.port), timeout=5)


def test_no_other_name_leads_in(claim: Claim, served: Served, session: str) -> None:
    row = claim("B5", "A page that renames this machine (DNS rebinding) gets nothing")
    good = f"Host: 127.0.0.1:{served.port}"
    heads = [[f"Host: {host.format(port=served.port)}"] for host in HOSTS]
    heads += [[good, "Host: evil.example"], ["Host: evil.example", good], []]
    let_in, answered = [], 0
    for request in REQUESTS:
        for version in ("1.1", "1.0"):
            for head in heads:
                line = f"{request.format(id=session)} HTTP/{version}"
                answered += 1
                if not 400 <= (found := status(served, [line, *head, "Connection: close"])) < 500:
                    let_in.append((line, head, found))
        absolute = request.format(id=session).replace(" /", " http://evil.example/")
        if (
            not 400
            <= (found := status(served, [f"{absolute} HTTP/1.1", "Host: evil.example", "Connection: close"]))
            < 500
        ):
            let_in.append((absolute, [], found))
    assert status(served, ["GET /api/v1/health HTTP/1.1", good, "Connection: close"]) == 200
    row.tried(f"{answered} requests with {len(HOSTS)} other hosts, two hosts and none, in HTTP/1.1 and 1.0")
    row.none("requests let in", let_in)
    assert served.store.summary(session).id == session


def test_no_other_origin_gets_in(claim: Claim, served: Served, api: httpx.Client, session: str) -> None:
    row = claim("B6", "A page of another site can neither read, change nor listen")
    foreign = [{"origin": origin.format(port=served.port)} for origin in ORIGINS]
    foreign += [{"sec-fetch-site": site} for site in ("cross-site", "same-site", "CROSS-SITE", "none, cross-site")]
    foreign += [{"origin": served.url, "sec-fetch-site": "cross-site"}]
    before = api.get("/api/v1/sessions").json()["total"]
    let_in: list[object] = []
    tried = 0
    for headers in foreign:
        text = {**headers, "content-type": "text/plain"}
        preflight = {**headers, "access-control-request-method": "DELETE"}
        answers = [
            api.get("/api/v1/sessions", headers=headers),
            api.post("/api/v1/sessions", json={}, headers=headers),
            api.post("/api/v1/sessions", content="{}", headers=text),
            api.post("/api/v1/analyses", files={"file": ("t.txt", "hello")}, headers=headers),
            api.post("/api/v1/analyses", content='{"utterances":[]}', headers=text),
            api.request("OPTIONS", f"/api/v1/sessions/{session}", headers=preflight),
            api.delete(f"/api/v1/sessions/{session}", headers=headers),
        ]
        tried += len(answers) + 1
        let_in += [(headers, answer.request.url) for answer in answers if answer.status_code != 403]
        assert not any("access-control-allow-origin" in answer.headers for answer in answers)
        problem(answers[0], 403)
        with contextlib.suppress(InvalidStatus):
            connect(
                f"ws://127.0.0.1:{served.port}/api/v1/sessions/{session}/live", additional_headers=headers, proxy=None
            )
            let_in.append((headers, "websocket"))
    row.tried(f"{tried} forms, JSON, plain text, preflights and websockets from {len(foreign)} other origins")
    row.none("requests let in", let_in)
    assert api.get("/api/v1/sessions").json()["total"] == before
    own = {"origin": served.url, "sec-fetch-site": "same-origin"}
    assert api.get("/api/v1/sessions", headers=own).status_code == 200


class _Page(http.server.BaseHTTPRequestHandler):
    """An empty page of another site."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>another site</title><body>")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def other_site() -> Iterator[int]:
    """The port of another site's server, which is on this machine only because all the test's sockets are."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


_READ_WINDOW = (
    "(async () => {{const w = window.open(U + '{path}'); await new Promise(done => setTimeout(done, 1500));"
    "try {{return w.document.title + w.document.body.textContent}} finally {{w.close()}}}})()"
)
ATTACKS = {
    "fetch": "fetch(U + '/api/v1/sessions').then(r => r.text())",
    "fetch without a preflight": "fetch(U + '/api/v1/sessions', {mode: 'no-cors'}).then(r => r.text())",
    "JSON": "fetch(U + '/api/v1/sessions', {method: 'POST', body: '{}', headers: {'content-type': 'application/json'}}).then(r => r.text())",
    "plain text": "fetch(U + '/api/v1/sessions', {method: 'POST', body: '{}', mode: 'no-cors'}).then(r => r.text())",
    "form": (
        "(() => {const f = new FormData(); f.append('file', new Blob(['Who?']), 't.txt');"
        "return fetch(U + '/api/v1/analyses', {method: 'POST', body: f, mode: 'no-cors'}).then(r => r.text())})()"
    ),
    "deletion": "fetch(U + '/api/v1/sessions/' + ID, {method: 'DELETE'}).then(r => r.text())",
    "websocket": (
        "new Promise(done => {const s = new WebSocket(U.replace('http', 'ws') + '/api/v1/sessions/' + NEW + '/live');"
        "s.onopen = () => done('open'); s.onerror = () => done('')})"
    ),
    "events": (
        "new Promise(done => {const s = new EventSource(U + '/api/v1/sessions/' + ID + '/events');"
        "s.onmessage = s.onopen = () => done('open'); s.onerror = () => done('')})"
    ),
    "sound": (
        "new Promise(done => {const a = new Audio(U + '/api/v1/sessions/' + ID + '/audio');"
        "a.onloadedmetadata = () => done('loaded'); a.onerror = () => done('')})"
    ),
    "script": (
        "new Promise(done => {const s = document.createElement('script'); s.src = U + '/static/practice.js';"
        "s.onload = () => done('loaded'); s.onerror = () => done(''); document.body.append(s)})"
    ),
    "frame": (
        "new Promise(done => {const f = document.createElement('iframe'); f.src = U + '/';"
        "f.onload = () => {try {done(f.contentDocument.title)} catch {done('')}}; document.body.append(f)})"
    ),
    "window": _READ_WINDOW.format(path="/problems"),
    "window with data": _READ_WINDOW.format(path="/api/v1/sessions"),
}


def test_a_page_in_a_real_browser_gets_nothing(
    claim: Claim, served: Served, api: httpx.Client, session: str, chromium: Chromium, other_site: int
) -> None:
    row = claim("B6", "A page of another site can neither read, change nor listen")
    new = api.post("/api/v1/sessions", json={}).json()["id"]
    before: object = None
    port = served.port
    own = f"http://127.0.0.1:{port}"
    places = {
        "its own": (f"{own}/problems", own),
        "another port": (f"http://127.0.0.1:{other_site}/", own),
        "another name": (f"http://evil.example:{other_site}/", own),
        "a rebound name": (f"http://evil.example:{port}/", f"http://evil.example:{port}"),
    }
    got = []
    for place, (page, target) in places.items():
        before = before or (place != "its own" and api.get("/api/v1/sessions").json())
        tab = chromium.tab()
        tab.page.goto(page)
        names = f"const U = {json.dumps(target)}, ID = {json.dumps(session)}, NEW = {json.dumps(new)};"
        for name, attack in ATTACKS.items():
            if place == "its own" and name in ("websocket", "deletion"):
                continue
            # What the page may have is the refusal of a host that is not ours, for there it is the same origin.
            told = tab.run(
                f"(async () => {{ {names} try {{ return String(await ({attack})) }} catch {{ return '' }} }})()"
            )
            if told and "foreign-request" not in told and not told.startswith("Foreign request"):
                got.append((place, name, told[:200]))
        tab.close()
    # The same requests work from the server's own page: it is not for mistakes in them that the others fail.
    assert {"fetch", "JSON", "form", "events", "sound", "script", "window", "window with data"} <= {
        name for place, name, _ in got if place == "its own"
    }
    row.tried(f"{len(ATTACKS)} attacks from each of {len(places) - 1} pages in Chromium, one under a rebound name")
    row.none("attacks in the browser that got something", [attack for attack in got if attack[0] != "its own"])
    assert api.get("/api/v1/sessions").json() == before


def test_a_link_of_another_site_opens_pages_alone(served: Served, chromium: Chromium, other_site: int) -> None:
    tab = chromium.tab()
    for path, heading in (("/problems", "Problems"), ("/api/v1/sessions", "Foreign request")):
        tab.page.goto(f"http://evil.example:{other_site}/")
        tab.run(f"document.body.innerHTML = '<a href=\"{served.url}{path}\">look</a>'")
        tab.page.click("a")
        tab.page.wait_for_url(f"{served.url}{path}")
        assert tab.page.inner_text("h1") == heading
    tab.page.click("text=To the start")
    tab.page.wait_for_url(f"{served.url}/")
    tab.close()


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_websockets_of_other_pages_are_refused_before_they_are_accepted(
    served: Served, headers: dict[str, str]
) -> None:
    url = f"ws://127.0.0.1:{served.port}/api/v1/sessions/20260101-000000-ffff/live"
    with pytest.raises(InvalidStatus) as refused:
        connect(url, additional_headers=headers, proxy=None)
    assert refused.value.response.status_code == 403
