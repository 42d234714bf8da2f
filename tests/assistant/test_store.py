"""Sessions are folders; the list of them is an index that may be lost, damaged or somebody else's at any time."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.report import Report
from assistant import replay
from assistant.analysis_store import Analysis
from assistant.events import Event, NoteWritten, SessionEnded
from assistant.ids import UnknownSession
from assistant.index import MIGRATIONS
from assistant.log import SessionLog, SessionRunning
from assistant.store import Store
from prompts.errors import UserError
from tests.assistant.sessions import heard, keep, started

STARTED_AT = "2026-03-01T10:00:00+01:00"
ENDED = SessionEnded(60.0, "finished")
METRIC = heard("The success metric is how many people come back within a week.", 10.0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def ids(store: Store) -> list[str]:
    return [summary.id for summary in store.list_sessions(-1)]


def test_the_history_is_newest_first_and_in_pages(store: Store) -> None:
    kept = [keep(store, [ENDED], f"2026030{day}-100000-00ab") for day in (2, 1, 3)]
    assert ids(store) == sorted(kept, reverse=True)
    assert [summary.id for summary in store.list_sessions(1, 1)] == ["20260302-100000-00ab"]
    assert store.count() == 3


def test_a_line_of_the_history_says_what_was_practised_and_how_it_went(store: Store) -> None:
    id = keep(store, [METRIC, ENDED])
    (before,) = store.list_sessions()
    assert (before.problem, before.framework, before.level) == ("feed", "six-stage", "senior")
    assert (before.duration_seconds, before.state, before.score) == (60.0, "finished", None)
    report = store.report(id)
    (after,) = store.list_sessions()
    assert (after.score, after.findings) == (report.score.total, len(report.findings))
    assert store.summary(id) == after


def test_a_session_is_running_as_long_as_its_log_is_open(store: Store) -> None:
    id = keep(store)
    assert [summary.id for summary in store.unfinished()] == [id]
    with SessionLog(store.folder(id)) as log:
        assert store.summary(id).state == "running"
        assert store.unfinished() == []
        log.append(ENDED)
    assert store.summary(id).state == "finished"


def test_ids_sort_by_time_and_fit_into_an_address(store: Store) -> None:
    made = [store.new_id() for _ in range(50)]
    assert all(set(id) <= set("0123456789abcdef-") for id in made)
    # Sixty-four bits that nobody can guess.
    assert all(len(id[16:]) == 16 for id in made) and len(set(made)) == 50
    assert [id[:15] for id in made] == sorted(id[:15] for id in made)


@pytest.mark.hostile
@pytest.mark.parametrize(
    "id",
    ["", ".", "..", "../secret", "20260302-100000-00ab/../..", "/etc/passwd", "20260302-100000-00AB", "nul\0",
     "20260302-100000-00ab\n", "２０２６0302-100000-00ab", ".deleted-20260302-100000-00ab"],
)  # fmt: skip
def test_an_id_that_is_none_opens_nothing(store: Store, id: str, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "events.jsonl").write_text("")
    reads: list[Callable[[str], object]] = [
        store.folder, store.summary, store.events, store.report, store.recording, store.delete, store.analyses.find,
        store.analyses.delete,
    ]  # fmt: skip
    for read in reads:
        with pytest.raises(UnknownSession, match="There is no"):
            read(id)
    with pytest.raises(UnknownSession):
        store.create(started(id))
    with pytest.raises(UnknownSession):
        store.analyses.save(Analysis(id, STARTED_AT, "failed"))


@pytest.mark.hostile
@settings(max_examples=200)
@given(st.text(max_size=40))
def test_no_id_from_outside_leaves_the_folder(tmp_path_factory: pytest.TempPathFactory, id: str) -> None:
    store = Store(tmp_path_factory.getbasetemp() / "outside")
    with pytest.raises(UnknownSession):
        store.events(id)


def test_the_report_is_kept_until_the_session_says_more(store: Store) -> None:
    id = keep(store, [METRIC, ENDED])
    first = store.report(id)
    kept = store.folder(id) / "report.json"
    assert json.loads(kept.read_text())["score"]["total"] == first.score.total
    assert store.report(id) == first
    with SessionLog(store.folder(id)) as log:
        log.append(heard("And the model is a two tower network with softmax.", 30.0))
    assert len(store.report(id).utterances) == len(first.utterances) + 1


def test_a_report_does_not_outlive_what_was_corrected_while_it_was_computed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = keep(store, [METRIC, ENDED])
    compute = replay.report

    def interrupted(events: Sequence[Event]) -> Report:
        report = compute(events)
        monkeypatch.undo()
        store.correct(id, NoteWritten(10.0, "Say the scale first."))
        return report

    monkeypatch.setattr(replay, "report", interrupted)
    store.report(id)
    assert any("Say the scale first." in note for note in store.report(id).notes)


@pytest.mark.fault
@pytest.mark.parametrize("damage", ["", "{", "null", '{"schema": "other"}'])
def test_a_damaged_report_is_computed_again(store: Store, damage: str) -> None:
    id = keep(store, [METRIC, ENDED])
    first = store.report(id)
    (store.folder(id) / "report.json").write_text(damage)
    assert store.list_sessions()[0].score is None
    assert store.report(id) == first
    assert store.list_sessions()[0].score == first.score.total


def test_finishing_ends_and_judges_a_session_once(store: Store) -> None:
    id = keep(store, [METRIC])
    report = store.finish(id, "recovered")
    assert report.session.duration_seconds == METRIC.end
    assert store.events(id)[-1] == SessionEnded(METRIC.end, "recovered")
    store.finish(id, "finished")
    assert sum(isinstance(event, SessionEnded) for event in store.events(id)) == 1


def test_a_deleted_session_is_gone_with_its_recording(store: Store, tmp_path: Path) -> None:
    id, other = keep(store, [ENDED]), keep(store, [ENDED])
    (store.folder(id) / "audio.pcm").write_bytes(bytes(3200))
    assert store.recording(id) is not None
    assert store.recording(other) is None
    store.delete(id)
    assert ids(store) == [other]
    assert not list(tmp_path.rglob("*.pcm"))
    with pytest.raises(UnknownSession):
        store.events(id)


def test_a_running_session_cannot_be_deleted(store: Store) -> None:
    id = keep(store)
    with SessionLog(store.folder(id)), pytest.raises(SessionRunning):
        store.delete(id)
    assert ids(store) == [id]


def test_an_analysis_is_kept_with_its_report(store: Store) -> None:
    id = store.new_id()
    done = Analysis(id, STARTED_AT, "done", progress=1.0, report=store.report(keep(store, [METRIC, ENDED])))
    store.analyses.save(done)
    assert store.analyses.find(id) == done
    store.analyses.delete(id)
    for gone in (store.analyses.find, store.analyses.delete):
        with pytest.raises(UnknownSession):
            gone(id)


def test_the_index_survives_power_loss_and_names_its_owner(tmp_path: Path) -> None:
    keep(store := Store(tmp_path))
    store.count()
    with sqlite3.connect(tmp_path / "vivavoce.sqlite3") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA application_id").fetchone() == (int.from_bytes(b"VIVA"),)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(list(MIGRATIONS.glob("*.sql"))),)
    connection.close()


@pytest.mark.fault
def test_what_happened_to_the_folders_meanwhile_is_taken_over(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first, second = keep(store, [ENDED]), keep(store)
    assert len(ids(store)) == 2
    for file in (tmp_path / "sessions" / first).iterdir():
        file.unlink()
    (tmp_path / "sessions" / first).rmdir()
    with SessionLog(store.folder(second)) as log:
        log.append(ENDED)
    assert [(s.id, s.state) for s in store.list_sessions()] == [(second, "finished")]


@pytest.mark.fault
def test_a_session_that_cannot_be_read_hides_only_itself(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept, lost = keep(store, [ENDED]), keep(store)
    (store.folder(lost) / "events.jsonl").write_bytes(b"\x00" * 100)
    assert ids(store) == [kept]
    with pytest.raises(UserError, match="viva analyze"):
        store.summary(lost)


WRITER = """
import sys
from pathlib import Path
from assistant.store import Store
from analysis.report import Report
from assistant import replay
from assistant.events import Event, NoteWritten, SessionEnded
from tests.assistant.sessions import keep
store = Store(Path(sys.argv[1]))
for _ in range(25):
    keep(store, [SessionEnded(60.0, "finished")])
    store.list_sessions()
