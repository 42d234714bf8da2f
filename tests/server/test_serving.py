import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest

from assistant.log import SessionLog
from tests.server.conftest import Served, happened, keep, problem, stop, wav
from tests.speech.conftest import INTRODUCTION, Samples


def refused(*arguments: str) -> str:
    run = subprocess.run([sys.executable, "-m", "server", *arguments], capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    return run.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "evil.example", "", "10.0.0.1"])
def test_a_host_that_others_could_reach_is_refused(tmp_path: Path, host: str) -> None:
    assert "--host 127.0.0.1" in refused("--host", host, "--data-dir", str(tmp_path))


def test_a_port_in_use_says_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        message = refused("--port", str(taken.getsockname()[1]), "--data-dir", str(tmp_path))
    assert "in use" in message and "--port 0" in message


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_a_port_that_does_not_exist(tmp_path: Path, port: str) -> None:
    assert "There is no port" in refused("--port", port, "--data-dir", str(tmp_path))


@pytest.mark.fault
def test_a_data_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "--data-dir" in refused("--port", "0", "--data-dir", str(tmp_path / "file"))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_when_told_even_with_a_listener(
    started: Callable[..., Served], tmp_path: Path, how: signal.Signals, capfd: pytest.CaptureFixture[str]
) -> None:
    served = started(tmp_path)
    id = httpx.post(f"{served.url}/api/v1/sessions", json={}).json()["id"]
    with (
        SessionLog(served.store.folder(id)),
        httpx.stream("GET", f"{served.url}/api/v1/sessions/{id}/events") as events,
    ):
        assert events.status_code == 200
        served.process.send_signal(how)
        assert served.process.wait(30) in (0, 130, -how)
    stop(served)
    assert capfd.readouterr().err == ""
    with socket.create_server(("127.0.0.1", served.port)):
        pass


