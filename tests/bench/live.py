"""How soon words are there in a live session, what it costs, and how long its report takes.

    python tests/bench/live.py [RECORDING | FOLDER] [--model base] [--seconds 300] [--minutes 45] [--busy 0]

Runs a session on the recording at the speed of talk, the way `viva practice --input` does. FOLDER holds recordings and
a manifest.json (a list of {"file"}), heard one after the other with pauses between. Prints, on the session clock, how
long after the end of an utterance its words are in the log, how far partial text is behind, and CPU seconds of all
processes per second of sound. Then a session of so many minutes with other words in every segment, heard as fast as
they can be understood: how long after its end the report is there. The machine's load is printed: other work on the
same cores makes everything later, CPU seconds hardly. --busy lets so many other programs compute meanwhile.
"""

import argparse
import contextlib
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.events import WordsHeard, decode
from assistant.live_state import LiveState
from assistant.practice import load_recogniser
from assistant.runner import SessionRunner
from assistant.session_setup import SessionSetup
from assistant.sources import FileSource, Line
from assistant.store import Store
from speech.decode import decode as decode_sound
from speech.frames import SAMPLE_RATE, Float32, Frame, Segment
from speech.recorder import write_wav
from speech.track import Gap
from speech.transcriber import Recogniser, Transcribed
from speech.transcript import Word
from speech.voice import choose_voices

ROOT = Path(__file__).resolve().parents[2]
_PAUSE_SECONDS = 2.0
_LOOK_SECONDS = 0.01
_SPOKEN_DB = -45.0


class Timed(FileSource):
    """A recording that remembers when the session began and when its own sound ended, in `time.monotonic` seconds."""

    origin = ended = 0.0

    def open(self, origin: float) -> None:
        self.origin = origin
        super().open(origin)

    def items(self, start: float) -> Iterator[Frame | Gap | Line]:
        yield from super().items(start)
        self.ended = time.monotonic()


class Watch:
    """Follows a session's log as it is written: each line's words with the `time.monotonic` second they came."""

    def __init__(self, path: Path) -> None:
        self.heard: list[tuple[float, WordsHeard]] = []
        self._path = path
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _follow(self) -> None:
        read = 0
        while not self._done.wait(_LOOK_SECONDS):
            if not self._path.exists() or self._path.stat().st_size == read:
                continue
            now = time.monotonic()
            with self._path.open("rb") as file:
                file.seek(read)
                new = file.read()
            whole = new[: new.rfind(b"\n") + 1]
            read += len(whole)
            for line in whole.splitlines():
                event = decode(line.decode())
                if isinstance(event, WordsHeard):
                    self.heard.append((now, event))


class Stopwatch:
    """A recogniser whose work on whole segments is timed: (wall seconds, CPU seconds)."""

    def __init__(self, recogniser: Recogniser) -> None:
        self.model_id = recogniser.model_id
        self.write_roughly = recogniser.write_roughly
        self.cpu_seconds = recogniser.cpu_seconds
        self._recogniser = recogniser
        self.spent: list[tuple[float, float]] = []

    def transcribe(self, segment: Segment) -> Transcribed:
        wall, own = time.perf_counter(), self.cpu_seconds()
        found = self._recogniser.transcribe(segment)
        self.spent.append((time.perf_counter() - wall, self.cpu_seconds() - own))
        return found


class Screen:
    """Notes at every moment while somebody speaks how far the text on it is behind, in seconds."""

    def __init__(self) -> None:
        self.behind: list[float] = []
        self._shown = 0.0
        self._spoke = False

    def tick(self, state: LiveState) -> None:
        if state.partial is not None:
            self._shown = max(self._shown, state.partial.end)
        if state.speaking and not self._spoke:
            self._shown = max(self._shown, state.elapsed)
        self._spoke = state.speaking
        if state.speaking and state.level_db > _SPOKEN_DB:
            self.behind.append(state.elapsed - self._shown)

    def line(self, text: str) -> None:
        pass


def cpu_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def peak_megabytes() -> float:
    """Of this process and its largest child that has ended, the recogniser."""
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(peaks) / (1024 if sys.platform == "linux" else 1024**2)


def spread(name: str, seconds: list[float]) -> str:
    if not seconds:
        return f"{name}: none"
    median, late = np.percentile(seconds, [50, 95])
    return f"{name}: median {median:.2f} s, 95th percentile {late:.2f} s, worst {max(seconds):.2f} s ({len(seconds)})"


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def recording(path: Path, seconds: float, folder: Path) -> tuple[Path, float]:
    """The sound to hear as one WAV file, and its seconds."""
    names = [one["file"] for one in json.loads((path / "manifest.json").read_text())] if path.is_dir() else None
    pause = np.zeros(round(_PAUSE_SECONDS * SAMPLE_RATE), np.float32)
    clips = [np.concatenate([decode_sound(path / name).samples, pause]) for name in names] if names else [
        decode_sound(path).samples
    ]  # fmt: skip
    sound = np.concatenate(clips)
    if seconds:
        sound = sound[: round(seconds * SAMPLE_RATE)]
    write_wav(folder / "sound.wav", sound)
    return folder / "sound.wav", len(sound) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Played:
    """A session on a recording at the speed of talk.

    length: seconds of sound. told: each line's words with the session's second at which they were in the log.
    spent: CPU seconds of all processes, without those of loading. work: of each segment, wall and CPU seconds. behind: how far
    partial text was behind, whenever somebody spoke. report: seconds from the end to the report.
    """

    length: float
    told: list[tuple[float, WordsHeard]]
    spent: float
    loading: float
    work: list[tuple[float, float]]
    behind: list[float]
    report: float


