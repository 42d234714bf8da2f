"""Practice sessions (`session.py`) on the virtual microphone, and what they were really given to hear."""

import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

from assistant.events import WordsHeard
from assistant.log import read_log
from assistant.store import Store
from speech.frames import SAMPLE_RATE, Int16, to_pcm16
from speech.recording import RAW
from tests.assistant.conftest import plain
from tests.speech.conftest import BASELINE, INTRODUCTION, LABELS, Samples

ROOT = Path(__file__).parents[2]
_BLOCK = struct.Struct("<dI")
_SLICE = SAMPLE_RATE // 50


@dataclass(frozen=True, slots=True)
class Programme:
    """Sentences and pauses in which no two moments are alike. said: first and last second of each sentence, and its words."""

    samples: Int16
    said: tuple[tuple[float, float, str], ...]

    def place(self, recorded: Int16) -> int | None:
        """Number of the sample from which on a recording holds exactly these samples; None when it does not."""
        found = self.samples.tobytes().find(recorded.tobytes())
        return found // 2 if found >= 0 and found % 2 == 0 else None

    def finished(self, begin: float, end: float) -> list[str]:
        """What was said to its end between two of its seconds."""
        return [words for first, last, words in self.said if first >= begin + 0.2 and last <= end - 0.2]

    def whole_in(self, given: Int16) -> list[str]:
        """The sentences that a microphone gave sample for sample, and 0.2 s of what comes after each."""
        data = given.tobytes()
        spans = ((round(first * SAMPLE_RATE), round((last + 0.2) * SAMPLE_RATE)) for first, last, _ in self.said)
        return [
            words
            for (first, last), (_, _, words) in zip(spans, self.said, strict=True)
            if last <= len(self.samples) and self.samples[first:last].tobytes() in data
        ]


def programme(speak: Callable[[str], Samples], seconds: float, pause: float = 2.0) -> Programme:
    """Sentences until about that second, and so many seconds of pause before each."""
    noise = np.random.default_rng(14)
    pieces, said, at, turn = [], [], 0.0, 0
    while at < seconds:
        sentence = (INTRODUCTION, LABELS, BASELINE)[turn % 3]
        quiet, spoken = np.zeros(int(pause * SAMPLE_RATE), np.float32), speak(sentence)
        begin = at + len(quiet) / SAMPLE_RATE
        at = begin + len(spoken) / SAMPLE_RATE
        pieces += [quiet, spoken]
        said.append((begin, at, plain(sentence)))
        turn += 1
    whole = np.concatenate(pieces)
    return Programme(to_pcm16(whole + noise.normal(0, 1e-3, len(whole)).astype(np.float32)), tuple(said))


class Practising:
    """A running session; its processes form a group, as in a terminal.

    folder: its data folder. given: where all that the microphone gave is kept. prefix: a command to run it with.
    seen: where its data folder is for others.
    """

    def __init__(self, folder: Path, given: Path, prefix: Sequence[str] = (), seen: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        given.mkdir(parents=True, exist_ok=True)
        self.store = Store(seen or folder)
        self._given = given
        self._screen = given.with_name(f"{given.name}-screen")
        with self._screen.open("w") as screen:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "tests.scorecard.session", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=screen,
                cwd=ROOT,
                start_new_session=True,
                env=os.environ | {"GIVEN": str(given), "PYTHONPATH": str(Path(__file__).with_name("witness"))},
            )

    @property
    def shown(self) -> str:
        """All that stood on its terminal."""
        return self._screen.read_text()

    @property
    def folder(self) -> Path | None:
        """The session's own, once there is sound in it."""
        return next((path.parent for path in self.store.root.glob(f"sessions/*/{RAW}") if path.stat().st_size), None)

    @property
    def recorders(self) -> list[int]:
        """The processes that captured, in their order."""
        return [int(path.name) for path in sorted(self._given.iterdir(), key=lambda path: path.stat().st_ctime_ns)]

    def given(self, until: float) -> Int16:
        """All that the microphone had given by then, a `time.monotonic` second; mono."""
        blocks = []
        for recorder in self.recorders:
            data, at = (self._given / str(recorder)).read_bytes(), 0
            while at < len(data):
                when, size = _BLOCK.unpack_from(data, at)
                at += _BLOCK.size + size
                if when <= until and at <= len(data):
                    blocks.append(data[at - size : at])
        return np.frombuffer(b"".join(blocks), np.int16)

    def end(self) -> int:
        """Ctrl-C, as in a terminal, and its status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(120)

    def kill(self) -> None:
        """Leave nothing of it."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def words_of(folder: Path) -> str:
    """What a session's log says was heard."""
    return plain(" ".join(event.text for event in read_log(folder) if isinstance(event, WordsHeard)))


def lost(sentences: list[str], said: str) -> list[str]:
    """Those of the sentences that are not in what was written down; a word or two may be misheard."""
    text = said.split()
    missing = []
    for sentence in sentences:
        words = sentence.split()
        at = SequenceMatcher(None, text, words, autojunk=False).get_matching_blocks()
        if sum(block.size for block in at) < 0.7 * len(words):
            missing.append(sentence)
            continue
        begin = next(block.a for block in at if block.size)
        text = text[:begin] + text[begin + len(words) :]
    return missing


def missing(given: Int16, recorded: Int16) -> int:
    """How many samples of what a microphone gave are not in a recording, in their order and unchanged."""
    data, at, gone = recorded.tobytes(), 0, 0
    for begin in range(0, len(given), _SLICE):
        piece = given[begin : begin + _SLICE].tobytes()
        found = data.find(piece, at)
        if found < 0:
            gone += len(piece) // 2
        else:
            at = found + len(piece)
    return gone


def unchanged(recorded: Int16, said: Programme, begin: int = 0) -> tuple[int, int]:
    """Where a recording begins in the programme, and how many samples from `begin` on are exactly those of it."""
    place = said.place(recorded[begin : begin + _SLICE])
    assert place is not None, "the recording does not begin with what was played"
    both = min(len(recorded) - begin, len(said.samples) - place)
    differ = np.flatnonzero(recorded[begin : begin + both] != said.samples[place : place + both])
    return place, int(differ[0]) if len(differ) else both
