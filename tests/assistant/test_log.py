"""An event whose append returned is on the disk, whatever happens to the process; a crash tears the last line at most."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.events import AudioStarted, Event, Noted, encode
from assistant.log import NAME, LogUnwritable, SessionLog, SessionRunning, is_running, read_log
from tests.assistant.sessions import any_event


def write(folder: Path, *events: Event) -> None:
    with SessionLog(folder) as log:
        for event in events:
            log.append(event)


def test_events_are_read_in_the_order_they_were_written(tmp_path: Path) -> None:
    write(tmp_path, AudioStarted(1.0), Noted(2.0, "two"))
    write(tmp_path, Noted(3.0, "three\nlines\r\n"))
    assert read_log(tmp_path) == [AudioStarted(1.0), Noted(2.0, "two"), Noted(3.0, "three\nlines\r\n")]


def test_a_folder_without_a_log_has_no_events(tmp_path: Path) -> None:
    assert read_log(tmp_path) == []


def test_only_its_owner_can_read_a_log(tmp_path: Path) -> None:
    write(tmp_path, AudioStarted(1.0))
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


@settings(max_examples=40)
@given(st.lists(any_event, min_size=1, max_size=5), any_event, st.data())
def test_a_torn_last_line_loses_only_that_line(
    tmp_path_factory: pytest.TempPathFactory, whole: list[Event], torn: Event, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("session")
    write(folder, *whole)
    line = encode(torn).encode()
    cut = data.draw(st.integers(1, len(line) - 1))
    with (folder / NAME).open("ab") as file:
        file.write(line[:cut])
    assert read_log(folder)[:-1] == whole
    assert "One line" in read_log(folder)[-1].text  # type: ignore[union-attr]
    write(folder, AudioStarted(5.0))
    assert read_log(folder)[:-1] == [*whole, AudioStarted(5.0)]


def test_only_the_missing_line_end_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(encode(AudioStarted(1.0)))
    assert read_log(tmp_path) == [AudioStarted(1.0)]
    write(tmp_path, AudioStarted(2.0))
    assert read_log(tmp_path) == [AudioStarted(1.0), AudioStarted(2.0)]


@pytest.mark.fault
@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_any_damage_in_the_middle_costs_the_damaged_lines_only(
    tmp_path_factory: pytest.TempPathFactory, damage: bytes
) -> None:
    folder = tmp_path_factory.mktemp("session")
    lines = [encode(AudioStarted(float(second))).encode() for second in range(2)]
    (folder / NAME).write_bytes(lines[0] + b"\n" + damage + b"\n" + lines[1] + b"\n")
    events = [event for event in read_log(folder) if isinstance(event, AudioStarted)]
    assert events == [AudioStarted(0.0), AudioStarted(1.0)]


WRITING_CHILD = """
import sys
from pathlib import Path
from assistant.events import Noted
from assistant.log import SessionLog
log = SessionLog(Path(sys.argv[1]))
number = 0
while True:
    log.append(Noted(float(number), "x" * (number % 5000)))
    print(number, flush=True)        # acknowledged
    number += 1
"""


@pytest.mark.fault
@pytest.mark.parametrize("acknowledged", [1, 30, 300])
def test_killing_the_process_loses_no_acknowledged_event(tmp_path: Path, acknowledged: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", WRITING_CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for _ in range(acknowledged):
        child.stdout.readline()
    assert is_running(tmp_path)
    child.send_signal(signal.SIGKILL)
    lines = child.stdout.read().split("\n")
    child.wait()
    last = max([acknowledged - 1, *(int(line) for line in lines[:-1])])
    assert not is_running(tmp_path)
    events = [event for event in read_log(tmp_path) if isinstance(event, Noted) and event.text.strip("x") == ""]
    assert [event.at for event in events] == [float(number) for number in range(len(events))]
    assert len(events) > last


@pytest.mark.fault
def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.write
    monkeypatch.setattr(os, "write", lambda file, data: whole(file, bytes(data)[:7]))
    write(tmp_path, Noted(1.0, "a longer line"))
    assert read_log(tmp_path) == [Noted(1.0, "a longer line")]


FILLING_CHILD = """
import resource, sys
from pathlib import Path
from assistant.events import Noted
from assistant.log import LogUnwritable, SessionLog
# The kernel itself writes a part first and refuses only then, as on a full disk.
resource.setrlimit(resource.RLIMIT_FSIZE, (10_001, resource.RLIM_INFINITY))
log, number = SessionLog(Path(sys.argv[1])), 0
try:
    while True:
        log.append(Noted(float(number), "x" * 300))
        number += 1
except LogUnwritable as error:
    print(number, error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.append(Noted(float(number), "room again"))
"""


@pytest.mark.fault
def test_a_disk_that_fills_up_keeps_all_before_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FILLING_CHILD, str(tmp_path)], capture_output=True, text=True, check=True
    )
    number, _, message = run.stdout.strip().partition(" ")
    assert message == "The disk is full. Free some space."
    events = read_log(tmp_path)
    assert [event.at for event in events] == [float(n) for n in range(int(number) + 1)]
    assert events[-1] == Noted(float(number), "room again")


@pytest.mark.fault
@pytest.mark.parametrize(
    ("number", "says"), [(errno.ENOSPC, "The disk is full"), (errno.EIO, "cannot be written down")]
)
def test_a_disk_that_refuses_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, says: str
) -> None:
    def refuse(file: int, data: object) -> int:
        raise OSError(number, os.strerror(number))

    with SessionLog(tmp_path) as log:
        monkeypatch.setattr(os, "write", refuse)
        with pytest.raises(LogUnwritable, match=says):
            log.append(AudioStarted(1.0))


def test_a_session_has_one_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.log._PATIENCE_SECONDS", 0.1)
    with SessionLog(tmp_path):
        assert is_running(tmp_path)
        with pytest.raises(SessionRunning, match="running"):
            SessionLog(tmp_path)
    assert not is_running(tmp_path)
    with SessionLog(tmp_path):
        pass


def test_asking_whether_a_session_runs_leaves_no_trace(tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    log = SessionLog(tmp_path)
    log.close()
    log.close()
