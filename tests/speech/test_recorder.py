import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import wave
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import speech.recorder
from speech.frames import Frame, from_pcm16_bytes, pcm16_bytes, to_float, to_pcm16
from speech.recorder import DiskFull, Recorder, RecordingFailed, check_space, write_wav
from speech.recording import Recording

RATE = 16_000
FRAME = 320


def ramp(start: int, count: int) -> np.ndarray:
    return np.arange(start, start + count).astype(np.int16)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    with Recorder(tmp_path / "audio.pcm") as recorder:
        for at in range(0, RATE, FRAME):
            recorder.write(Frame(at / RATE, ramp(at, FRAME)))
        assert recorder.seconds == 1.0
    assert np.array_equal(to_pcm16(Recording(tmp_path).read()), ramp(0, RATE))


def test_sound_is_in_the_file_as_soon_as_it_is_written(tmp_path: Path) -> None:
    with Recorder(tmp_path / "audio.pcm") as recorder:
        recorder.write(Frame(0.0, ramp(0, FRAME)))
        assert (tmp_path / "audio.pcm").stat().st_size == 2 * FRAME


@given(start=st.integers(FRAME + RATE // 10, 4 * RATE))
def test_a_position_in_the_file_is_a_time_of_the_session(start: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("session")
    with Recorder(folder / "audio.pcm") as recorder:
        recorder.write(Frame(0.0, ramp(1, FRAME)))
        recorder.write(Frame(start / RATE, ramp(1, FRAME)))
    sound = Recording(folder).read()
    assert np.array_equal(to_pcm16(sound[start:]), ramp(1, FRAME))
    assert not sound[FRAME:start].any()


def test_jitter_of_the_clock_inserts_nothing(tmp_path: Path) -> None:
    with Recorder(tmp_path / "audio.pcm") as recorder:
        for index in range(50):
            recorder.write(Frame(index * 0.02 + (index % 3) * 0.01, ramp(0, FRAME)))
        assert recorder.seconds == 1.0


def test_only_its_owner_can_listen_to_a_recording(tmp_path: Path) -> None:
    with Recorder(tmp_path / "audio.pcm"):
        assert (tmp_path / "audio.pcm").stat().st_mode & 0o077 == 0


def test_recording_goes_on_after_a_crash_left_half_a_sample(tmp_path: Path) -> None:
    path = tmp_path / "audio.pcm"
    path.write_bytes(pcm16_bytes(ramp(0, 100)) + b"\x07")
    assert len(Recording(path.parent).read()) == 100
    with Recorder(path) as recorder:
        recorder.write(Frame(100 / RATE, ramp(100, 100)))
    assert np.array_equal(to_pcm16(Recording(path.parent).read()), ramp(0, 200))


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "audio.pcm")
    recorder.close()
    recorder.close()


RECORDING_CHILD = """
import sys, time
from pathlib import Path
import numpy as np
from speech.frames import Frame
from speech.recorder import Recorder
recorder, at = Recorder(Path(sys.argv[1])), 0
while True:
    samples = np.arange(at, at + 320).astype(np.int16)
    print(at + 320, flush=True)      # captured
    recorder.write(Frame(at / 16000, samples))
    at += 320
    time.sleep(0.002)
"""


@pytest.mark.parametrize("frames", [1, 60, 700])
def test_killing_the_process_loses_at_most_100_ms(tmp_path: Path, frames: int) -> None:
    path = tmp_path / "audio.pcm"
    child = subprocess.Popen([sys.executable, "-c", RECORDING_CHILD, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for _ in range(frames):
        child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read().splitlines()
    child.wait()
    captured = max([frames * FRAME, *(int(line) for line in rest if line and int(line) % FRAME == 0)])
    found = to_pcm16(Recording(path.parent).read())
    assert len(found) >= captured - 0.1 * RATE
    assert np.array_equal(found, ramp(0, len(found)))


@pytest.mark.fault
def test_a_disk_that_takes_its_time_keeps_nothing_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = threading.Event()
    in_time: list[bool] = []
    monkeypatch.setattr(speech.recorder, "_sync", lambda _: in_time.append(written.wait(5)))
    with Recorder(tmp_path / "audio.pcm") as recorder:
        for at in range(0, 2 * RATE // 5, FRAME):
            recorder.write(Frame(at / RATE, ramp(at, FRAME)))
        assert len(Recording(tmp_path).read()) == 2 * RATE // 5
        written.set()
    assert all(in_time)


@pytest.mark.fault
def test_a_disk_that_cannot_keep_the_sound_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    recorder = Recorder(tmp_path / "audio.pcm")
    with monkeypatch.context() as failing, pytest.raises(RecordingFailed, match="cannot be written"):
        failing.setattr(speech.recorder, "_sync", fail)
        for at in range(0, RATE + 1, FRAME):
            recorder.write(Frame(at / RATE, ramp(at, FRAME)))
    recorder.close()


FILLING_CHILD = """
import resource, sys
from pathlib import Path
import numpy as np
from speech.frames import Frame
from speech.recorder import DiskFull, Recorder
# The kernel itself writes a part first and refuses only then, as on a full disk.
resource.setrlimit(resource.RLIMIT_FSIZE, (100_001, resource.RLIM_INFINITY))
recorder, at = Recorder(Path(sys.argv[1])), 0
try:
    while True:
        recorder.write(Frame(at / 16000, np.arange(at, at + 320).astype(np.int16)))
        at += 320
except DiskFull as error:
    recorder.close()
    print(error)
"""


@pytest.mark.fault
def test_a_disk_that_fills_up_keeps_all_before(tmp_path: Path) -> None:
    path = tmp_path / "audio.pcm"
    run = subprocess.run([sys.executable, "-c", FILLING_CHILD, str(path)], capture_output=True, text=True, check=True)
    assert "The disk is full; the first 0:03 are saved in" in run.stdout
    assert path.stat().st_size == 100_000
    assert np.array_equal(to_pcm16(Recording(path.parent).read()), ramp(0, 50_000))


@pytest.mark.fault
def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, bytes(data)[:7]))
    with Recorder(tmp_path / "audio.pcm") as recorder:
        recorder.write(Frame(0.0, ramp(0, FRAME)))
    assert np.array_equal(to_pcm16(Recording(tmp_path).read()), ramp(0, FRAME))


@pytest.mark.fault
@pytest.mark.parametrize(
    ("number", "error", "says"),
    [
        (errno.ENOSPC, DiskFull, "The disk is full"),
        (errno.EDQUOT, DiskFull, "The disk is full"),
        (errno.EIO, RecordingFailed, "cannot be written"),
    ],
)
def test_a_failing_disk_says_what_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[RecordingFailed], says: str
) -> None:
    recorder = Recorder(tmp_path / "audio.pcm")
    recorder.write(Frame(0.0, ramp(0, 65 * RATE)))

    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as failing, pytest.raises(error, match=says) as refusal:
        failing.setattr(os, "write", fail)
        recorder.write(Frame(65.0, ramp(0, FRAME)))
    assert "the first 1:05 are saved in" in str(refusal.value)
    recorder.close()
    assert len(Recording(tmp_path).read()) == 65 * RATE


@pytest.mark.fault
def test_recording_is_refused_when_the_disk_is_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12 - 199_000_000, 199_000_000))
    with pytest.raises(DiskFull, match="Only 199 MB are free"):
        Recorder(tmp_path / "audio.pcm")
    with pytest.raises(DiskFull):
        check_space(tmp_path / "not" / "yet" / "made")
    assert not (tmp_path / "audio.pcm").exists()


@pytest.mark.fault
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "missing" / "audio.pcm", tmp_path / "file" / "audio.pcm"):
        with pytest.raises(RecordingFailed, match="cannot be written"):
            Recorder(path)


def test_an_exported_wav_file_is_a_plain_16_bit_one(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.array([0.0, 0.5, -1.0, 2.0], np.float32))
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, RATE, 2)
        assert from_pcm16_bytes(file.readframes(9)).tolist() == [0, 16384, -32768, 32767]


@given(st.lists(st.integers(-32768, 32767)))
def test_samples_survive_every_conversion(values: list[int]) -> None:
    samples = np.array(values, np.int16)
    assert np.array_equal(to_pcm16(to_float(samples)), samples)
    assert np.array_equal(from_pcm16_bytes(pcm16_bytes(to_float(samples))), samples)


@given(st.lists(st.floats(width=32)))
def test_any_float_becomes_a_sample(values: list[float]) -> None:
    found = to_pcm16(np.array(values, np.float32))
    assert all((value > 0) <= (sample >= 0) for value, sample in zip(values, found.tolist(), strict=True))
