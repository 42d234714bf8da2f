"""What no page of ours sends to the websocket of a live session: messages damaged at random."""

import json
import random
import socket
import struct
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache

import httpx
import pytest

from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.mutants import CORPUS, damage
from tests.scorecard.processes import needs_proc
from tests.scorecard.test_websockets import CLAIM, end, handshake, live, made
from tests.server.conftest import Served

pytestmark = [pytest.mark.hostile, needs_proc]

_KINDS = {"piece": 0, "text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}
# RFC 6455, 7.4: what may be said on the wire, but for 1011, with which a server owns up to a fault.
_PROPER = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1012, 1013, 1014, *range(3000, 5000)}
_THERE = b"are you there?"
_PATIENCE_SECONDS = 0.5
_END_SECONDS = 10.0


def framed(kind: int, content: bytes, last: bool = True) -> bytes:
    """A frame whose mask changes nothing, so that what is damaged is what arrives."""
    size = bytes([0x80 | len(content)]) if len(content) < 126 else b"\xfe" + struct.pack(">H", len(content))
    return bytes([kind | (0x80 if last else 0)]) + size + bytes(4) + content


def read_sample(text: str) -> tuple[bytes, ...]:
    """Frames, one a line: its kind, `+` where more pieces follow, and its content in quotes or as hexadecimal digits."""
    frames = []
    for line in text.splitlines():
        kind, _, written = line.partition(" ")
        quoted = written.startswith('"')
        content = json.loads(written).encode("utf-8", "surrogatepass") if quoted else bytes.fromhex(written)
        frames.append(
            content if kind == "bytes" else framed(_KINDS[kind.rstrip("+")], content, last=not kind.endswith("+"))
        )
    return tuple(frames)


@cache
def samples() -> tuple[tuple[bytes, ...], ...]:
    return tuple(read_sample(path.read_text("utf-8")) for path in sorted((CORPUS / "messages").iterdir()))


def mutant(dice: random.Random) -> bytes:
    """The frames of a sample, some of them damaged, left out, said twice or taken from another."""
    frames = list(dice.choice(samples()))
    others = [frame for sample in samples() for frame in sample]
    for _ in range(dice.choice((0, 1, 1, 2, 4))):
        at = dice.randrange(len(frames))
        match dice.randrange(4):
            case 0:
                data = bytearray(frames[at])
                damage(data, dice, others)
                frames[at] = bytes(data)
            case 1:
                frames.insert(at, dice.choice(others))
            case 2:
                frames[at:at] = [frames[at]] * dice.choice((1, 3, 50))
            case 3:
                dice.shuffle(frames)
    return b"".join(frames)


def told(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each whole frame that a server sent."""
    while len(data) >= 2:
        size, begin = data[1], 2
        assert data[0] & 0x70 == 0 and size < 128, data[:20]
        if size >= 126:
            begin = 4 if size == 126 else 10
            size = int.from_bytes(data[2:begin], "big") if len(data) >= begin else len(data)
        if len(data) < begin + size:
            return
        yield data[0] & 15, data[begin : begin + size]
        data = data[begin + size :]


class Connection:
    """A websocket opened by hand. status: what it was answered with."""

    def __init__(self, served: Served, id: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", served.port), timeout=_END_SECONDS)
        self._socket.sendall(handshake(served, id))
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._socket.recv(65536)
        head, _, self._read = answer.partition(b"\r\n\r\n")
        self.status = int(head.split()[1])

    def outcome(self, sent: bytes) -> str:
        """What comes of sending it: that the server goes on, how it closes, or what is wrong with that."""
        self._socket.sendall(sent + framed(9, _THERE))
        self._socket.settimeout(_PATIENCE_SECONDS)
        waits = False
        while True:
            for kind, content in told(self._read):
                if kind == 1 and "event" not in json.loads(content):
                    return f"wrong: told {content!r}"
                if (kind, content) == (10, _THERE):
                    return "goes on"
                if kind == 8:
                    code = struct.unpack(">H", content[:2])[0] if content else 1000
                    # Who closes is answered with the code he gave.
                    return f"closed {code}" if code in _PROPER or content[:2] in sent else f"wrong: closed {code}"
            try:
                piece = self._socket.recv(65536)
            except TimeoutError:
                if waits:
                    return "wrong: left open"
                # For the rest of what was begun, which does not come.
                waits = True
                self._socket.shutdown(socket.SHUT_WR)
                self._socket.settimeout(_END_SECONDS)
                continue
            if not piece:
                return "waited for the rest" if waits else "wrong: gone without a word"
            self._read += piece

    def close(self) -> None:
        self._socket.close()


def test_messages_damaged_at_random(claim: Claim, sized: Sized, served: Served, api: httpx.Client) -> None:
    """One session after the other is sent them, over many connections each, while another session goes on."""
    row = claim("B9", CLAIM)
    count, dice = sized(150, 5000), random.Random(9)
    outcomes: Counter[str] = Counter()
    wrong: list[tuple[int, str]] = []
    longest = 0.0
    session, sessions, other = made(api), 1, made(api)
    with live(served, other) as neighbour:
        for number in range(count):
            while (connection := Connection(served, session)).status == 409:
                connection.close()
                session = made(api)
                sessions += 1
            assert connection.status == 101
            try:
                outcome = connection.outcome(mutant(dice))
            finally:
                connection.close()
            outcomes[outcome] += 1
            if outcome.startswith("wrong"):
                wrong.append((number, outcome))
            if number % 10 == 0:
                began = time.monotonic()
                while json.loads(neighbour.recv(timeout=60))["event"] != "state":
                    pass
                longest = max(longest, time.monotonic() - began)
                assert api.get("/api/v1/health").status_code == 200
    for id in (session, other):
        end(served, id)
    shown = ", ".join(f"{times} x {outcome}" for outcome, times in outcomes.most_common())
    row.tried(f"{count} mutants of {len(samples())} sequences of websocket messages, to {sessions} sessions ({shown})")
    row.none("answers to them that are no proper end and no going on", wrong)
    row.within("longest wait of another session's listener", longest, 2)
    # What they are sent is mostly understood.
    assert outcomes["goes on"] > count / 10
