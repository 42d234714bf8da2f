"""What a session over the server takes, with everything that belongs to it: base, analyzer, interviewer, server.

    python tests/bench/serving.py [RECORDING | FOLDER] [--model base] [--seconds 300] [--problem feed]

The recording goes to a new server's live session at the speed of talk, the way a page sends it, and the interviewer follows it
while it runs. Then the report is asked for. Prints how long after an utterance's last word its words arrive, how long after
the end the report is there, CPU seconds of all processes per second of sound (without those before the session began), and the
most memory that all together held at any moment, with what each of them held then: the proportional set size, in which what
several share counts once (smaps_rollup in proc(5)). Linux only.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from speech.decode import decode
from speech.frames import SAMPLE_RATE, pcm16_bytes
from tests.bench.live import ROOT, load, recording, spread
from tests.scorecard.processes import children
from tests.server.conftest import Served, start, stop

_PIECE_SECONDS = 0.1
_LOOK_SECONDS = 0.25


def proportional_megabytes(pid: int) -> float:
    """Memory of a process, what it shares with others counted in proportion; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def programme(pid: int) -> str:
    """What a process runs, as one would say it."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return "ended"
    if "-c" in words:
        return words[words.index("-c") + 1].partition(";")[0]
    return words[words.index("-m") + 1] if "-m" in words else Path(words[0]).name


def family(pid: int) -> set[int]:
    """A process and all it started, and what these started."""
    return {pid}.union(*(family(child) for child in children(pid)))


def family_cpu_seconds(pid: int) -> float:
    """CPU seconds that a process and all it started have used, also those that have ended."""
    ticks = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        # Its own; and, of those of its children that it has waited for, theirs.
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


class Most:
    """The most memory that a family of processes held while it was watched: (MB, what it runs) of each."""

    def __init__(self, pid: int) -> None:
        self.held: list[tuple[float, str]] = []
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    @property
    def megabytes(self) -> float:
        return sum(megabytes for megabytes, _ in self.held)

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            held = [(proportional_megabytes(pid), programme(pid)) for pid in family(self._pid)]
            if sum(megabytes for megabytes, _ in held) > self.megabytes:
                self.held = sorted(held, reverse=True)


@dataclass(frozen=True, slots=True)
class Practised:
    """A session over the websocket. late: seconds from each utterance's last word to its arrival. spent: CPU seconds until
    its end. report: seconds from its end to the report. lines: what the interviewer said."""

    late: list[float]
    spent: float
    report: float
    lines: int


def practise(served: Served, sound: bytes, problem: str) -> Practised:
    """Send s16le at 16 kHz to a session at the speed of talk."""
    before = family_cpu_seconds(served.process.pid)
    session = httpx.post(f"{served.url}/api/v1/sessions", json={"problem": problem}).json()["id"]
    address = f"ws://127.0.0.1:{served.port}/api/v1/sessions/{session}/live"
    piece = 2 * round(_PIECE_SECONDS * SAMPLE_RATE)
    came: list[tuple[float, dict[str, object]]] = []
    with connect(address, origin=None, proxy=None, max_queue=None) as connection:
        listening = threading.Thread(target=lambda: came.extend(received(connection)))
        listening.start()
        began = time.monotonic()
        for at in range(0, len(sound), piece):
            time.sleep(max(0.0, began + at / 2 / SAMPLE_RATE - time.monotonic()))
            connection.send(sound[at : at + piece])
        connection.send("end")
        ended = time.monotonic()
        listening.join()
    httpx.get(f"{served.url}/api/v1/sessions/{session}/report", timeout=60).raise_for_status()
    reported = time.monotonic()
    first = next(float(str(event["at"])) for _, event in came if event["event"] == "audio_started")
    heard = [(now, event["words"]) for now, event in came if event["event"] == "words_heard"]
    late = [now - began + first - words[-1]["end"] for now, words in heard if isinstance(words, list)]
    lines = sum(event["event"] == "interviewer_spoke" for _, event in came)
    return Practised(late, family_cpu_seconds(served.process.pid) - before, reported - ended, lines)


def received(connection: ClientConnection) -> Iterator[tuple[float, dict[str, object]]]:
    """Everything the server tells, with the `time.monotonic` second it came."""
    try:
        while True:
            message = connection.recv(timeout=60)
            yield time.monotonic(), json.loads(message)
    except ConnectionClosed:
        return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, nargs="?", default=ROOT / "demo" / "answer.opus")
    parser.add_argument("--model", default="base")
    parser.add_argument("--seconds", type=float, default=300.0, help="of the recording")
    parser.add_argument("--problem", default="feed")
    chosen = parser.parse_args()
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    with tempfile.TemporaryDirectory() as folder:
        path, length = recording(chosen.path, chosen.seconds, Path(folder))
        sound = pcm16_bytes(decode(path).samples)
        print(f"{length:.0f} s of {chosen.path.name} over the server with {chosen.model}; {load()}")
        served = start(Path(folder) / "data", arguments=["--model", chosen.model])
        most = Most(served.process.pid)
        try:
            session = practise(served, sound, chosen.problem)
        finally:
            most.stop()
            stop(served)
    print(spread("words after the last word's end", session.late))
    print(f"CPU {session.spent / length:.3f} s per second of sound; the interviewer said {session.lines} lines")
    print(f"report {session.report:.2f} s after the end; {most.megabytes:.0f} MB at most; {load()}")
    for megabytes, what in most.held:
        print(f"  {megabytes:6.1f} MB  {what}")


if __name__ == "__main__":
    main()
