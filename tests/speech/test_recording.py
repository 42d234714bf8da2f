"""A recording is compressed without loss, and at no moment is the only copy of it at risk."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech import recording
from speech.flac import read_flac, write_flac
from speech.frames import SAMPLE_RATE, Int16, pcm16_bytes
from speech.recording import COMPRESSED, RAW, NotCompressed, Recording, RecordingUnreadable
from tests.speech.conftest import Samples
from tests.speech.conftest import speak as speak
from tests.speech.conftest import talk as talk

EXTREMES = st.sampled_from([-32768, -1, 0, 1, 32767]) | st.integers(-32768, 32767)


def noise(seconds: float, seed: int = 0) -> Int16:
    return np.random.default_rng(seed).integers(-32768, 32767, round(seconds * SAMPLE_RATE), dtype=np.int16)


def kept(folder: Path, samples: Int16) -> Recording:
    (folder / RAW).write_bytes(pcm16_bytes(samples))
    return Recording(folder)


def read(recording: Recording, first: int = 0) -> Int16:
    return np.concatenate([np.zeros(0, np.int16), *recording.pieces(first)])


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"audio.lock"}


def test_a_talk_takes_half_the_room_and_is_the_same_sound(talk: Samples, tmp_path: Path) -> None:
    before = kept(tmp_path, (talk * 32767).astype(np.int16))
    sound, room = read(before), (tmp_path / RAW).stat().st_size
    before.compress()
    assert files(tmp_path) == {COMPRESSED}
    assert np.array_equal(read(Recording(tmp_path)), sound)
    assert (tmp_path / COMPRESSED).stat().st_size < 0.6 * room
    assert (tmp_path / COMPRESSED).stat().st_mode & 0o077 == 0
    Recording(tmp_path).compress()
    assert np.array_equal(read(Recording(tmp_path)), sound)


@settings(max_examples=25)
@given(st.lists(EXTREMES, min_size=1, max_size=200), st.integers(1, 400), st.data())
def test_any_samples_are_found_again_from_any_place(
    tmp_path_factory: pytest.TempPathFactory, pattern: list[int], times: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("session")
    samples = np.tile(np.array(pattern, np.int16), times)
    first = data.draw(st.integers(0, len(samples)))
    raw = kept(folder, samples)
    # What a crash leaves of a sample is none.
    with (folder / RAW).open("ab") as file:
        file.write(b"\x07")
    assert np.array_equal(read(raw, first), samples[first:])
    raw.compress()
    assert files(folder) == {COMPRESSED}
    assert raw.samples == len(samples)
    assert np.array_equal(read(raw, first), samples[first:])


def test_a_long_recording_is_read_from_its_middle_to_the_sample(tmp_path: Path) -> None:
    samples = noise(60)
    found = kept(tmp_path, samples)
    found.compress()
    for first in (0, 1151, 320_001, 500_000, len(samples) - 1, len(samples), len(samples) + 9):
        assert np.array_equal(read(found, first), samples[first:])


def test_nothing_recorded_stays_nothing(tmp_path: Path) -> None:
    assert Recording(tmp_path).samples == 0
    Recording(tmp_path).compress()
    kept(tmp_path, noise(0)).compress()
    assert files(tmp_path) == {RAW}


def test_who_listens_meanwhile_notices_nothing(tmp_path: Path) -> None:
    samples = noise(20)
    listening = kept(tmp_path, samples)
    pieces = listening.pieces(100)
    heard = [next(pieces)]
    listening.compress()
    assert np.array_equal(np.concatenate([*heard, *pieces]), samples[100:])


def test_two_at_once_do_it_once(tmp_path: Path) -> None:
    samples = noise(30)
    both = [threading.Thread(target=kept(tmp_path, samples).compress) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert files(tmp_path) == {COMPRESSED}
    assert np.array_equal(read(Recording(tmp_path)), samples)


CRASHING = """
import os, signal, sys
from pathlib import Path
from speech import flac, recording

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

moment, folder = sys.argv[1:]
if moment == "writing":
    real = recording._raw
    def _raw(path, first=0):
        for number, piece in enumerate(real(path, first)):
            if number == 2:
                die()
            yield piece
    recording._raw = _raw
elif moment == "before it has its name":
    Path.replace = die
else:
    recording._sync_folder = die
recording.Recording(Path(folder)).compress()
"""


@pytest.mark.fault
@pytest.mark.parametrize(
    ("moment", "left"),
    [
        ("writing", {RAW, "audio.flac.part"}),
        ("before it has its name", {RAW, "audio.flac.part"}),
        ("before the raw file goes", {RAW, COMPRESSED}),
    ],
)
def test_killed_at_any_moment_it_is_finished_the_next_time(tmp_path: Path, moment: str, left: set[str]) -> None:
    samples = noise(20)
    found = kept(tmp_path, samples)
    child = subprocess.run([sys.executable, "-c", CRASHING, moment, str(tmp_path)], check=False)
    assert child.returncode == -signal.SIGKILL
    assert files(tmp_path) == left
    assert np.array_equal(read(found), samples)
    found.compress()
    assert files(tmp_path) == {COMPRESSED}
    assert np.array_equal(read(found), samples)


FULL = """
import resource, sys
from pathlib import Path
from speech.recording import NotCompressed, Recording
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
try:
    Recording(Path(sys.argv[2])).compress()
except NotCompressed as error:
    print(error)
"""


@pytest.mark.fault
@pytest.mark.parametrize("room", [0, 300, 200_000])
def test_a_full_disk_leaves_the_recording_as_it_was(tmp_path: Path, room: int) -> None:
    samples = noise(10)
    found = kept(tmp_path, samples)
    child = subprocess.run(
        [sys.executable, "-c", FULL, str(room), str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "it is complete" in child.stdout and "viva recover" in child.stdout
    assert files(tmp_path) == {RAW}
    assert np.array_equal(read(found), samples)
    found.compress()
    assert files(tmp_path) == {COMPRESSED}


@pytest.mark.fault
def test_an_encoder_that_changes_one_sample_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = noise(10)

    def careless(pieces: Iterator[Int16], file: object) -> None:
        changed = np.concatenate(list(pieces))
        changed[77_777] ^= 1
        write_flac([changed], file)  # type: ignore[arg-type]

    monkeypatch.setattr(recording, "write_flac", careless)
    with pytest.raises(NotCompressed, match="not the same sound"):
        kept(tmp_path, samples).compress()
    assert files(tmp_path) == {RAW}
    assert np.array_equal(read(Recording(tmp_path)), samples)


@pytest.mark.fault
def test_a_compressed_file_that_is_not_the_raw_ones_is_made_again(tmp_path: Path) -> None:
    samples = noise(3)
    with (tmp_path / COMPRESSED).open("w+b") as file:
        write_flac([samples[::-1]], file)
    kept(tmp_path, samples).compress()
    assert files(tmp_path) == {COMPRESSED}
    assert np.array_equal(np.concatenate(list(read_flac(tmp_path / COMPRESSED))), samples)


@pytest.mark.fault
def test_a_damaged_recording_is_one_line(tmp_path: Path) -> None:
    (tmp_path / COMPRESSED).write_bytes(os.urandom(200))
    with pytest.raises(RecordingUnreadable, match="session's folder"):
        read(Recording(tmp_path))
    with pytest.raises(RecordingUnreadable, match="no FLAC file"):
        _ = Recording(tmp_path).samples
