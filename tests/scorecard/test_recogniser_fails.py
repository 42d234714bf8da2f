"""F9, F11, L3: weights that are not what they should be, and a recogniser that has no memory or no time."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.recovery import recover
from assistant.store import Store
from models.store import Store as Weights
from models.store import WeightsDamaged, WeightsMissing, default_store
from speech.frames import SAMPLE_RATE
from speech.recorder import write_wav
from speech.transcriber import Transcriber
from tests.assistant.conftest import tiny as tiny
from tests.assistant.viva import fails_in_one_line, viva
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.practising import ROOT, lost, programme, words_of
from tests.speech.conftest import Samples

pytestmark = pytest.mark.fault


def random_weights(path: Path) -> None:
    """As many bytes that mean nothing; the recogniser would load them and hear exclamation marks."""
    path.write_bytes(np.random.default_rng(9).bytes(path.stat().st_size))


def change(path: Path, position: int, data: bytes) -> None:
    with path.open("rb+") as file:
        file.seek(position)
        file.write(data)


def folder_in_its_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


def link_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


DAMAGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "no weights": ("model.bin", Path.unlink),
    "an empty file": ("model.bin", lambda path: path.write_bytes(b"")),
    "half a file": ("model.bin", lambda path: os.truncate(path, path.stat().st_size // 2)),
    "a byte too few": ("model.bin", lambda path: os.truncate(path, path.stat().st_size - 1)),
    "a byte too many": ("model.bin", lambda path: path.open("ab").write(b"\0")),
    "another header": ("model.bin", lambda path: change(path, 0, b"\xff" * 16)),
    "one bit changed": ("model.bin", lambda path: change(path, 40_000_000, b"\x01")),
    "random weights": ("model.bin", random_weights),
    "a folder in its place": ("model.bin", folder_in_its_place),
    "a link to nowhere": ("model.bin", link_to_nowhere),
    "no tokenizer": ("tokenizer.json", Path.unlink),
    "settings of another model": ("config.json", lambda path: path.write_text(path.read_text().replace("50", "51"))),
    "an older vocabulary": ("vocabulary.txt", lambda path: path.write_text(path.read_text()[:-100])),
}


def copy(weight: str, root: Path) -> Weights:
    """A store of its own with the weights of this machine; none of them may be written to."""
    real = default_store()
    store = Weights(root, real.weights)
    folder = store.folder(weight)
    shutil.copytree(real.folder(weight), folder, copy_function=lambda source, target: os.symlink(source, target))
    (folder / ".verified").unlink()
    return store


def own(path: Path) -> None:
    """A file that may be damaged in the place of a link."""
    real = path.resolve()
    path.unlink()
    shutil.copyfile(real, path)


def test_weights_are_damaged(claim: Claim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = claim("F9", "Damaged, missing and foreign weights are refused before they are loaded, and cost no session")
    loaded = []
    for number, (what, (name, damage)) in enumerate(DAMAGES.items()):
        weights = copy("tiny.en", tmp_path / str(number))
        path = weights.folder("tiny.en") / name
        own(path)
        damage(path)
        try:
            weights.locate("tiny.en")
        except (WeightsDamaged, WeightsMissing) as error:
            assert "viva models pull tiny.en" in str(error)
        else:
            loaded.append(what)
        shutil.rmtree(weights.root)
    # The session is kept where its report cannot be made, and is judged when the weights are there again.
    cache, data = tmp_path / "cache", tmp_path / "data"
    store = copy("minilm", cache / "vivavoce" / "models")
    own(store.folder("minilm") / "model.onnx")
    change(store.folder("minilm") / "model.onnx", 1_000_000, b"damage")
    said = "Who are the users?\nI would rank by popularity first.\n"
    practice = ("--data-dir", data, "practice", "feed", "--input", "typed", "--mute")
    fails = viva(*practice, typed=said, XDG_CACHE_HOME=str(cache))
    assert fails.returncode == 1 and "Traceback" not in fails.stderr
    assert "viva models pull minilm" in fails.stderr
    (session,) = json.loads(viva("--data-dir", data, "sessions", "--format", "json").stdout)
    report = json.loads(viva("--data-dir", data, "sessions", session["id"], "--format", "json").stdout)
    answers = [utterance["text"] for utterance in report["utterances"] if utterance["speaker"] == "candidate"]
    # A recogniser is needed before anybody speaks.
    fails_in_one_line(
        viva(
            "--data-dir", data, "practice", "feed", "--input", ROOT / "demo" / "answer.opus", XDG_CACHE_HOME=str(cache)
        ),
        "viva models pull base",
    )
    row.tried(f"{len(DAMAGES)} kinds of damage: {', '.join(DAMAGES)}; a session whose report cannot be made")
    row.none("of them loaded", loaded)
    row.at_least("answers judged once the weights were there", len(answers), 2)


NO_MEMORY = """
import resource, sys
from pathlib import Path
from assistant.runner import SessionRunner
from assistant.sources import FileSource
from assistant.store import Store
from speech.transcriber import Transcriber
from tests.assistant.conftest import Screen
from tests.assistant.test_runner import SETUP
folder, file, more = sys.argv[1:]
refused = 0

