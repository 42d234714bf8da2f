"""A practice session in a process of its own, on virtual devices, and somebody who answers in it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import jiwer
import numpy as np

from assistant.events import Event, InterviewerSpoke, SessionEnded, WordsHeard
from assistant.log import read_log
from assistant.store import Store
from prompts.problems import get_problem
from speech.frames import SAMPLE_RATE, Float32, to_pcm16
from tests.e2e.virtual_audio import heard_by_the_microphone, wait_until
from tests.speech.conftest import BASELINE, LABELS, Samples

ROOT = Path(__file__).parents[2]

PRACTISING = """
import sys
from pathlib import Path
from assistant.practice import practice
from assistant.session_setup import SessionSetup
from assistant.store import Store

class Screen:
    def tick(self, state):
        print(f"{state.elapsed:.2f} {state.message or ''}", flush=True)
    def line(self, text):
        print(text, flush=True)

folder, problem, minutes = sys.argv[1:]
setup = SessionSetup(problem or None, "six-stage", "senior", 60 * float(minutes))
report = practice(Store(Path(folder)), setup, Screen(), print, voice="pyttsx3")
print("judged", len(report.utterances))
"""


class Practising:
    """A session in a process of its own, with the devices the machine has."""

    def __init__(self, folder: Path, problem: str = "", minutes: float = 10, fault: str = "") -> None:
        self.store = Store(folder)
        with (folder / "screen").open("w") as screen:
            self._child = subprocess.Popen(
                [sys.executable, "-c", fault + PRACTISING, str(folder), problem, str(minutes)],
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=screen,
                cwd=ROOT,
                # As in a terminal, where Ctrl-C reaches the children as well.
                start_new_session=True,
            )
        self._screen = folder / "screen"
        wait_until(lambda: "0." in self.shown, "the session to begin", 60)

    @property
    def shown(self) -> str:
        return self._screen.read_text()

    @property
    def elapsed(self) -> float:
        seconds = re.findall(r"^(\d+\.\d\d) .*\n", self.shown, re.MULTILINE)
        return float(seconds[-1]) if seconds else 0.0

    @property
    def over(self) -> bool:
        """Whether it has ended by itself."""
        return self._child.poll() is not None

    @property
    def folder(self) -> Path:
        (folder,) = (self.store.root / "sessions").iterdir()
        return folder

    @property
    def events(self) -> list[Event]:
        return read_log(self.folder)

    @property
    def said(self) -> str:
        return plain(" ".join(event.text for event in self.events if isinstance(event, WordsHeard)))

    def stand_still(self, together: bool) -> None:
        """Stop the session's process, or it together with its children, as Ctrl-Z does."""
        (os.killpg if together else os.kill)(self._child.pid, signal.SIGSTOP)

    def go_on(self, together: bool) -> None:
        (os.killpg if together else os.kill)(self._child.pid, signal.SIGCONT)

    def interrupt(self) -> None:
        """Ctrl-C, and the end it brings."""
        os.killpg(self._child.pid, signal.SIGINT)
        assert self._child.wait(60) == 0, self.shown
        assert "judged" in self.shown.splitlines()[-1]

    def end(self) -> None:
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


def answer(samples: Samples) -> None:
    """Say something into the microphone, to its end and a little silence after it."""
    quiet = np.zeros(SAMPLE_RATE // 2, np.int16)
    with heard_by_the_microphone(np.concatenate([to_pcm16(samples), quiet])) as playing:
        assert playing.wait(60) == 0


@contextmanager
def loudspeaker_heard_by_the_microphone(decibels: float = -12.0) -> Iterator[None]:
    """As in a room without headphones: what is played reaches the microphone, softer than who sits before it."""
    # A part of the microphone's own device, so on its clock: a loop between two devices loses sound on a busy machine.
    room = ["sink_name=room", "master=mic_feed", "channels=1", "rate=16000", "remix=no"]
    module = _pactl("load-module", "module-remap-sink", *room)
    try:
        _pactl("set-sink-volume", "room", f"{decibels:g}dB")
        _pactl("set-default-sink", "room")
        yield
    finally:
        _pactl("set-default-sink", "speaker")
        _pactl("unload-module", module)


def _pactl(*words: str) -> str:
    return subprocess.run(["pactl", *words], capture_output=True, text=True, check=True).stdout.strip()


def check_a_session(session: Practising, speak: Callable[[str], Samples]) -> Float32:
    """Prompt, answer, Ctrl-C; gives what was recorded while the prompt sounded."""

    def prompts() -> list[InterviewerSpoke]:
        return [event for event in session.events if isinstance(event, InterviewerSpoke)]

    wait_until(lambda: bool(prompts()), "the prompt")
    (prompt,) = prompts()
    assert get_problem("feed").prompt in prompt.text
    assert prompt.text in session.shown
    assert prompt.aloud
    wait_until(lambda: session.elapsed > prompt.end + 0.5, "the prompt's end", 60)
    answer(speak(f"{LABELS} {BASELINE}"))
    wait_until(lambda: "popularity" in session.said, "the answer to be written down while the session runs", 60)
    session.interrupt()

    assert jiwer.wer(plain(f"{LABELS} {BASELINE}"), session.said) < 0.1
    ended = session.events[-1]
    assert isinstance(ended, SessionEnded)
    assert ended.reason == "interrupted"
    (summary,) = session.store.list_sessions()
    report = session.store.report(summary.id)
    assert report.utterances[0].text == prompt.text
    own = [utterance for utterance in report.utterances if utterance.speaker == "candidate"]
    assert own[0].start > prompt.end
    assert summary.state == "finished"
    recording = session.store.recording(summary.id)
    assert recording is not None
    sound = recording.read()
    assert len(sound) / SAMPLE_RATE > own[-1].end - 1
    return sound[: int(prompt.end * SAMPLE_RATE)]
