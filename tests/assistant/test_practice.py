"""Practice on whatever the machine has, and a graceful end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assistant import practice
from assistant.events import SessionEnded, WordsHeard
from assistant.practice import Choice, choose_input
from assistant.store import Store
from speech.audio_process import AudioLibraryMissing
from speech.devices import Device

ROOT = Path(__file__).parents[2]
MICROPHONE = Device("mic", "test", 1, 0, 16_000, True, False)


@pytest.mark.parametrize("at_terminal", [True, False])
def test_a_microphone_is_used_if_there_is_one(monkeypatch: pytest.MonkeyPatch, at_terminal: bool) -> None:
    monkeypatch.setattr(practice, "microphones", lambda: (MICROPHONE,))
    assert choose_input(None, at_terminal) == Choice("mic")


def test_without_one_the_person_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practice, "microphones", tuple)
    choice = choose_input(None, at_terminal=True)
    assert choice.kind == "typed"
    assert choice.why is not None
    assert "No microphone" in choice.why


def test_without_anybody_the_demonstration_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practice, "microphones", tuple)
    choice = choose_input(None, at_terminal=False)
    assert choice.kind == "demo"
    assert choice.why is not None
    assert "\n" not in choice.why


@pytest.mark.fault
def test_a_missing_sound_library_says_what_to_install_and_practice_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> tuple[Device, ...]:
        raise AudioLibraryMissing

    monkeypatch.setattr(practice, "microphones", missing)
    choice = choose_input(None, at_terminal=True)
    assert choice.kind == "typed"
    assert choice.why is not None
    assert "PortAudio" in choice.why


def test_what_is_asked_for_is_used(tmp_path: Path) -> None:
    assert choose_input("mic", False) == Choice("mic")
    assert choose_input("typed", False) == Choice("typed")
    assert choose_input(str(tmp_path), True) == Choice("file", tmp_path)


PRACTISING = """
import sys
from pathlib import Path
from assistant.practice import practice
from assistant.session_setup import SessionSetup
from assistant.store import Store
from tests.assistant.conftest import Screen
folder, input = sys.argv[1:]
setup = SessionSetup(None, "six-stage", "senior", 600.0, mute=True)
screen = Screen(lambda state: print(state.elapsed, flush=True))
try:
    report = practice(Store(Path(folder)), setup, screen, print, input=input, model="tiny.en")
except KeyboardInterrupt:
    sys.exit(130)
print("judged", len(report.utterances))
"""


def practising(store: Store, input: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PRACTISING, str(store.root), input],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        # As from a terminal: children must survive the Ctrl-C that everybody in the group gets.
        start_new_session=True,
    )


def wait_for(child: "subprocess.Popen[str]", second: float) -> None:
    assert child.stdout is not None
    while float(child.stdout.readline()) < second:
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_session_gracefully(store: Store, talk_file: Path, number: int) -> None:
    child = practising(store, str(talk_file))
    wait_for(child, 8)
    os.killpg(child.pid, number)
    out, _ = child.communicate()
    assert child.returncode == 0
    assert out.splitlines()[-1].startswith("judged")
    (summary,) = store.list_sessions()
    assert summary.state == "finished"
    events = store.events(summary.id)
    assert any(isinstance(event, WordsHeard) for event in events)
    assert isinstance(events[-1], SessionEnded)
    assert events[-1].reason == "interrupted"


STUBBORN = """
import threading
from speech import recogniser_process
class Stuck:
    model_id = "tiny.en"
    def __init__(self, *arguments, **options): ...
    def transcribe(self, segment):
        threading.Event().wait()
    write_roughly = transcribe
    cpu_seconds = lambda self: 0.0
recogniser_process.RecogniserProcess = Stuck
"""


def test_a_second_signal_ends_at_once_and_keeps_the_session(store: Store, talk_file: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", STUBBORN + PRACTISING, str(store.root), str(talk_file)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    wait_for(child, 8)
    child.send_signal(signal.SIGINT)
    assert child.stdout is not None
    for _ in range(5):
        child.stdout.readline()
    child.send_signal(signal.SIGINT)
    child.communicate()
    assert child.returncode == 130
    (summary,) = store.unfinished()
    assert store.recording(summary.id) is not None


def test_typing_goes_the_whole_way(store: Store) -> None:
    child = practising(store, "typed")
    child.stdin.write("Who are the users?\nI assume fifty million a day.\n")  # type: ignore[union-attr]
    out, _ = child.communicate()
    assert child.returncode == 0
    assert out.splitlines()[-1] == "judged 2"


def test_a_signal_ends_typing_in_the_middle_of_a_line(store: Store) -> None:
    child = practising(store, "typed")
    assert child.stdin is not None
    child.stdin.write("Who are the users?\nI assume fif")
    child.stdin.flush()
    wait_for(child, 1)
    # The terminal's window was closed.
    child.send_signal(signal.SIGHUP)
    assert child.wait() == 0
    child.stdin.close()
    assert child.stdout is not None
    assert child.stdout.read().splitlines()[-1] == "judged 1"
    child.stdout.close()