def test_the_server_ends_when_told_even_while_it_sends_to_somebody_who_reads_nothing(
    started: Callable[..., Served], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    served = started(tmp_path)
    id = keep(served.store, happened(served.store.new_id()), bytes(50_000_000))
    with socket.create_connection(("127.0.0.1", served.port)) as deaf:
        deaf.sendall(f"GET /api/v1/sessions/{id}/audio HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n\r\n".encode())
        assert deaf.recv(15) == b"HTTP/1.1 200 OK"
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(30) in (0, -signal.SIGTERM)
    stop(served)
    assert capfd.readouterr().err == ""


def long_talk(speak: Callable[[str], Samples]) -> bytes:
    """A recording just long enough to be a job."""
    said = np.tile(np.concatenate([speak(INTRODUCTION), np.zeros(16_000, np.float32)]), 4)
    return wav(np.concatenate([said, np.zeros(62 * 16_000 - len(said), np.float32)]))


@pytest.mark.fault
def test_analyses_go_on_after_the_server_was_killed(
    started: Callable[..., Served], tmp_path: Path, speak: Callable[[str], Samples]
) -> None:
    talk = long_talk(speak)
    served = started(tmp_path)
    url = "/api/v1/analyses"
    running, waiting, unwanted = (
        httpx.post(served.url + url, files={"file": ("long.wav", talk)}, data={"level": "staff"}, timeout=60)
        for _ in range(3)
    )
    while httpx.get(served.url + running.headers["location"]).json()["progress"] == 0:
        time.sleep(0.02)
    assert httpx.get(served.url + waiting.headers["location"]).json()["detail"] == "Waiting"
    served.process.kill()
    stop(served)
    again = started(tmp_path)
    where = again.url + unwanted.headers["location"]
    assert httpx.get(where).json()["state"] == "running"
    assert httpx.delete(where).status_code == 204
    problem(httpx.get(where), 404)
    problem(httpx.delete(where), 404)
    # In good order is another way to end in the middle.
    assert stop(again) in (0, -signal.SIGTERM)
    last = started(tmp_path)
    problem(httpx.get(last.url + unwanted.headers["location"]), 404)
    for answer in (running, waiting):
        where = last.url + answer.headers["location"]
        while (found := httpx.get(where, timeout=30).json())["state"] == "running":
            time.sleep(0.1)
        assert found["state"] == "done", found
        assert found["created_at"] == answer.json()["created_at"]
        session = found["report"]["session"]
        assert (session["id"], session["level"]) == (answer.json()["id"], "staff")
        assert session["duration_seconds"] == pytest.approx((len(talk) - 44) / 32_000, abs=0.1)
    while os.listdir(tmp_path / "uploads"):
        time.sleep(0.05)
    assert httpx.delete(where).status_code == 204
    problem(httpx.get(where), 404)


@pytest.mark.fault
def test_an_upload_that_kills_every_server_is_given_up(
    started: Callable[..., Served], tmp_path: Path, speak: Callable[[str], Samples]
) -> None:
    talk = long_talk(speak)
    served = started(tmp_path)
    where = httpx.post(f"{served.url}/api/v1/analyses", files={"file": ("long.wav", talk)}, timeout=60).headers["location"]  # fmt: skip
    for _ in range(3):
        while httpx.get(served.url + where).json()["progress"] == 0:
            time.sleep(0.02)
        served.process.kill()
        stop(served)
        served = started(tmp_path)
    while (found := httpx.get(served.url + where).json())["state"] == "running":
        time.sleep(0.05)
    assert found["state"] == "failed"
    assert "viva analyze" in found["detail"]


@pytest.mark.fault
def test_without_weights_the_server_answers_and_says_what_is_missing(
    started: Callable[..., Served], tmp_path: Path, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    monkeypatch.setenv("HOME", str(tmp_path))
    served = started(tmp_path / "data")
    health = httpx.get(f"{served.url}/api/v1/health").json()
    assert health["recogniser_ready"] is False and health["weights"] == []
    for path in ("/api/v1/analyses", "/v1/audio/transcriptions"):
        found = problem(httpx.post(served.url + path, files={"file": ("a.wav", clip)}, timeout=60), 503)
        assert "viva models pull tiny.en" in str(found["fix"])
    rows = {"utterances": [{"start": 0, "end": 1, "text": "Who are the users?"}]}
    found = problem(httpx.post(f"{served.url}/api/v1/analyses", json=rows, timeout=60), 503)
    assert "viva models pull minilm" in str(found["fix"])


@pytest.mark.fault
def test_an_upload_that_the_disk_has_no_room_for(started: Callable[..., Served], tmp_path: Path, clip: bytes) -> None:
    served = started(tmp_path, largest_file=2_000_000)
    large = wav(np.zeros(2_000_000, np.float32))
    for path in ("/api/v1/analyses", "/v1/audio/transcriptions"):
        found = problem(httpx.post(served.url + path, files={"file": ("a.wav", large)}, timeout=60), 507)
        assert "Free some space" in str(found["fix"])
        assert httpx.post(served.url + path, files={"file": ("a.wav", clip)}, timeout=60).status_code == 200


@pytest.mark.load
def test_the_server_answers_at_once_while_it_works_and_refuses_more_than_it_can_do(
    started: Callable[..., Served], tmp_path: Path, speak: Callable[[str], Samples]
) -> None:
    talk = wav(np.concatenate([speak(INTRODUCTION), np.zeros(16_000, np.float32)] * 30))
    served: Served = started(tmp_path)
    statuses = [
        httpx.post(f"{served.url}/api/v1/analyses", files={"file": ("long.wav", talk)}, timeout=60).status_code
        for _ in range(6)
    ]
    assert statuses[:4] == [202] * 4
    assert statuses[-1] == 503
    busy = httpx.post(f"{served.url}/v1/audio/transcriptions", files={"file": ("long.wav", talk)}, timeout=60)
    problem(busy, 503)
    assert int(busy.headers["retry-after"]) > 0
    # A transcript does not wait for sound.
    rows = {"utterances": [{"start": 0, "end": 1, "text": "Who are the users?"}]}
    assert httpx.post(f"{served.url}/api/v1/analyses", json=rows, timeout=60).status_code == 200
    health = httpx.get(f"{served.url}/api/v1/health").json()
    assert health["jobs_waiting"] >= 1
    assert os.listdir(tmp_path / "analyses")