def played(path: Path, seconds: float, model: str, problem: str, folder: Path) -> Played:
    sound, length = recording(path, seconds, folder)
    child = load_recogniser(problem, model)
    recogniser = Stopwatch(child)
    loading = child.cpu_seconds()
    before = cpu_seconds()
    source, store, screen = Timed(sound), Store(folder / "paced"), Screen()
    runner = SessionRunner(store, SessionSetup(problem, "six-stage", "senior", 2700.0), source, recogniser,
                           choose_voices("auto"), screen)  # fmt: skip
    watch = Watch(store.root / "sessions" / runner.id / "events.jsonl")
    runner.run()
    reported = time.monotonic()
    child.close()
    spent = cpu_seconds() - before - loading
    watch.stop()
    told = [(at - source.origin, event) for at, event in watch.heard]
    return Played(length, told, spent, loading, recogniser.spent, screen.behind, reported - source.ended)


def paced(path: Path, seconds: float, model: str, problem: str, folder: Path) -> None:
    print(f"{path.name} at the speed of talk with {model}; {load()}")
    session = played(path, seconds, model, problem, folder)
    print(spread("words after the last word's end", [at - event.words[-1].end for at, event in session.told]))
    print(spread("words after the segment's end", [at - event.end for at, event in session.told]))
    walls, owns = zip(*session.work, strict=True)
    print(spread("  of that a segment's recognition", list(walls)))
    print(f"  its CPU: median {np.median(owns):.2f} s; {len(walls) - len(session.told)} were in vain or without words")
    print(spread("partial text behind the speaker", session.behind))
    print(
        f"CPU {session.spent / session.length:.3f} s per second of sound ({session.length:.0f} s), and {session.loading:.1f} s to load"
    )
    print(f"report {session.report:.2f} s after the end; peak memory {peak_megabytes():.0f} MB; {load()}\n")


class Reading:
    """Hears other words of a text in every segment, as many as are spoken in its time."""

    model_id = "none"

    def __init__(self, words: list[str]) -> None:
        self._words = itertools.cycle(words)

    def cpu_seconds(self) -> float:
        return 0.0

    def write_roughly(self, samples: Float32) -> str:
        return ""

    def transcribe(self, segment: Segment) -> Transcribed:
        count = max(1, round((segment.end - segment.start) * 2.3))
        said = list(itertools.islice(self._words, count))
        times = np.linspace(segment.start, segment.end, count + 1)
        words = tuple(Word(float(a), float(b), w, 0.9) for a, b, w in zip(times, times[1:], said, strict=False))
        return Transcribed(segment.start, segment.end, words, " ".join(said), 0.0)


def long_session(path: Path, minutes: float, problem: str, folder: Path) -> None:
    """Bundled talks stand in for what would be recognised, so that no text is met twice."""
    talks = sorted((ROOT / "analysis" / "training" / "spoken").glob("*.json"))
    words = [w for talk in talks for u in json.loads(talk.read_text())["utterances"] for w in u["text"].split()]
    sound, length = recording(path, 0.0, folder)
    samples = np.tile(decode_sound(sound).samples, round(minutes * 60 / length) + 1)
    write_wav(folder / "long.wav", samples[: round(minutes * 60 * SAMPLE_RATE)])
    source, store = Timed(folder / "long.wav", fast=True), Store(folder / "long")
    setup = SessionSetup(problem, "six-stage", "senior", 2700.0, mute=True)
    runner = SessionRunner(store, setup, source, Reading(words), (), Screen())
    began = cpu_seconds()
    report = runner.run()
    reported = time.monotonic()
    said = sum(len(u.text.split()) for u in report.utterances)
    print(f"{minutes:.0f} minutes, {said} words: report {reported - source.ended:.2f} s after the end;"
          f" {(cpu_seconds() - began) / minutes / 60:.4f} CPU-s per second of sound without the recogniser; {load()}")  # fmt: skip


@contextlib.contextmanager
def other_programs(number: int) -> Iterator[None]:
    """Programs of sessions of their own, as on a desktop, that compute without a pause."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True) for _ in range(number)]
    try:
        yield
    finally:
        for program in busy:
            program.kill()
            program.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, nargs="?", default=ROOT / "demo" / "answer.opus")
    parser.add_argument("--model", default="base")
    parser.add_argument("--problem", default="feed")
    parser.add_argument("--seconds", type=float, default=300.0, help="of the recording; 0 leaves this part out")
    parser.add_argument("--minutes", type=float, default=45.0, help="of the long session; 0 leaves it out")
    parser.add_argument("--busy", type=int, default=0, help="other programs that compute without a pause")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, other_programs(chosen.busy):
        if chosen.seconds:
            paced(chosen.path, chosen.seconds, chosen.model, chosen.problem, Path(folder))
        if chosen.minutes:
            long_session(chosen.path, chosen.minutes, chosen.problem, Path(folder))


if __name__ == "__main__":
    main()
