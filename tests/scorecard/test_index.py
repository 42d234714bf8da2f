"""F10, L5: an index of sessions that is damaged, lost, locked, somebody else's, or of another version; and a long one."""

import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from assistant.events import SessionEnded
from assistant.index import MIGRATIONS
from assistant.store import Store
from tests.assistant.sessions import keep
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.practising import ROOT
from tests.server.conftest import start, stop

SNAPSHOTS = Path(__file__).with_name("schemas")
"""The index as each released version made it, with a session in it."""

ENDED = SessionEnded(60.0, "finished")
_NAME = "vivavoce.sqlite3"
_KEPT = "An index that cannot be used is moved aside, never deleted, and made again from the sessions' own folders"


def ids(folder: Path) -> list[str]:
    return [summary.id for summary in Store(folder).list_sessions(-1)]


def foreign(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.execute("INSERT INTO recipes VALUES ('soup')")
    connection.close()


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()


def other_columns(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE sessions DROP COLUMN score")
    connection.close()


def zeroed(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(bytes(100) + data[100:])


def scrambled(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "foreign": foreign,
    "newer": newer,
    "other columns": other_columns,
    "header zeroed": zeroed,
    "pages scrambled": scrambled,
    "text": lambda path: path.write_text("not a database at all, but a long enough text" * 100),
    "halved": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100]),
}


def aside(folder: Path) -> list[Path]:
    return [file for file in folder.glob(f"{_NAME}.corrupt.*") if not file.name.endswith(("-wal", "-shm"))]


@pytest.mark.fault
def test_the_index_is_damaged(claim: Claim, tmp_path: Path) -> None:
    row = claim("F10", _KEPT)
    lost, deleted = [], []
    for what, damage in DAMAGES.items():
        folder = tmp_path / what
        kept = [keep(Store(folder), [ENDED]) for _ in range(3)]
        assert sorted(ids(folder)) == sorted(kept)
        damage(folder / _NAME)
        before = (folder / _NAME).read_bytes()
        lost += [what] * (sorted(ids(folder)) != sorted(kept))
        deleted += [what] * ([path.read_bytes() for path in aside(folder)] != [before])
        assert sorted(ids(folder)) == sorted(kept)
        assert len(aside(folder)) == 1, "moved aside once"
    for what, lose in LOSSES.items():
        folder = tmp_path / what
        kept = [keep(Store(folder), [ENDED])]
        assert ids(folder) == kept
        lose(folder / _NAME)
        lost += [what] * (ids(folder) != kept)
        assert aside(folder) == []
    row.tried(f"an index that was {', '.join([*DAMAGES, *LOSSES])}")
    row.none("of them cost a session", lost)
    row.none("of them not kept as they were", deleted)


LOSSES: dict[str, Callable[[Path], object]] = {
    "emptied": lambda path: path.write_bytes(b""),
    "deleted": Path.unlink,
    "thrown away by us": lambda path: Store(path.parent).rebuild(),
}

LOCKING = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA locking_mode = EXCLUSIVE")
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(600)
"""


@pytest.mark.fault
def test_the_index_is_locked(claim: Claim, tmp_path: Path) -> None:
    row = claim("F10", _KEPT)
    kept = keep(Store(tmp_path), [ENDED])
    assert ids(tmp_path) == [kept]
    other = subprocess.Popen([sys.executable, "-c", LOCKING, str(tmp_path / _NAME)], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None and other.stdout.readline()
        began = time.monotonic()
        listed = ids(tmp_path)
        seconds = time.monotonic() - began
    finally:
        other.kill()
        other.communicate()
    row.tried("locked by another process")
    row.none("sessions not listed meanwhile", {kept} - set(listed))
    row.within("time until they were", seconds, 5)
    assert aside(tmp_path) == []
    assert ids(tmp_path) == [kept]


@pytest.mark.fault
def test_an_index_of_every_released_version_is_migrated(claim: Claim, tmp_path: Path) -> None:
    """So far there is one version only, 0.1.0: its index is taken over as it is."""
    row = claim("F10", _KEPT)
    snapshots = sorted(SNAPSHOTS.glob("*.sql"))
    moved = []
    for snapshot in snapshots:
        folder = tmp_path / snapshot.stem
        kept = keep(Store(folder), [ENDED])
        made(folder / _NAME, snapshot)
        assert ids(folder) == [kept]
        moved += aside(folder)
        with sqlite3.connect(folder / _NAME) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (len(list(MIGRATIONS.glob("*.sql"))),)
        connection.close()
    row.tried(f"indexes as the released versions made them: {', '.join(path.stem for path in snapshots)}")
    row.none("of those moved aside instead of migrated", moved)


def test_this_version_has_its_snapshot(tmp_path: Path) -> None:
    """A change of the schema adds a migration and, with its release, a snapshot; older snapshots stay as they are."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    Store(tmp_path).count()
    made(tmp_path / "snapshot", SNAPSHOTS / f"{version}.sql")
    assert schema(tmp_path / "snapshot") == schema(tmp_path / _NAME)


def made(path: Path, snapshot: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.executescript(snapshot.read_text("utf-8"))
    connection.close()


def schema(path: Path) -> list[tuple[str, ...]]:
    with sqlite3.connect(path) as connection:
        found = [
            *connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name"),
            *connection.execute("PRAGMA user_version"),
            *connection.execute("PRAGMA application_id"),
        ]
    connection.close()
    return found


@pytest.mark.load
def test_a_long_history(claim: Claim, sized: Sized, tmp_path: Path, no_proxy: None) -> None:
    row = claim("L5", "A long history opens at once")
    count, asked = sized(300, 1000), sized(40, 200)
    store = Store(tmp_path)
    for number in range(count):
        day, minute = divmod(number, 1440)
        keep(store, [ENDED], f"202603{day + 1:02d}-{minute // 60:02d}{minute % 60:02d}00-00ab")
    store.count()
    served = start(tmp_path)
    try:
        with httpx.Client(base_url=served.url, timeout=60) as api:
            seconds = []
            for number in range(asked):
                answer = api.get("/api/v1/sessions", params={"limit": 50, "offset": number * 7 % (count - 50)})
                assert answer.status_code == 200
                seconds.append(answer.elapsed.total_seconds())
    finally:
        stop(served)
    row.tried(f"{asked} pages of a list of {count} sessions over HTTP")
    row.within("95 of 100 pages within", sorted(seconds)[len(seconds) * 95 // 100], 0.1)
