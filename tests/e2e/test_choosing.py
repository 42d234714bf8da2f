"""Voice, microphone and loudspeaker are chosen at a terminal, tried at once, remembered and used."""

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.events import InterviewerSpoke, SessionStarted
from assistant.preferences import NAME, Preferences, load_preferences, save_preferences
from assistant.store import Store
from speech.frames import SAMPLE_RATE
from speech.player import Playback, Player
from speech.spoken import Spoken
from tests.e2e.virtual_audio import Listener, VirtualAudio, wait_until

ROOT = Path(__file__).parents[2]


class Terminal:
    """`viva` at a terminal: what it shows, and what is typed."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from assistant.cli import main; main()", "--data-dir", str(folder), *arguments],
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, start_new_session=True,
            env=os.environ | {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))},
        )  # fmt: skip
        os.close(theirs)
        self.shown = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._ours, 4096)
            except OSError:
                return
            if not data:
                return
            self.shown += data.decode("utf-8", "replace")

    def wait_for(self, text: str, patience: float = 60) -> None:
        """Wait until this is shown after everything waited for before."""
        wait_until(lambda: text in self.shown, f"{text!r} in {self.shown!r}", patience)
        self.shown = self.shown.partition(text)[2]

    def type(self, line: str) -> None:
        os.write(self._ours, f"{line}\n".encode())

    def end(self) -> int:
        status = self.process.wait(60)
        self._reader.join(10)
        os.close(self._ours)
        return status


@pytest.fixture
def viva(virtual_audio: VirtualAudio, tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    running: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        running.append(Terminal(tmp_path, *arguments))
        return running[-1]

    yield start
    for terminal in running:
        if terminal.process.poll() is None:
            terminal.process.kill()
            terminal.end()


def talking(seconds: float, loudness: int) -> Playback:
    """Somebody at the microphone."""
    samples = np.random.default_rng(0).normal(0, loudness, round(seconds * SAMPLE_RATE))
    return Player("mic_feed").play(Spoken(np.clip(samples, -32768, 32767).astype(np.int16), SAMPLE_RATE))


def test_a_voice_is_heard_chosen_and_remembered(viva: Callable[..., Terminal], tmp_path: Path) -> None:
    terminal = viva("doctor", "--voice")
    terminal.wait_for("pyttsx3:gmw/en-us")
    terminal.wait_for("Enter to keep auto: ")
    terminal.type("99")
    terminal.wait_for("number from 1 to")
    with Listener("speaker_tap") as listener:
        terminal.type("2")
        wait_until(listener.hears, "the voice")
        terminal.wait_for("Enter to keep pyttsx3:")
    terminal.type("")
    terminal.wait_for("Remembered in")
    assert terminal.end() == 0
    assert load_preferences(tmp_path).voice.startswith("pyttsx3:gmw/en")


def test_nobody_to_ask_is_let_hear_them_all_and_nothing_changes(
    virtual_audio: VirtualAudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.choosing.voice_names", lambda: ["hibari", "pyttsx3:gmw/en-us"])
    from assistant.choosing import hear_voices

    said: list[str] = []
    with Listener("speaker_tap") as listener:
        hear_voices(Preferences(), said.append)
        assert listener.hears()
    assert said == ["hibari", "pyttsx3:gmw/en-us"]
    assert not (tmp_path / NAME).exists()


def test_devices_are_chosen_tried_and_remembered(viva: Callable[..., Terminal], tmp_path: Path) -> None:
    voice = talking(60, 3000)
    terminal = viva("doctor", "--devices")
    terminal.wait_for("Number of the microphone")
    terminal.type("2")
    terminal.wait_for("dB")
    terminal.wait_for("we hear you")
    terminal.wait_for("Number of the loudspeaker")
    terminal.type("1")
    terminal.wait_for("a soft tone was played")
    terminal.wait_for("Remembered in")
    assert terminal.end() == 0
    voice.stop()
    kept = load_preferences(tmp_path)
    assert kept.microphone is not None and kept.microphone.endswith(", ALSA")
    assert kept.loudspeaker is None


def test_practice_begins_when_the_candidate_is_heard(viva: Callable[..., Terminal], tmp_path: Path) -> None:
    save_preferences(tmp_path, Preferences("pyttsx3:gmw/en-us", "mic, ALSA", "gone, ALSA"))
    terminal = viva("practice", "feed", "--minutes", "5")
    terminal.wait_for("The loudspeaker gone, ALSA is not connected")
    terminal.wait_for("Please say a few words")
    terminal.wait_for("only digital silence comes in")
    terminal.wait_for("Enter tries again")
    voice = talking(60, 3)
    terminal.type("")
    terminal.wait_for("too quiet")
    voice.stop()
    voice = talking(60, 60_000)
    terminal.type("")
    terminal.wait_for("distorted")
    voice.stop()
    voice = talking(60, 3000)
    with Listener("speaker_tap") as listener:
        terminal.type("")
        terminal.wait_for("mic: we hear you")
        voice.stop()
        wait_until(listener.hears, "the prompt", 60)
    os.killpg(terminal.process.pid, 2)
    assert terminal.end() == 0
    (summary,) = Store(tmp_path).list_sessions()
    events = Store(tmp_path).events(summary.id)
    assert any(isinstance(event, InterviewerSpoke) and event.aloud for event in events)
    assert isinstance(events[0], SessionStarted) and events[0].input == "mic"


def test_who_wants_to_begin_at_once_is_not_checked(viva: Callable[..., Terminal], tmp_path: Path) -> None:
    terminal = viva("practice", "feed", "--minutes", "5", "--no-check", "--mute")
    wait_until(lambda: "Design the home feed" in " ".join(terminal.shown.split()), "the prompt", 60)
    assert "few words" not in terminal.shown
    os.killpg(terminal.process.pid, 2)
    assert terminal.end() == 0
