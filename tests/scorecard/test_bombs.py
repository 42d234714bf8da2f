"""Small uploads that unfold into days, and large ones that do not say how large they are."""

import contextlib
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.scorecard.bombs import BOMBS, flac
from tests.scorecard.conftest import Claim
from tests.scorecard.processes import needs_proc, watched
from tests.scorecard.rows import quickest
from tests.server.conftest import Served

pytestmark = [pytest.mark.hostile, needs_proc]

_SECONDS = 3.0
PATHS = ("/api/v1/analyses", "/v1/audio/transcriptions")
# What there is to hear in these is short, and said at once to be nothing.
SHORT = ("10 s of WAV that claims 2 GB", "8 channels at 192 kHz")
MEGABYTE = 1_000_000


def chunks(kind: str) -> Iterator[bytes]:
    """200 MB in a body that does not say so."""
    if kind.startswith("multipart"):
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="talk.wav"\r\n\r\n'
    for _ in range(200):
        yield bytes(MEGABYTE)


def chunked(served: Served, path: str, kind: str) -> int:
    """The status of an answer to such a body, which may come before all of it is sent; 0 where it went down with it."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nContent-Type: {kind}\r\nConnection: close\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    answer = b""
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection:
        connection.sendall(head.encode())
        with contextlib.suppress(ConnectionError):
            for piece in chunks(kind):
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
            connection.sendall(b"0\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65536):
                answer += piece
    # A server that closes while we still send may take its answer with it.
    return int(answer.split()[1]) if answer else 0


def test_bombs(claim: Claim, served: Served, api: httpx.Client) -> None:
    row = claim("B3", "A small file that unfolds into days is refused before it does")
    slowest, grown = 0.0, 0.0
    answers: list[tuple[str, str, int, str]] = []
    for kind, (name, make) in BOMBS.items():
        bomb = make()
        for path in PATHS:

            def thrown(kind: str = kind, path: str = path, name: str = name, bomb: bytes = bomb) -> float:
                began = time.perf_counter()
                answer = api.post(path, files={"file": (name, bomb)})
                answers.append((kind, path, answer.status_code, answer.text[:200]))
                return time.perf_counter() - began

            with watched(served.process.pid) as process:
                slowest = max(slowest, quickest(thrown, _SECONDS))
            grown = max(grown, process.grown_megabytes)
    for path, kind in (
        (PATHS[0], "multipart/form-data; boundary=b"),
        (PATHS[0], "application/json"),
        ("/api/v1/sessions", "application/json"),
    ):

        def streamed(kind: str = kind, path: str = path) -> float:
            began = time.perf_counter()
            answers.append((f"200 MB of {kind} without a length", path, chunked(served, path, kind), ""))
            return time.perf_counter() - began

        with watched(served.process.pid) as process:
            slowest = max(slowest, quickest(streamed, _SECONDS))
        grown = max(grown, process.grown_megabytes)
    taken = [(*answer,) for answer in answers if answer[2] not in (0, 413, 422)]
    taken = [answer for answer in taken if not (answer[0] in SHORT and answer[3] == '{"text":""}')]
    row.tried(f"{', '.join(BOMBS)}, and 200 MB in chunks as a form and as JSON")
    row.none("of them taken", taken)
    row.within("slowest answer", slowest, _SECONDS)
    row.at_most("memory grown", grown, 400, "MB")


def test_a_recording_that_lies_about_its_length(claim: Claim, nightly: bool, served: Served, api: httpx.Client) -> None:
    if not nightly:
        pytest.skip("takes minutes; `make scorecard` tries it")
    row = claim("B3", "A small file that unfolds into days is refused before it does")
    lie = bytearray(flac(24, told=False))
    lie[22:26] = (8000 * 100).to_bytes(4, "big")
    with watched(served.process.pid) as process:
        began = time.perf_counter()
        where = api.post(PATHS[0], files={"file": ("talk.flac", bytes(lie))}).headers["location"]
        answered, slowest = time.perf_counter() - began, 0.0
        while (found := api.get(where).json())["state"] == "running":
            began = time.perf_counter()
            assert api.get("/api/v1/health").status_code == 200
            slowest = max(slowest, time.perf_counter() - began)
            time.sleep(0.1)
    assert found["state"] == "failed" and "longest recording" in found["detail"]
    row.tried("24 h of FLAC that claims 100 s, which is taken as a job and given up after four hours of sound")
    row.within("its job accepted", answered, 3)
    row.within("slowest other answer meanwhile", slowest, 2)
    row.at_most("memory grown by the one that lies", process.grown_megabytes, 400, "MB")
