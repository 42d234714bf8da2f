"""Ids and file names that try to leave the data folder."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.ids import UnknownSession
from speech.frames import SAMPLE_RATE
from speech.recorder import write_wav
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.raw import ask
from tests.server.conftest import Served, happened, keep

pytestmark = pytest.mark.hostile

SECRET = "what only the owner of this file may read"
# {away}: a path outside of the data folder. As they stand on the request line.
IDS = (
    "..", ".", "../..", "../../secret", "..%2f..%2fsecret", "%2e%2e/%2e%2e/secret", "%252e%252e%252fsecret", "..%5c..%5csecret",
    "....//....//secret", "..;/secret", "%c0%ae%c0%ae/secret", "%00", "20260101-000000-ffff%00", "{away}", "%2f{away}", "file://{away}",
    "//{away}", "~", "~root", "$HOME", "CON", "NUL", "aux.txt", "C:%5cWindows", "%5c%5c127.0.0.1%5cshare", "20260101-000000-ffff.",
    "20260101-000000-ffff%20", "20260101-000000-FFFF", "%ef%bc%92%ef%bc%90260101-000000-ffff", "a" * 4096, "%ff%fe", "*", "%3f", ".deleted-x",
    "{linked}/..", "{linked}%2f..%2f..%2fvivavoce.sqlite3", "vivavoce.sqlite3", "settings.toml",
)  # fmt: skip
ROUTES = (
    "GET /api/v1/sessions/{id}", "GET /api/v1/sessions/{id}/report", "GET /api/v1/sessions/{id}/transcript",
    "GET /api/v1/sessions/{id}/audio", "GET /api/v1/sessions/{id}/events", "DELETE /api/v1/sessions/{id}",
    "GET /api/v1/analyses/{id}", "GET /api/v1/analyses/{id}/report", "GET /api/v1/problems/{id}", "GET /api/v1/frameworks/{id}",
    "GET /static/{id}", "GET /sessions/{id}", "GET /problems/{id}", "GET /analyses/{id}",
)  # fmt: skip
NAMES = (
    "../../secret.wav",
    "/etc/passwd",
    "..\\..\\secret.wav",
    "secret\0.wav",
    "a" * 4096 + ".wav",
    "CON.wav",
    "%2e%2e%2fsecret",
    ".",
    "",
)


def everything_under(folder: Path, but: Path) -> dict[str, str]:
    """Each file's path and hash, and where each link leads."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_relative_to(but):
            found[str(path)] = (
                os.readlink(path)
                if path.is_symlink()
                else hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest()
            )
    return found


@pytest.fixture
def away(served: Served) -> Iterator[Path]:
    """Folders and files beside the data folder, where a step or two upwards leads."""
    folder = served.store.root.parent / "secret"
    folder.mkdir()
    for name in ("events.jsonl", "report.json", "audio.pcm", "secret.wav"):
        (folder / name).write_text(SECRET)
    yield folder
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def test_no_name_leaves_the_data_folder(
    claim: Claim, served: Served, api: httpx.Client, session: str, away: Path
) -> None:
    row = claim("B7", "No id and no file name leads out of the data folder")
    data = served.store.root
    before = everything_under(data.parent, but=data)
    sessions = api.get("/api/v1/sessions").json()["total"]
    other, tried = [], 0
    for route in ROUTES:
        for id in IDS:
            line = route.format(id=id.format(away=away, linked=session))
            host = f"Host: 127.0.0.1:{served.port}"
            answer = ask(served, [f"{line} HTTP/1.1", host, "Connection: close", "Accept: application/json"])
            tried += 1
            found = int(answer.split()[1])
            if not 400 <= found < 500 or SECRET.encode() in answer:
                other.append((line[:200], answer[:200]))
    for name in NAMES:
        for path in ("/api/v1/analyses", "/v1/audio/transcriptions"):
            tried += 1
            found = api.post(path, files={"file": (name, b"RIFF nothing")}).status_code
            if not 400 <= found < 500:
                other.append((f"{path} {name[:99]}", str(found).encode()))
    # The same names on a file that is taken.
    write_wav(away.parent / "sound.wav", np.zeros(SAMPLE_RATE, np.int16))
    sound = (away.parent / "sound.wav").read_bytes()
    (away.parent / "sound.wav").unlink()
    taken = [api.post("/v1/audio/transcriptions", files={"file": (name, sound)}).status_code for name in NAMES]
    row.tried(f"{tried} requests: {len(IDS)} ids on {len(ROUTES)} routes as raw bytes, {len(NAMES)} file names")
    row.none("answers other than 4xx", other)
    row.at_least("of the names taken on a recording that is one", taken.count(200), len(NAMES) - 1)
    assert everything_under(data.parent, but=data) == before
    assert api.get("/api/v1/sessions").json()["total"] == sessions


def test_a_link_in_the_data_folder_is_removed_and_not_what_it_leads_to(
    claim: Claim, served: Served, api: httpx.Client, away: Path
) -> None:
    row = claim("B7", "No id and no file name leads out of the data folder")
    folder = served.store.root / "sessions" / keep(served.store, happened(served.store.new_id()))
    for path in folder.iterdir():
        path.replace(away / path.name)
    folder.rmdir()
    folder.symlink_to(away, target_is_directory=True)
    before = sorted(path.name for path in away.iterdir())
    answer = api.delete(f"/api/v1/sessions/{folder.name}")
    row.tried("a session that is a link to a folder elsewhere, deleted")
    row.none("files lost there", set(before) - {path.name for path in away.iterdir()})
    assert answer.status_code == 204
    assert not folder.is_symlink() and list(folder.parent.glob(".deleted-*")) == []


def test_no_id_at_all(claim: Claim, sized: Sized, served: Served) -> None:
    row = claim("B7", "No id and no file name leads out of the data folder")
    count = sized(200, 20_000)
    let_in: list[str] = []

    @settings(max_examples=count, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.text(max_size=40) | st.lists(st.sampled_from(["..", "/", "\\", "%", "\0", "2", "sessions"])).map("".join))
    def opens_nothing(id: str) -> None:
        try:
            served.store.folder(id)
        except UnknownSession:
            return
        let_in.append(id)

    opens_nothing()
    row.tried(f"{count} ids that hypothesis thinks of, asked of the store")
    row.none("ids that opened something", let_in)
