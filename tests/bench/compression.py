"""Prints what compressing recordings without loss saves and costs.

    python tests/bench/compression.py [FILE ...]

Each file (default: the bundled answer) is repeated to an hour, kept as a session keeps it, and compressed.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from speech.decode import decode
from speech.frames import SAMPLE_RATE, pcm16_bytes
from speech.recording import COMPRESSED, RAW, Recording

BUNDLED = Path(__file__).parents[2] / "demo" / "answer.opus"


def main(files: list[Path]) -> None:
    print(f"{'recording':28} {'raw MB/h':>9} {'FLAC MB/h':>9} {'CPU s/h, with comparing':>24}")
    for file in files:
        hour = np.resize(decode(file).samples, 3600 * SAMPLE_RATE)
        folder = Path(tempfile.mkdtemp(prefix="viva-bench-"))
        try:
            (folder / RAW).write_bytes(pcm16_bytes(hour))
            raw = (folder / RAW).stat().st_size
            began = time.process_time()
            Recording(folder).compress()
            spent = time.process_time() - began
            packed = (folder / COMPRESSED).stat().st_size
        finally:
            shutil.rmtree(folder)
        print(f"{file.name:28} {raw / 1e6:9.0f} {packed / 1e6:9.0f} {spent:24.1f}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [BUNDLED])
