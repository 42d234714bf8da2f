"""Our way of hearing beside others with the same weights, in one run: how right, how soon, at what cost.

    python tests/bench/beside.py FOLDER [--models base tiny.en] [--problem feed]

FOLDER holds recordings and a manifest.json: a list of {"file", "text"}. Each way hears them one after the other, as one recording
with pauses, in a process of its own: faster-whisper on the whole of it, its batched pipeline, LocalAgreement-2
(`local_agreement.py`), and a session at the speed of talk. Prints a table in Markdown: word errors; the share of technical
terms written in full, of the texts of `term_recall.py` spoken by the natural voice; how long after an utterance's last word
its words are final, and after any word that word; CPU seconds per second of sound; the peak memory. The whole file and the
batched pipeline give nothing before the recording has ended: for them it is how long they take then.
Utterances are the session's segments, for all of them. Its CPU and memory are those of
all its processes, with the interviewer's and the analyzer's part; the others only recognise.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jiwer
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.store import locate
from prompts.problems import get_problem
from speech.decode import decode
from speech.frames import SAMPLE_RATE, Float32
from speech.transcriber import Transcriber, transcribe_file
from tests.bench.live import cpu_seconds, peak_megabytes, played, recording
from tests.bench.local_agreement import Final, LocalAgreement
from tests.bench.term_recall import VOICES, count, read_texts, spoken
from tests.bench.word_error import normal

VOICE = "hibari, its own pace"

Read = Callable[[Float32], list[Final]]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a way made of the recording. spent: CPU seconds without loading. terms: found in the spoken texts."""

    words: list[Final]
    spent: float
    megabytes: float
    terms: int


def whole(model_id: str) -> Read:
    model = _loaded(model_id)
    return lambda samples: _at_the_end(model.transcribe, samples)


def batched(model_id: str) -> Read:
    from faster_whisper import BatchedInferencePipeline

    pipeline = BatchedInferencePipeline(_loaded(model_id))
    return lambda samples: _at_the_end(pipeline.transcribe, samples)


def agreement(model_id: str) -> Read:
    return LocalAgreement(_loaded(model_id)).read


def others(way: Callable[[str], Read], model_id: str, path: Path) -> Heard:
    """In a process of its own: recordings, then terms."""
    read = way(model_id)
    before = cpu_seconds()
    words = read(decode(path).samples)
    spent, megabytes = cpu_seconds() - before, peak_megabytes()
    found = sum(
        count(text.terms, " ".join(word.text for word in read(spoken(text.sentences, VOICES[VOICE]))))
        for text in read_texts()
    )
    return Heard(words, spent, megabytes, found)


def session(model_id: str, path: Path, problem: str) -> tuple[Heard, list[tuple[float, float]]]:
    """In a process of its own, too; with its segments."""
    with tempfile.TemporaryDirectory() as folder:
        live = played(path, 0.0, model_id, problem, Path(folder))
    megabytes = peak_megabytes()
    found = 0
    for text in read_texts():
        transcriber = Transcriber(model_id, get_problem(text.problem).vocabulary)
        said = transcribe_file(spoken(text.sentences, VOICES[VOICE]), transcriber)
        found += count(text.terms, " ".join(one.text for one in said))
    words = [Final(word.start, word.end, word.text, at) for at, event in live.told for word in event.words]
    return Heard(words, live.spent, megabytes, found), [(event.at, event.end) for _, event in live.told]


def row(name: str, heard: Heard, utterances: Sequence[tuple[float, float]], length: float, text: str) -> str:
    wrong = jiwer.wer(normal(text), normal(" ".join(word.text for word in heard.words)))
    inside = [[w for w in heard.words if start <= (w.start + w.end) / 2 < end] for start, end in utterances]
    after = [words[-1].at - words[-1].end for words in inside if words]
    each = [word.at - word.end for word in heard.words]
    ends = heard.words and all(word.at > length for word in heard.words)
    soon = f"{heard.words[-1].at - length:.1f} s after the end | |" if ends else f"{_spread(after)} | {_spread(each)} |"
    said = sum(len(one.terms) for one in read_texts())
    return (
        f"| {name} | {100 * wrong:.1f} % | {100 * heard.terms / said:.0f} % | {soon}"
        f" {heard.spent / length:.3f} | {heard.megabytes:.0f} MB |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", nargs="+", default=["base", "tiny.en"])
    parser.add_argument("--problem", default="feed")
    chosen = parser.parse_args()
    text = " ".join(one["text"] for one in json.loads((chosen.folder / "manifest.json").read_text()))
    ways = {"faster-whisper": whole, "batched": batched, "LocalAgreement-2": agreement}
    fresh = multiprocessing.get_context("spawn")
    print(
        "| model | way | words wrong | terms | final after an utterance: median, 95 % | after a word | CPU s/s | memory |"
    )
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        path, length = recording(chosen.folder, 0.0, Path(folder))
        for model in chosen.models:
            heard = {}
            for name, way in ways.items():
                with fresh.Pool(1) as pool:
                    heard[name] = pool.apply(others, (way, model, path))
            with fresh.Pool(1) as pool:
                heard["a session"], utterances = pool.apply(session, (model, path, chosen.problem))
            for name, one in heard.items():
                print(f"| {model} {row(name, one, utterances, length, text)}", flush=True)


def _loaded(model_id: str) -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(str(locate(model_id)), device="cpu", compute_type="int8", cpu_threads=1)


def _at_the_end(transcribe: Callable[..., Any], samples: Float32) -> list[Final]:
    began = time.perf_counter()
    pieces = list(transcribe(samples, language="en", beam_size=5, word_timestamps=True)[0])
    known = len(samples) / SAMPLE_RATE + time.perf_counter() - began
    return [Final(word.start, word.end, word.word.strip(), known) for piece in pieces for word in piece.words or ()]


def _spread(seconds: list[float]) -> str:
    return "{:.1f}, {:.1f} s".format(*np.percentile(seconds, [50, 95]))


if __name__ == "__main__":
    main()
