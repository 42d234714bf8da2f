"""F1, F14: processes killed or told to end at any moment."""

import contextlib
import json
import os
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from assistant.events import AudioStarted, WordsHeard
from assistant.log import read_log
from assistant.recovery import recover
from speech.frames import SAMPLE_RATE, Float32, Segment, pcm16_bytes, to_pcm16
from speech.transcriber import Transcriber, transcribe_file
from tests.assistant.conftest import plain
from tests.assistant.conftest import tiny as tiny
from tests.e2e.virtual_audio import VirtualAudio, heard_by_the_microphone, wait_until
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.practising import (
    Practising,
    Programme,
    lost,
    missing,
    programme,
    unchanged,
    words_of,
)
from tests.server.conftest import start, stop
from tests.server.test_live import live
from tests.speech.conftest import Samples

pytestmark = pytest.mark.fault

_AT_ONCE = 2
_KILLED = "Whatever is killed, at whatever moment, a session keeps what was said, and is finished by the next start"
_PIECE = 640
_TARGETS = ("session", "recorder", "all")


def test_sessions_and_recorders_are_killed(
    claim: Claim,
    sized: Sized,
    virtual_audio: VirtualAudio,
    tmp_path: Path,
    speak: Callable[[str], Samples],
    tiny: Transcriber,
) -> None:
    row = claim("F1", _KILLED)
    count, at_once, chance = sized(6, 180), sized(2, 3), random.Random(1)
    said = programme(speak, 60, pause=0.7)
    gone, sentences, never_written, unfinished = 0.0, 0, [], []
    for wave in range(0, count, at_once):
        sessions = [
            Practising(tmp_path / str(wave + n) / "data", tmp_path / str(wave + n) / "given") for n in range(at_once)
        ]
        try:
            with heard_by_the_microphone(said.samples):
                for session in sessions:
                    wait_until(lambda: session.folder is not None, "a session to record", 60)  # noqa: B023
                began = time.monotonic()
                moments = sorted((began + chance.uniform(0.2, 12), n) for n in range(at_once))
                until = {}
                for moment, n in moments:
                    time.sleep(max(0.0, moment - time.monotonic()))
                    until[n] = kill(sessions[n], _TARGETS[(wave + n) % 3])
                for n in until:
                    if _TARGETS[(wave + n) % 3] == "recorder":
                        recorders = sessions[n]
                        wait_until(lambda: len(recorders.recorders) > 1, "another recorder", 60)  # noqa: B023
                time.sleep(1.0)
            for n, at in until.items():
                session = sessions[n]
                if _TARGETS[(wave + n) % 3] == "recorder":
                    at = time.monotonic()
                    assert session.end() == 0, session.shown
                session.process.wait(10)
                folder = session.folder
                assert folder is not None
                recover(session.store, lambda: tiny, lambda line: None)
                recording = session.store.recording(folder.name)
                assert recording is not None
                given, sound = session.given(at), recording.read()
                gone = max(gone, missing(given, to_pcm16(sound)) / SAMPLE_RATE)
                # Beside a sentence that was damaged on its way to the microphone, a small recogniser overhears another.
                read = plain(" ".join(found.text for found in transcribe_file(sound, tiny)))
                whole = [sentence for sentence in said.whole_in(given) if not lost([sentence], read)]
                sentences += len(whole)
                never_written += unheard(whole, said, folder, sound, tiny)
                unfinished += [summary.id for summary in session.store.list_sessions() if summary.state != "finished"]
        finally:
            for session in sessions:
                session.kill()
    row.tried(f"{count} kill -9 of a session, of its recorder, and of both, at random moments")
    row.within("sound lost that the microphone had given", gone, 0.1)
    row.at_least("finished sentences that it gave", sentences, 1)
    row.none("finished sentences not written down", never_written)
    row.none("sessions not finished by the next start", unfinished)


def unheard(sentences: list[str], said: Programme, folder: Path, sound: Float32, recogniser: Transcriber) -> list[str]:
    """Those of the sentences that a session's log lacks, but for what a small recogniser misses whenever it hears that stretch."""
    events = read_log(folder)
    began = next((event.at for event in events if isinstance(event, AudioStarted)), 0.0)
    missed = set[str]()
    for event in events:
        if isinstance(event, WordsHeard):
            first, last = (round((at - began) * SAMPLE_RATE) for at in (event.at, event.end))
            again = recogniser.transcribe(Segment(event.at, event.end, sound[first:last]))
            missed.update(lost(said.whole_in(to_pcm16(sound[first:last])), plain(again.text)))
    return [sentence for sentence in lost(sentences, words_of(folder)) if sentence not in missed]


def kill(session: Practising, target: str) -> float:
    """Kill -9; when it was, a `time.monotonic` second."""
    at = time.monotonic()
    match target:
        case "session":
            os.kill(session.process.pid, signal.SIGKILL)
        case "recorder":
            os.kill(session.recorders[-1], signal.SIGKILL)
        case _:
            os.killpg(session.process.pid, signal.SIGKILL)
    return at


def test_servers_are_killed(
    claim: Claim, sized: Sized, tmp_path: Path, no_proxy: None, speak: Callable[[str], Samples]
) -> None:
    row = claim("F1", _KILLED)
    count, chance = sized(3, 20), random.Random(2)
    said = programme(speak, 15)
    ends = [chance.uniform(1, 8) for _ in range(count)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = list(pool.map(lambda n: server_killed(tmp_path / str(n), said, ends[n]), range(count)))
    row.tried(f"{count} kill -9 of a server during a live session")
    row.within("sound lost that the browser had sent", max(gone for gone, _ in outcomes), 0.1)
    row.none("finished sentences sent and not written down", [sentence for _, found in outcomes for sentence in found])


def server_killed(folder: Path, said: Programme, seconds: float) -> tuple[float, list[str]]:
    """Seconds and sentences lost when a server is killed after so much of a live session, and started again."""
    sound = pcm16_bytes(said.samples)[: round(seconds * SAMPLE_RATE) * 2]
    served = start(folder)
    try:
        id = httpx.post(f"{served.url}/api/v1/sessions", json={}).json()["id"]
        with live(served, id) as connection, contextlib.suppress(ConnectionClosed):
            json.loads(connection.recv(timeout=60))
            began = time.monotonic()
            for at in range(0, len(sound), _PIECE):
                time.sleep(max(0.0, began + at / 2 / SAMPLE_RATE - time.monotonic()))
                connection.send(sound[at : at + _PIECE])
            served.process.kill()
            stop(served)
        served = start(folder)
        patience = time.monotonic() + 120
        while httpx.get(f"{served.url}/api/v1/sessions/{id}").json()["state"] != "finished":
            assert time.monotonic() < patience, "the next start did not finish the session"
            time.sleep(0.3)
        recording = served.store.recording(id)
        assert recording is not None
        place, kept = unchanged(to_pcm16(recording.read()), said)
        assert place == 0
        return (len(sound) / 2 - kept) / SAMPLE_RATE, lost(
            said.finished(0, kept / SAMPLE_RATE), words_of(served.store.folder(id))
        )
    finally:
        stop(served)
