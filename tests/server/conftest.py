"""A real server process, its own data folder, and spoken recordings to send to it."""

import importlib
import io
import os
import pkgutil
import resource
import signal
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest

from assistant.events import AudioStarted, Event, InterviewerSpoke, SessionEnded, SessionStarted, WordsHeard
from assistant.log import SessionLog
from assistant.store import Store
from server import pages
from speech.frames import pcm16_bytes
from speech.transcript import Word
from tests.speech.conftest import INTRODUCTION, Samples
from tests.speech.conftest import speak as speak


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    url: str
    process: subprocess.Popen[str]
    store: Store

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port


def start(
    folder: Path,
    largest_file: int | None = None,
    stderr: IO[bytes] | None = None,
    arguments: Sequence[str] = (),
    **environment: str,
) -> Served:
    """Start a server. largest_file: bytes any file may have, beyond which it is told what a full disk tells."""

    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    process = subprocess.Popen(
        [sys.executable, "-m", "server", "--port", "0", "--data-dir", str(folder), "--model", "tiny.en", *arguments],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        preexec_fn=limit,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert arguments or url.startswith("http://127.0.0.1:"), url
    return Served(url, process, Store(folder))


def stop(served: Served) -> int:
    if served.process.poll() is None:
        served.process.send_signal(signal.SIGTERM)
    status = served.process.wait(30)
    assert served.process.stdout is not None
    served.process.stdout.close()
    return status


@pytest.fixture(scope="session", autouse=True)
def no_proxy() -> Iterator[None]:
    """Nothing here goes to another machine, whatever proxy this one is set up for."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "127.0.0.1")
        yield


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests; it must still answer after the last of them."""
    server = start(tmp_path_factory.mktemp("data"))
    try:
        yield server
        assert httpx.get(f"{server.url}/api/v1/health").status_code == 200
    finally:
        stop(server)


@pytest.fixture(scope="session")
def api(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=180) as client:
        yield client


def wav(samples: Samples) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(pcm16_bytes(samples))
    return target.getvalue()


@pytest.fixture(scope="session")
def clip(speak: Callable[[str], Samples]) -> bytes:
    """A spoken sentence as a WAV file."""
    pause = np.zeros(8000, np.float32)
    return wav(np.concatenate([pause, speak(INTRODUCTION), pause]))


SAID = (
    ("Who are the users, and which metric decides about success?", 12.0),
    ("I assume three hundred million users, and we want longer watch time.", 20.0),
    ("The label is whether somebody finished the movie.", 30.0),
    ("As a baseline I would rank by popularity, then train a two-tower model.", 40.0),
)


def happened(id: str, ended: bool = True) -> list[Event]:
    """A short session."""
    events: list[Event] = [
        SessionStarted(
            0.0, id, "video-recommendation", "six-stage", "senior", 2700.0,
            datetime.now().astimezone().isoformat(timespec="seconds"), "mic", "tiny.en",
        ),
        AudioStarted(0.5),
        InterviewerSpoke(1.0, 9.0, "Design the recommendations for a video service.", "prompt"),
    ]  # fmt: skip
    for text, at in SAID:
        words = text.split()
        timed = tuple(Word(at + 0.4 * n, at + 0.4 * n + 0.35, word, 0.9) for n, word in enumerate(words))
        events.append(WordsHeard(at, timed[-1].end, timed, text))
    if ended:
        events.append(SessionEnded(60.0, "finished"))
    return events


def keep(store: Store, events: list[Event], audio: bytes = b"") -> str:
    started = events[0]
    assert isinstance(started, SessionStarted)
    folder = store.create(started)
    with SessionLog(folder) as log:
        for event in events[1:]:
            log.append(event)
    if audio:
        (folder / "audio.pcm").write_bytes(audio)
    return started.id


@pytest.fixture
def session(served: Served) -> str:
    """The id of a finished session with a recording of two seconds."""
    sound = np.arange(32_000, dtype=np.int16)
    return keep(served.store, happened(served.store.new_id()), pcm16_bytes(sound))


def problem(response: httpx.Response, status: int) -> dict[str, object]:
    """The problem in a response, after making sure that it is one."""
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = response.json()
    assert body["status"] == status
    assert body["type"] and body["title"] and body["detail"]
    assert "Traceback" not in response.text and ".py" not in response.text
    return body


def page_paths() -> list[str]:
    """The addresses of all pages, and of what they are made of."""
    modules = [
        importlib.import_module(f"{pages.__name__}.{each.name}") for each in pkgutil.iter_modules(pages.__path__)
    ]
    return [route.path for module in modules if hasattr(module, "router") for route in module.router.routes]


@pytest.fixture
def started() -> Iterator[Callable[..., Served]]:
    """`start` for servers of a test's own, none of which outlives it."""
    servers: list[Served] = []

    def starting(folder: Path, largest_file: int | None = None, **environment: str) -> Served:
        servers.append(start(folder, largest_file, None, **environment))
        return servers[-1]

    yield starting
    for served in servers:
        if served.process.poll() is None:
            stop(served)
