"""Word error of a session, and of a file, against plain faster-whisper on the whole file.

    python tests/bench/word_error.py FOLDER [--model base] [--manifest manifest.json ...] [--show]

FOLDER holds recordings and manifests: JSON lists of {"file", "text"}. Prints, for each way, the word error rate,
the kinds of errors, how many of the reference's filled pauses were heard, and CPU seconds per second of sound.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import jiwer

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.store import locate
from speech.decode import decode
from speech.endpointer import Endpointer
from speech.foreground import Foreground
from speech.frames import Float32, Frame
from speech.transcriber import Transcribed, Transcriber, in_context, transcribe_file

FILLED_PAUSES = frozenset(["um", "umm", "uhm", "uh", "uhh", "er", "erm", "hm", "hmm", "mm", "mhm", "ah", "eh"])
_SPELLINGS = {"mister": "mr", "okay": "ok", "cannot": "can not", "gonna": "going to", "wanna": "want to"}
_CONTRACTED = {"'re": " are", "'m": " am", "'ll": " will", "'ve": " have", "n't": " not", "'d": " would"}
_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def normal(text: str) -> str:
    """Text as it is compared: what is only spelling (case, punctuation, contractions, small numbers) made equal."""
    text = text.lower().replace("’", "'").replace("/", " slash ")
    for short, full in _CONTRACTED.items():
        text = text.replace(short, full)
    said = [
        _ONES[int(w)] if w.isdigit() and int(w) < len(_ONES) else w for w in re.findall(r"[a-z0-9]+(?:'[a-z]+)?", text)
    ]
    return " ".join(_SPELLINGS.get(word, word) for word in said if word not in FILLED_PAUSES)


def filled_pauses(text: str) -> Counter[str]:
    return Counter("filled" for word in re.findall(r"[a-z]+", text.lower()) if word in FILLED_PAUSES)


def plain_whisper(model_id: str) -> Callable[[Float32], str]:
    from faster_whisper import WhisperModel

    model = WhisperModel(str(locate(model_id)), device="cpu", compute_type="int8", cpu_threads=1)
    return lambda samples: " ".join(p.text for p in model.transcribe(samples, language="en", beam_size=5)[0])


def file_way(model_id: str) -> Callable[[Float32], str]:
    transcriber = Transcriber(model_id)
    return lambda samples: " ".join(one.text for one in transcribe_file(samples, transcriber))


def without_context(model_id: str) -> Callable[[Float32], str]:
    """As in a session, but each segment is read without what was said before it, and every voice counts."""
    transcriber = Transcriber(model_id)

    def heard(samples: Float32) -> str:
        endpointer = Endpointer()
        segments = [*endpointer.feed(Frame(0.0, samples)), *endpointer.flush()]
        return " ".join(transcriber.transcribe(segment).text for segment in segments)

    return heard


def session_way(model_id: str) -> Callable[[Float32], str]:
    """Segments end sooner than a file's, and speech in the background counts as silence."""
    transcriber = Transcriber(model_id)

    def heard(samples: Float32) -> str:
        endpointer = Endpointer(foreground=Foreground())
        pieces: list[str] = []
        last: Transcribed | None = None
        for segment in [*endpointer.feed(Frame(0.0, samples)), *endpointer.flush()]:
            last = transcriber.transcribe(in_context(segment, last))
            pieces.append(last.text)
        return " ".join(pieces)

    return heard


def measure(name: str, way: Callable[[Float32], str], clips: list[tuple[str, Float32, str]], show: bool) -> None:
    began = time.process_time()
    heard = [way(samples) for _, samples, _ in clips]
    spent = time.process_time() - began
    errors = jiwer.process_words([normal(text) for *_, text in clips], [normal(text) for text in heard])
    said = [filled_pauses(text).total() for *_, text in clips]
    found = [filled_pauses(text).total() for text in heard]
    right = sum(min(pair) for pair in zip(said, found, strict=True))
    seconds = sum(len(samples) for _, samples, _ in clips) / 16_000
    print(
        f"{name:8} WER {100 * errors.wer:5.2f} %  (+{errors.insertions} -{errors.deletions} ~{errors.substitutions})"
        f"  filled pauses {right} of {sum(said)}, {sum(found) - right} too many"
        f"  {spent / seconds:.3f} CPU-s per second of sound"
    )
    if show:
        for (file, _, text), got in zip(clips, heard, strict=True):
            print(f"  {file}: {100 * jiwer.wer(normal(text), normal(got)):.1f} %\n    {got}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="base")
    parser.add_argument("--manifest", nargs="+", default=["manifest.json"])
    parser.add_argument("--show", action="store_true", help="print every transcript")
    chosen = parser.parse_args()
    listed = [one for name in chosen.manifest for one in json.loads((chosen.folder / name).read_text())]
    clips = [(one["file"], decode(chosen.folder / one["file"]).samples, one["text"]) for one in listed]
    measure("plain", plain_whisper(chosen.model), clips, chosen.show)
    measure("file", file_way(chosen.model), clips, chosen.show)
    measure("session", session_way(chosen.model), clips, chosen.show)
    measure("apart", without_context(chosen.model), clips, chosen.show)


if __name__ == "__main__":
    main()
