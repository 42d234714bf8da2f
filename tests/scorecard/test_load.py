"""L2, L4: a session while everybody wants something else of the machine."""

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path

import httpx
import numpy as np
import pytest
from websockets.sync.client import ClientConnection

from analysis.report_json import to_json
from analysis.training.sessions import load_sessions
from assistant.events import Event, SessionEnded, WordsHeard, encode
from assistant.log import NAME
from assistant.store import REPORT, Store
from speech.frames import SAMPLE_RATE, pcm16_bytes, to_pcm16
from speech.recording import RAW
from tests.assistant.sessions import heard as sentence
from tests.assistant.sessions import started
from tests.e2e.virtual_audio import VirtualAudio, heard_by_the_microphone, wait_until
from tests.scorecard.clients import paths
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.practising import ROOT, Practising, programme, unchanged
from tests.server.conftest import Served, start, stop
from tests.server.test_live import live, rest
from tests.speech.conftest import Samples

pytestmark = pytest.mark.load

_PIECE = 640
_CLIENTS, _STREAMS, _SESSIONS, _HISTORY = 100, 20, 2, 20
_HEALTH, _READS, _EVENTS = 0.25, 0.2, 0.3
_TRIES = 3


def test_many_clients(
    claim: Claim, sized: Sized, tmp_path: Path, no_proxy: None, speak: Callable[[str], Samples]
) -> None:
    row = claim("L2", "A hundred clients at once cost live sessions no sound, and each other no patience")
    seconds = sized(6.0, 60.0)
    sound = pcm16_bytes(programme(speak, 300).samples)
    served = start(tmp_path)
    statuses: Counter[str] = Counter()
    try:
        finished = history(served.store, sound)
        ids = [httpx.post(f"{served.url}/api/v1/sessions", json={}).json()["id"] for _ in range(_SESSIONS)]
        with contextlib.ExitStack() as connections:
            enough = threading.Event()
            talks = [Talk(connections.enter_context(live(served, id)), sound, enough) for id in ids]
            # Before its first words are read, a server loads what reads them.
            wait_until(lambda: all(heard(served, id) for id in ids), "the first words of each", 60)
            # And what it reads once, the first who asks waits for.
            for path in paths(finished):
                httpx.get(f"{served.url}{path}", timeout=60)
            waits = [crowd(served, seconds, finished, ids, statuses)]
            while len(waits) < _TRIES and not waits[-1].fits(row.patience):
                waits.append(crowd(served, seconds, finished, ids, statuses))
            enough.set()
            for talk in talks:
                talk.join()
                assert rest(talk.connection)[-1]["event"] == "session_ended"
        lost = 0
        for id, talk in zip(ids, talks, strict=True):
            recording = served.store.recording(id)
            assert recording is not None
            recorded = pcm16_bytes(recording.read())
            lost += 0 if recorded == bytes(talk.sent) else abs(len(talk.sent) - len(recorded)) or 1
    finally:
        stop(served)
    told = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    row.tried(
        f"{_CLIENTS} clients, who also read a session of 15 minutes out of {_HISTORY}, and {_STREAMS} event streams "
        f"for {seconds:.0f} s of {_SESSIONS} live sessions ({told})"
    )
    row.at_most("bytes of sound lost or changed", lost, 0)
    row.none("answers refused or 5xx, and connections lost", {s for s in statuses if s not in ("200", "206", "404")})
    best = min(waits, key=Waits.worst)
    row.within("health, 99 of 100 answers within", best.health, _HEALTH)
    row.within("anything else, 99 of 100 within", best.reads, _READS)
    row.within("events behind the log, at most", best.events, _EVENTS)


def history(store: Store, sound: bytes) -> str:
    """Sessions of 15 minutes, judged, of one day after the other; the id of the last one, which has a recording."""
    said: list[Event] = []
    at = 10.0
    talks = load_sessions(ROOT / "analysis" / "training" / "sessions")
    for text in cycle([one.text for talk in talks for one in talk.utterances]):
        if at > 880:
            break
        words = sentence(text, at)
        said.append(words)
        at = words.end + 1.0
    first, report = "", ""
    for days in range(_HISTORY, 0, -1):
        id, day = store.new_id(), datetime.now().astimezone() - timedelta(days=days)
        begun = replace(started(id, day.isoformat(timespec="seconds")), planned_seconds=900.0)
        folder = store.create(begun)
        with (folder / NAME).open("a", encoding="utf-8") as log:
            log.writelines(f"{encode(event)}\n" for event in (*said, SessionEnded(900.0, "finished")))
        if not first:
            first, report = id, to_json(store.report(id))
        else:
            (folder / REPORT).write_text(report.replace(first, id), encoding="utf-8")
    (folder / RAW).write_bytes(sound)
    store.compress(id)
    return id


