"""F9, F11: weights that are not what they should be, and a recogniser that dies, hangs or has no memory."""

import json
import os
import resource
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.recovery import recover
from assistant.runner import SessionRunner
from assistant.sources import FileSource
from assistant.store import Store
from models.store import Store as Weights
from models.store import WeightsDamaged, WeightsMissing, default_store
from speech.frames import SAMPLE_RATE, Segment
from speech.recogniser_process import RecogniserProcess
from speech.recorder import write_wav
from speech.transcriber import RecogniserFailed, Transcribed, Transcriber
from tests.assistant.conftest import Screen
from tests.assistant.conftest import tiny as tiny
from tests.assistant.test_runner import SETUP
from tests.assistant.viva import fails_in_one_line, viva
from tests.e2e.virtual_audio import heard_by_the_microphone
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.practising import ROOT, Practising, lost, programme, words_of
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
    # A recording that lies there already can wait for its recogniser.
    fails_in_one_line(
        viva(
            "--data-dir", data, "practice", "feed", "--input", ROOT / "demo" / "answer.opus", XDG_CACHE_HOME=str(cache)
        ),
        "viva models pull base",
    )
    row.tried(f"{len(DAMAGES)} kinds of damage: {', '.join(DAMAGES)}; a session whose report cannot be made")
    row.none("of them loaded", loaded)
    row.at_least("answers judged once the weights were there", len(answers), 2)


def test_a_session_without_a_recogniser_is_recorded(
    claim: Claim, tmp_path: Path, speak: Callable[[str], Samples], tiny: Transcriber, virtual_audio: None
) -> None:
    row = claim("F9", "Damaged, missing and foreign weights are refused before they are loaded, and cost no session")
    said = programme(speak, 15)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
        session = Practising(tmp_path / "data", tmp_path / "given")
    try:
        while session.folder is None:
            assert session.process.poll() is None, session.shown
            time.sleep(0.05)
        with heard_by_the_microphone(said.samples):
            time.sleep(len(said.samples) / SAMPLE_RATE + 1)
        status = session.end()
    finally:
        session.kill()
    assert (status, "judged 0" in session.shown) == (0, True), session.shown
    assert "viva models pull tiny.en" in session.shown
    folder = session.folder
    assert words_of(folder) == ""
    (id,) = recover(session.store, lambda: tiny, lambda line: None)
    row.tried("a spoken session while there was no recogniser, written down once there was one")
    row.none("sentences not written down then", lost([words for _, _, words in said.said], words_of(folder)))
    row.none("remarks that words are lost", [n for n in session.store.report(id).notes if "written down" in n])


class Sabotaged:
    """A recogniser to whose process harm is done while it reads a stretch, but not when the stretch is tried again."""

    def __init__(self, real: RecogniserProcess, harm: Callable[[int], object], seed: int) -> None:
        self.model_id = real.model_id
        self.cpu_seconds, self.write_roughly = real.cpu_seconds, real.write_roughly
        self.done = 0
        self._real = real
        self._harm = harm
        self._chance = np.random.default_rng(seed)
        self._halves = 0

    def transcribe(self, segment: Segment) -> Transcribed:
        if self._halves:
            self._halves -= 1
            return self._real.transcribe(segment)
        pid = self._real.pid
        assert pid is not None
        # A sentence is read in a tenth of a second.
        harm = threading.Timer(self._chance.uniform(0.0, 0.08), self._harm, [pid])
        harm.start()
        try:
            return self._real.transcribe(segment)
        except RecogniserFailed:
            self.done += 1
            self._halves = 2
            raise
        finally:
            harm.cancel()
            harm.join()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


def starve(pid: int) -> None:
    held = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
    resource.prlimit(pid, resource.RLIMIT_AS, (held, held))


HARMS: dict[str, Callable[[int], object]] = {
    "killed": kill,
    "frozen": freeze,
    "left without memory (RLIMIT_AS)": starve,
}


def test_the_recogniser_ends_hangs_or_has_no_memory(
    claim: Claim, sized: Sized, tmp_path: Path, speak: Callable[[str], Samples]
) -> None:
    row = claim(
        "F11",
        "A recogniser that dies, hangs or has no memory is replaced; the stretch is tried again in halves, no word lost",
    )
    said = programme(speak, sized(12, 300), pause=2.0)
    talk = tmp_path / "talk.wav"
    write_wav(talk, np.concatenate([said.samples, np.zeros(2 * SAMPLE_RATE, np.int16)]))
    missing, noted, unended, done = [], [], [], dict.fromkeys(HARMS, 0)
    for number, (what, harm) in enumerate(HARMS.items()):
        store = Store(tmp_path / str(number))
        # What is frozen is given up after ten seconds here, not thirty and more.
        real = RecogniserProcess("tiny.en", patience=0.3)
        recogniser = Sabotaged(real, harm, number)
        runner = SessionRunner(store, SETUP, FileSource(talk, fast=True), recogniser, (), Screen())
        report = runner.run()
        real.close()
        done[what] = recogniser.done
        noted += [note for note in report.notes if "could not be written down" in note]
        unended += [what] if store.summary(runner.id).state != "finished" else []
        recording = store.recording(runner.id)
        assert recording is not None
        missing += lost(said.finished(0, recording.seconds), words_of(store.folder(runner.id)))
    times = ", ".join(f"{what} {count} times" for what, count in done.items())
    row.tried(f"its process {times}, in three sessions of {said.said[-1][1]:.0f} s with {len(said.said)} sentences")
    row.at_least("times each harm was done, the least", min(done.values()), 1)
    row.none("finished sentences not written down", missing)
    row.none("stretches said to be lost", noted)
    row.none("sessions that did not end by themselves", unended)
