"""Stand-ins for the package index and the model hub."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from models.manifest import Weight, WheelSource
from models.store import Store
from tests.models.small_weight import CONTENTS, REVISION, build_wheel, describe


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all pip knows of; nothing in it yet."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def wheel_source(packages: Path) -> WheelSource:
    """The small weight in two packages, its largest file split between them."""
    model = CONTENTS["model.bin"]
    first = {
        "small_one/data/config.json": CONTENTS["config.json"],
        "small_one/data/vocab/words.txt": CONTENTS["vocab/words.txt"],
        "small_one/data/model.bin.part1": model[:600_000],
        "small_one/__init__.py": b"raise RuntimeError('weights are data: nothing in these packages is to be run')",
    }
    wheels = (
        build_wheel(packages, "small-one", first),
        build_wheel(packages, "small-two", {"small_two/data/model.bin.part2": model[600_000:]}),
    )
    parts = {"model.bin": ("small_one/data/model.bin.part1", "small_two/data/model.bin.part2")}
    return WheelSource(wheels, "small_one/data", parts)


@pytest.fixture
def store_of(tmp_path: Path) -> Callable[[Weight], Store]:
    """An empty store that knows one weight."""
    return lambda weight: Store(tmp_path / "store", {weight.id: weight})


@pytest.fixture
def stored(tmp_path: Path) -> Store:
    """A store that holds the small weight in full."""
    weight = describe()
    store = Store(tmp_path / "store", {weight.id: weight})
    for name, data in CONTENTS.items():
        path = store.folder("small") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return store


@dataclass
class Hub:
    """What the stand-in for the model hub serves, and whether it stops half-way."""

    files: dict[str, bytes] = field(default_factory=lambda: dict(CONTENTS))
    stalls: bool = False
    stalled: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A hub on loopback that serves the small weight at REVISION."""
    state = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, body: bool) -> None:
            data = state.files.get(self.path.removeprefix(f"/vivavoce/small/resolve/{REVISION}/"))
            if data is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", REVISION)
            self.end_headers()
            if not body:
                return
            if state.stalls and len(data) > 100_000:
                self.wfile.write(data[: len(data) // 2])
                self.wfile.flush()
                state.stalled.set()
                state.released.wait()
                return
            self.wfile.write(data)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub-cache"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield state
    state.released.set()
    server.shutdown()
    server.server_close()