def heard(served: Served, id: str) -> bool:
    return any(isinstance(event, WordsHeard) for event in served.store.events(id))


class Talk(threading.Thread):
    """Somebody who talks over a websocket at the speed of talk, until it is enough."""

    def __init__(self, connection: ClientConnection, sound: bytes, enough: threading.Event) -> None:
        super().__init__()
        self.connection = connection
        self.sent = bytearray()
        self._sound = sound
        self._enough = enough
        self.start()

    def run(self) -> None:
        began = time.monotonic()
        while not self._enough.wait(max(0.0, began + len(self.sent) / 2 / SAMPLE_RATE - time.monotonic())):
            piece = self._sound[len(self.sent) : len(self.sent) + _PIECE]
            self.connection.send(piece)
            self.sent.extend(piece)
        self.connection.send("end")


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds: what 99 of 100 answers on the server's health and on other things took, and the latest event."""

    health: float
    reads: float
    events: float

    def worst(self) -> float:
        """The one that is longest for its bound, as a part of that."""
        return max(self.health / _HEALTH, self.reads / _READS, self.events / _EVENTS)

    def fits(self, patience: float) -> bool:
        return self.worst() <= patience


def crowd(served: Served, seconds: float, finished: str, sessions: Sequence[str], statuses: "Counter[str]") -> Waits:
    """How long is waited for while many ask and many follow what happens."""
    command = [sys.executable, "-m", "tests.scorecard.clients", served.url, _CLIENTS, seconds, _STREAMS, finished]
    written = {id: Lines(served.store.folder(id) / NAME) for id in sessions}
    clients = subprocess.Popen(
        [str(part) for part in (*command, *sessions)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    asking = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    waited = []
    while clients.poll() is None:
        began = time.perf_counter()
        asking.request("GET", "/api/v1/health")
        answer = asking.getresponse()
        answer.read()
        waited.append(time.perf_counter() - began)
        assert answer.status == 200
        end = time.monotonic() + 0.02
        while time.monotonic() < end:
            for lines in written.values():
                lines.look()
            time.sleep(0.004)
    asking.close()
    told = json.loads(clients.communicate()[0])
    statuses.update(told["statuses"])
    late = [
        came - written[id].since[int(number)]
        for id, events in told["came"].items()
        for number, times in events.items()
        if int(number) in written[id].since
        for came in times
    ]
    return Waits(sorted(waited)[len(waited) * 99 // 100], told["waited"], max(late, default=0.0))


class Lines:
    """When each line of a log was there that was not there in the beginning. since: seconds since the epoch, by number."""

    def __init__(self, log: Path) -> None:
        self.since: dict[int, float] = {}
        self._log = log
        self._known = log.read_bytes().count(b"\n")

    def look(self) -> None:
        count = self._log.read_bytes().count(b"\n")
        while self._known < count:
            self._known += 1
            self.since[self._known] = time.time()


def test_a_busy_machine(
    claim: Claim, sized: Sized, virtual_audio: VirtualAudio, tmp_path: Path, speak: Callable[[str], Samples]
) -> None:
    row = claim("L4", "A machine that has too much to do costs words time, and the recording nothing")
    seconds = sized(5, 120)
    said = programme(speak, seconds + 10)
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(6)]
    session = Practising(tmp_path / "data", tmp_path / "given")
    try:
        wait_until(lambda: session.folder is not None, "the session to record", 120)
        with heard_by_the_microphone(said.samples):
            time.sleep(seconds)
            assert session.end() == 0
    finally:
        session.kill()
        for hog in hogs:
            hog.kill()
            hog.wait()
    folder = next(session.store.root.glob("sessions/*"))
    recording = session.store.recording(folder.name)
    assert recording is not None
    sound = to_pcm16(recording.read())
    first = int(np.flatnonzero(sound)[0])
    last = int(np.flatnonzero(sound)[-1])
    place, kept = unchanged(sound, said, first)
    row.tried(f"6 processes that compute without a pause on this machine, while {seconds} s were recorded")
    row.at_least("seconds recorded", (last + 1 - first) / SAMPLE_RATE, seconds - 1, "s")
    row.at_most("samples lost or changed", last + 1 - first - kept, 0)
    row.at_most("late at the beginning", place / SAMPLE_RATE * 1000, 100, "ms")
