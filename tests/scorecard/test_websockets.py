"""Connections that take, and give nothing back."""

import contextlib
import json
import secrets
import socket
import struct
import time
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from server.connection import HEAD_SECONDS
from speech.frames import pcm16_bytes
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.processes import needs_proc, open_files, watched
from tests.server.conftest import Served, happened, keep

pytestmark = [pytest.mark.hostile, needs_proc]

CLAIM = "Connections that send too much, nothing, or never read cost little, are closed, and keep nobody out"


def live(served: Served, id: str) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{served.port}/api/v1/sessions/{id}/live", origin=None, proxy=None)


def made(api: httpx.Client) -> str:
    id: str = api.post("/api/v1/sessions", json={}).json()["id"]
    return id


def end(served: Served, id: str) -> None:
    """Bring a session that is held to its end, so that the next one may begin."""
    with contextlib.suppress(InvalidHandshake), live(served, id) as connection:
        connection.send("end")
        with contextlib.suppress(ConnectionClosed):
            while True:
                connection.recv(timeout=60)


def handshake(served: Served, id: str) -> bytes:
    return (
        f"GET /api/v1/sessions/{id}/live HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()


@contextlib.contextmanager
def raw(served: Served, id: str) -> Iterator[socket.socket]:
    """A websocket whose frames are written by hand."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall(handshake(served, id))
        assert b" 101 " in connection.recv(65536)
        yield connection


def frame(kind: int, content: bytes, last: bool = True, length: int | None = None) -> bytes:
    """RFC 6455, 5.2. length: the one it claims."""
    head = bytes([kind | (0x80 if last else 0)])
    size = len(content) if length is None else length
    head += bytes([0x80 | size]) if size < 126 else b"\xff" + struct.pack(">Q", size)
    mask = secrets.token_bytes(4)
    repeated = np.frombuffer((mask * (len(content) // 4 + 1))[: len(content)], np.uint8)
    return head + mask + (np.frombuffer(content, np.uint8) ^ repeated).tobytes()


# What is sent, and whether the server has to end the connection for it.
FRAMES = {
    "17 MB in one frame": (frame(2, bytes(17_000_000)), True),
    "a frame that claims 2^62 bytes": (frame(2, bytes(1000), length=1 << 62), True),
    "a message of 40,000 pieces": (b"".join([frame(2, bytes(100), last=False), *[frame(0, bytes(100), last=False)] * 40_000]), True),
    "text that is not UTF-8": (frame(1, b"\xff\xfe\xfd"), True),
    "a reserved kind of frame": (frame(3, b"x"), True),
    "reserved bits": (bytes([0xF2, 0x80]) + bytes(4), True),
    "frames without a mask": (bytes([0x82, 2, 0, 0]), True),
    "a ping of 200 bytes": (frame(9, bytes(200)), True),
    "half a close": (frame(8, b"\x03"), True),
    "30,000 pings": (frame(9, b"x") * 30_000, False),
    "10,000 empty messages": (frame(2, b"") * 10_000, False),
    "10,000 texts that mean nothing": (frame(1, b'{"end": true}') * 10_000, False),
    "odd numbers of bytes": (frame(2, b"x") * 10_001, False),
}  # fmt: skip


def test_frames_of_every_bad_kind(claim: Claim, served: Served, api: httpx.Client) -> None:
    row = claim("B9", CLAIM)
    # The recogniser's weights, which the first session loads, are no growth.
    end(served, made(api))
    not_ended, grown = [], 0.0
    for kind, (sent, must_end) in FRAMES.items():
        id = made(api)
        with watched(served.process.pid) as process, raw(served, id) as connection:
            ended = False
            try:
                connection.sendall(sent)
                connection.settimeout(5)
                while not ended and must_end:
                    ended = not connection.recv(65536)
            except TimeoutError:
                pass
            except ConnectionError:
                ended = True
            if must_end and not ended:
                not_ended.append(kind)
        grown = max(grown, process.grown_megabytes)
        assert api.get("/api/v1/health").status_code == 200
        end(served, id)
    row.tried(f"websocket frames: {', '.join(FRAMES)}")
    row.none("connections that should have been closed and were not", not_ended)
    row.at_most("memory grown by them", grown, 60, "MB")


def test_an_hour_of_sound_at_once_waits_its_turn(claim: Claim, sized: Sized, served: Served, api: httpx.Client) -> None:
    row = claim("B9", CLAIM)
    id, minutes = made(api), sized(10, 60)
    sent = 0.0
    with watched(served.process.pid) as process, raw(served, id) as connection:
        connection.settimeout(3)
        piece = frame(2, bytes(32_000))
        with contextlib.suppress(TimeoutError):
            for _ in range(minutes * 60):
                connection.sendall(piece)
                sent += 1
        assert api.get("/api/v1/health").status_code == 200
    end(served, id)
    row.tried(f"{minutes} minutes of sound sent as fast as they are taken")
    row.at_most("seconds of sound taken before they could be spoken", sent, 300)
    row.at_most("memory grown by them waiting", process.grown_megabytes, 60, "MB")


def test_a_thousand_connections(claim: Claim, sized: Sized, served: Served, api: httpx.Client) -> None:
    row = claim("B9", CLAIM)
    id, count = made(api), sized(200, 1000)
    files = len(open_files(served.process.pid))
    refused, kept = 0, []
    with watched(served.process.pid, 0.05) as process, contextlib.ExitStack() as all_of_them:
        for number in range(count):
            try:
                kept.append(all_of_them.enter_context(live(served, id if number % 2 else "20260101-000000-ffff")))
            except InvalidHandshake:
                refused += 1
        told = [json.loads(connection.recv(timeout=30))["event"] for connection in kept[-1:]]
    end(served, id)
    assert told == ["session_started"]
    row.tried(f"{count} websockets, half of them taking one live session over from each other")
    row.at_most("memory grown by them together", process.grown_megabytes, 60, "MB")
    left = time.monotonic() + 30
    while len(open_files(served.process.pid)) > files + 5 and time.monotonic() < left:
        time.sleep(0.1)
    row.at_most("file descriptors left", len(open_files(served.process.pid)) - files, 5)


def test_those_who_never_finish_asking(claim: Claim, served: Served, api: httpx.Client) -> None:
    row = claim("B9", CLAIM)
    silent = [socket.create_connection(("127.0.0.1", served.port), timeout=20) for _ in range(250)]
    try:
        for number, connection in enumerate(silent):
            connection.sendall((b"", b"GET / HT", b"GET /api/v1/health HTTP/1.1\r\nHost: ")[number % 3])
        began = time.monotonic()
        waited = {503}
        # All places are taken until those who say nothing are sent away.
        while httpx.get(f"{served.url}/api/v1/health").status_code in waited:
            assert time.monotonic() - began < 60
            for connection in silent[:20]:
                with contextlib.suppress(OSError):
                    connection.sendall(b"x")
            time.sleep(0.2)
        until = time.monotonic() - began
        left = 0
        for connection in silent:
            connection.settimeout(HEAD_SECONDS)
            with contextlib.suppress(ConnectionError):
                try:
                    while connection.recv(65536):
                        pass
                except TimeoutError:
                    left += 1
    finally:
        for connection in silent:
            connection.close()
    row.tried("250 connections that say nothing, or half a request and then a byte now and then")
    row.within("time until others are answered again", until, HEAD_SECONDS + 2)
    row.at_most("of them left open", left, 0)


def test_those_who_never_read(claim: Claim, served: Served, api: httpx.Client) -> None:
    row = claim("B9", CLAIM)
    id = keep(served.store, happened(served.store.new_id()), pcm16_bytes(np.zeros(40_000_000, np.int16)))
    host = f"Host: 127.0.0.1:{served.port}"
    with watched(served.process.pid) as process, contextlib.ExitStack() as all_of_them:
        for _ in range(20):
            connection = all_of_them.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=20))
            connection.sendall(f"GET /api/v1/sessions/{id}/audio HTTP/1.1\r\n{host}\r\n\r\n".encode())
        time.sleep(2)
        assert api.get("/api/v1/health").status_code == 200
    served.store.delete(id)
    row.tried("20 downloads of 80 MB that nobody reads")
    row.at_most("memory grown by what nobody reads", process.grown_megabytes, 60, "MB")
