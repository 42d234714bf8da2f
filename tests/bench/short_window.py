"""What it costs in words, and saves in CPU, that Whisper's encoder hears no more of its window than was spoken.

    python tests/bench/short_window.py FOLDER [--model base] [--manifest manifest.json ...]

FOLDER holds recordings and manifests: JSON lists of {"file", "text"}. Prints the word errors and CPU seconds per second of
sound of the same segments three times: encoded with the whole window of thirty seconds, with a window cut short, and with
one cut short behind which the states of silence were put (`speech/short_window.py`), which is how every session is heard.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ctranslate2
import jiwer
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from speech.decode import decode
from speech.frames import Float32
from speech.short_window import ShortWindowWhisper
from speech.transcriber import Transcriber, transcribe_file
from tests.bench.word_error import normal

_SPARE_FRAMES = 100

Encode = Callable[[ShortWindowWhisper, Float32], Any]


def whole(model: ShortWindowWhisper, features: Float32) -> Any:
    return super(ShortWindowWhisper, model).encode(features)


def cut(model: ShortWindowWhisper, features: Float32) -> Any:
    frames = int(np.flatnonzero(features.any(axis=0))[-1]) + 1 + _SPARE_FRAMES
    window = np.ascontiguousarray(features[np.newaxis, :, : min(3000, frames + frames % 2)])
    return model.model.encode(ctranslate2.StorageView.from_array(window))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="base")
    parser.add_argument("--manifest", nargs="+", default=["manifest.json"])
    chosen = parser.parse_args()
    listed = [one for name in chosen.manifest for one in json.loads((chosen.folder / name).read_text())]
    clips = [(decode(chosen.folder / one["file"]).samples, one["text"]) for one in listed]
    seconds = sum(len(samples) for samples, _ in clips) / 16_000
    ways: dict[str, Encode] = {"whole": whole, "cut short": cut, "and completed": ShortWindowWhisper.encode}
    print(f"{len(clips)} recordings, {seconds:.0f} s, {chosen.model}")
    for name, encode in ways.items():
        transcriber = Transcriber(chosen.model)
        transcriber._model.encode = encode.__get__(transcriber._model)
        began = time.process_time()
        heard = [" ".join(one.text for one in transcribe_file(samples, transcriber)) for samples, _ in clips]
        spent = time.process_time() - began
        errors = jiwer.process_words([normal(text) for _, text in clips], [normal(text) for text in heard])
        print(
            f"{name:13} WER {100 * errors.wer:5.2f} %  (+{errors.insertions} -{errors.deletions} ~{errors.substitutions})"
            f"  {spent / seconds:.3f} CPU-s per second of sound",
            flush=True,
        )


if __name__ == "__main__":
    main()
