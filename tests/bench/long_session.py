"""Whether a long session grows: memory, also of the recogniser's process, open files and threads, over hours heard as fast as they can be.

    python tests/bench/long_session.py [RECORDING | FOLDER] [--hours 4] [--recogniser none] [--problem feed]

The recording, again and again, goes the way of a live session into one that runs; `--recogniser base` writes down what is
really said, `none` hears other words of bundled talks in every segment, which takes minutes instead of an hour. Prints a
line for every ten minutes of sound and how much memory was added after the first; Linux only.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.live_state import LiveState
from assistant.practice import load_recogniser
from assistant.runner import SessionRunner
from assistant.session_setup import SessionSetup
from assistant.sources import FileSource
from assistant.store import Store
from speech.decode import decode
from speech.frames import SAMPLE_RATE
from speech.recogniser_process import RecogniserProcess
from speech.recorder import write_wav
from tests.bench.live import ROOT, Reading, recording

_STEP_SECONDS = 600.0


def resident_megabytes(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Desk(FileSource):
    """A recording to whom the interviewer listens as to somebody at a desk: he understands all that is said while it runs."""

    interactive = True


class Gauge:
    """A view that prints what this process and the recogniser's hold at every ten minutes of the session."""

    def __init__(self, recogniser: RecogniserProcess | None) -> None:
        self.megabytes: list[float] = []
        self._recogniser = recogniser

    def tick(self, state: LiveState) -> None:
        if state.elapsed >= _STEP_SECONDS * (len(self.megabytes) + 1):
            other = self._recogniser.pid if self._recogniser else None
            self.megabytes.append(sum(resident_megabytes(one) for one in (os.getpid(), other) if one is not None))
            files = len(list(Path("/proc/self/fd").iterdir()))
            print(
                f"{state.elapsed / 60:4.0f} min  {self.megabytes[-1]:6.1f} MB  {files} files  "
                f"{threading.active_count()} threads",
                flush=True,
            )

    def line(self, text: str) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, nargs="?", default=ROOT / "demo" / "answer.opus")
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--recogniser", default="none")
    parser.add_argument("--problem", default="feed")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sound, length = recording(chosen.path, 0.0, folder)
        samples = np.tile(decode(sound).samples, int(chosen.hours * 3600 / length) + 1)
        write_wav(folder / "long.wav", samples[: round(chosen.hours * 3600 * SAMPLE_RATE)])
        del samples
        heard: RecogniserProcess | None = None
        if chosen.recogniser != "none":
            heard = load_recogniser(chosen.problem, chosen.recogniser)
        else:
            talks = sorted((ROOT / "analysis" / "training" / "spoken").glob("*.json"))
            texts = [u["text"] for talk in talks for u in json.loads(talk.read_text())["utterances"]]
            reading = Reading(" ".join(texts).split())
        setup = SessionSetup(chosen.problem, "six-stage", "senior", chosen.hours * 3600, mute=True)
        gauge = Gauge(heard)
        source = Desk(folder / "long.wav", fast=True)
        SessionRunner(Store(folder / "store"), setup, source, heard or reading, (), gauge).run()
    first, *others = gauge.megabytes
    more = max(others, default=first) - first
    print(f"after the first ten minutes: {more:+.1f} MB at most ({100 * more / first:+.1f} %), {first:.1f} MB before")


if __name__ == "__main__":
    main()