class Starved(Transcriber):
    def transcribe(self, segment):
        global refused
        long = segment.end - segment.start > 8
        held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        try:
            if long:
                resource.setrlimit(resource.RLIMIT_AS, (held + int(more) * 1_000_000, resource.RLIM_INFINITY))
            return super().transcribe(segment)
        except BaseException:
            refused += 1
            raise
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

store, screen = Store(Path(folder)), Screen()
runner = SessionRunner(store, SETUP, FileSource(Path(file), fast=True), Starved("tiny.en"), (), screen)
report = runner.run()
print(refused, sum("could not be written down" in note for note in report.notes))
"""


def test_the_recogniser_has_no_memory(
    claim: Claim, sized: Sized, tmp_path: Path, speak: Callable[[str], Samples], tiny: Transcriber
) -> None:
    row = claim(
        "F11", "A recogniser without memory costs no word: it tries again in halves, or the next start does its work"
    )
    said = programme(speak, 40, pause=0.2)
    talk = tmp_path / "talk.wav"
    write_wav(talk, np.concatenate([said.samples, np.zeros(2 * SAMPLE_RATE, np.int16)]))
    more = (0, 2, 4, 8, 12, 16, 20, 24, 28, 32)[:: sized(4, 1)]

    def starve(megabytes: int) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", NO_MEMORY, str(tmp_path / str(megabytes)), str(talk), str(megabytes)]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)

    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(starve, more))
    missing, unfinished, refused, noted = [], [], 0, []
    for megabytes, run in zip(more, runs, strict=True):
        store = Store(tmp_path / str(megabytes))
        if run.returncode == 0:
            counts = run.stdout.splitlines()[0].split()
            refused += int(counts[0])
            noted += [run.stdout] * int(counts[1])
        recover(store, lambda: tiny, lambda line: None)
        (summary,) = store.list_sessions()
        unfinished += [summary.id] if summary.state != "finished" else []
        recording = store.recording(summary.id)
        assert recording is not None
        missing += lost(said.finished(0, recording.seconds), words_of(store.folder(summary.id)))
    died = sum(run.returncode != 0 for run in runs)
    row.tried(
        f"{len(more)} sessions in which the recogniser got 0 to {max(more)} MB more than it held for what is long (RLIMIT_AS):"
        f" it gave up {refused} times and took {died} sessions with it"
    )
    row.at_least("times it gave up or died", refused + died, 1)
    row.none("finished sentences not written down", missing)
    row.none("stretches said to be lost", noted)
    row.none("sessions not finished by the next start", unfinished)
