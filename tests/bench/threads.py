"""How long a segment takes with one thread and with two, in real and in CPU time.

    python tests/bench/threads.py RECORDING [--model base]

Each in a process of its own, since OpenMP is told once. Prints seconds per segment of the recording.
"""

import argparse
import multiprocessing
import os
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def spent(path: Path, model_id: str, threads: int) -> tuple[list[float], list[float]]:
    """Wall and CPU seconds of each segment."""
    from models.store import locate
    from speech.decode import decode
    from speech.endpointer import Endpointer
    from speech.frames import Frame
    from speech.short_window import ShortWindowWhisper
    from speech.transcriber import Transcriber

    transcriber = Transcriber(model_id)
    transcriber._model = ShortWindowWhisper(
        str(locate(model_id)), device="cpu", compute_type="int8", cpu_threads=threads
    )
    endpointer = Endpointer()
    walls, owns = [], []
    for segment in [*endpointer.feed(Frame(0.0, decode(path).samples)), *endpointer.flush()]:
        began, used = time.perf_counter(), time.process_time()
        transcriber.transcribe(segment)
        walls.append(time.perf_counter() - began)
        owns.append(time.process_time() - used)
    return walls, owns


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--model", default="base")
    chosen = parser.parse_args()
    for threads in (1, 2):
        os.environ["OMP_NUM_THREADS"] = str(threads)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            walls, owns = pool.apply(spent, (chosen.recording, chosen.model, threads))
        print(
            f"{threads} threads, {len(walls)} segments: median {np.median(walls):.2f} s, longest {max(walls):.2f} s,"
            f" CPU median {np.median(owns):.2f} s, in all {sum(owns):.1f} s"
        )


if __name__ == "__main__":
    main()