"""


@pytest.mark.load
@pytest.mark.parametrize("damaged", [False, True])
def test_two_processes_at_once_lose_nothing(tmp_path: Path, damaged: bool) -> None:
    if damaged:
        (tmp_path / "vivavoce.sqlite3").write_bytes(b"rubbish" * 1000)
    root = Path(__file__).parents[2]
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], cwd=root) for _ in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert Store(tmp_path).count() == 75
    assert len(list(tmp_path.glob("*.corrupt.*"))) == int(damaged)


FULL = """
import resource, sys
from pathlib import Path
from assistant.store import Store
# No file may grow beyond this, as on a disk that is full but for a little.
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
store = Store(Path(sys.argv[1]))
print([summary.id for summary in store.list_sessions()] == sys.argv[3:])
print(len(store.report(sys.argv[3]).utterances))
"""


@pytest.mark.fault
@pytest.mark.parametrize("room", [0, 1000, 5000])
def test_a_full_disk_still_shows_the_history_and_the_reports(tmp_path: Path, room: int) -> None:
    kept = keep(Store(tmp_path), [METRIC, ENDED])
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), str(room), kept], capture_output=True, text=True, check=False
    )
    assert run.stdout.split() == ["True", "1"], run.stderr
    assert not list(tmp_path.rglob("*.part"))
    assert ids(Store(tmp_path)) == [kept]
