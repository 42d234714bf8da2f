"""L2, L4: a session while everybody wants something else of the machine."""

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

import httpx
import numpy as np
import pytest

from speech.frames import SAMPLE_RATE, Int16, pcm16_bytes, to_pcm16
from tests.e2e.virtual_audio import VirtualAudio, wait_until
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.practising import ROOT, Practising, programme, unchanged
from tests.scorecard.rows import quickest
from tests.server.conftest import Served, start, stop
from tests.server.test_live import live, rest
from tests.speech.conftest import Samples

pytestmark = pytest.mark.load

_PIECE = 640
_CLIENTS = 100
_PLAY = ("pacat", "--raw", "--rate=16000", "--format=s16le", "--channels=1", "--device=mic_feed", "--latency-msec=3000")


def test_many_clients(
    claim: Claim, sized: Sized, tmp_path: Path, no_proxy: None, speak: Callable[[str], Samples]
) -> None:
    row = claim("L2", "A hundred clients at once cost a live session no sound, and each other no patience")
    seconds = sized(6.0, 60.0)
    sound = pcm16_bytes(programme(speak, 300).samples)
    served = start(tmp_path)
    statuses: Counter[str] = Counter()
    try:
        id = httpx.post(f"{served.url}/api/v1/sessions", json={}).json()["id"]
        with live(served, id) as connection:
            enough, sent = threading.Event(), bytearray()

            def talk() -> None:
                began = time.monotonic()
                while not enough.wait(max(0.0, began + len(sent) / 2 / SAMPLE_RATE - time.monotonic())):
                    piece = sound[len(sent) : len(sent) + _PIECE]
                    connection.send(piece)
                    sent.extend(piece)
                connection.send("end")

            talking = threading.Thread(target=talk)
            talking.start()
            wait_until(lambda: len(sent) > 2 * SAMPLE_RATE * 3, "the session to be under way")
            health = quickest(lambda: slowest_health(served, seconds, statuses), 0.25 * row.patience)
            enough.set()
            talking.join()
            assert rest(connection)[-1]["event"] == "session_ended"
        recording = served.store.recording(id)
        assert recording is not None
        recorded = pcm16_bytes(recording.read())
    finally:
        stop(served)
    told = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    row.tried(f"{_CLIENTS} clients for {seconds:.0f} s of a live session ({told})")
    row.at_most(
        "bytes of sound lost or changed", 0 if recorded == bytes(sent) else abs(len(sent) - len(recorded)) or 1, 0
    )
    row.none(
        "answers 5xx but 503, and connections lost", {s for s in statuses if s not in ("200", "404", "429", "503")}
    )
    row.within("health, 99 of 100 answers within", health, 0.25)


def slowest_health(served: Served, seconds: float, statuses: "Counter[str]") -> float:
    """What 99 of 100 answers on the server's health take at most while many ask for other things."""
    command = [sys.executable, "-m", "tests.scorecard.clients", served.url, str(_CLIENTS), str(seconds)]
    clients = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    asking = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    waited = []
    while clients.poll() is None:
        began = time.perf_counter()
        asking.request("GET", "/api/v1/health")
        answer = asking.getresponse()
        answer.read()
        waited.append(time.perf_counter() - began)
        assert answer.status == 200
        time.sleep(0.02)
    asking.close()
    statuses.update(json.loads(clients.communicate()[0]))
    return sorted(waited)[len(waited) * 99 // 100]


def feed(playing: "subprocess.Popen[bytes]", samples: Int16) -> None:
    with contextlib.suppress(OSError), cast(IO[bytes], playing.stdin) as pipe:
        pipe.write(pcm16_bytes(samples))


def test_a_busy_machine(
    claim: Claim, sized: Sized, virtual_audio: VirtualAudio, tmp_path: Path, speak: Callable[[str], Samples]
) -> None:
    row = claim("L4", "A machine that has too much to do costs words time, and the recording nothing")
    seconds = sized(5, 120)
    said = programme(speak, seconds + 10)
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(6)]
    session = Practising(tmp_path / "data", tmp_path / "counts")
    try:
        wait_until(lambda: session.folder is not None, "the session to record", 120)
        # By a program that plays far ahead: what it is too slow to give is not for the recording to lose.
        playing = subprocess.Popen(_PLAY, stdin=subprocess.PIPE)
        feeding = threading.Thread(target=feed, args=[playing, said.samples])
        feeding.start()
        time.sleep(seconds)
        assert session.end() == 0
    finally:
        session.kill()
        playing.kill()
        playing.wait()
        feeding.join()
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
    row.at_most("samples lost or changed", last + 1 - first - kept, 0)
    row.at_most("late at the beginning", place / SAMPLE_RATE * 1000, 100, "ms")
