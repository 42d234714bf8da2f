"""The microphone gives an unbroken row of frames on the session clock, and marks what it could not record."""

import json
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.audio_process import AudioLibraryMissing
from speech.frames import SAMPLE_RATE, Frame, from_pcm16_bytes, to_float
from speech.microphone import Gap, Microphone, MicrophoneBusy, NoMicrophone, Remark, level_db
from speech.track import Block, LostSound, Track
from tests.e2e.virtual_audio import wait_until

BLOCK = SAMPLE_RATE // 50


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a sound card with the given faults into the machine."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).with_name("fake_card")))

    def insert(**faults: object) -> None:
        monkeypatch.setenv("FAKE_CARD", json.dumps(faults))

    return insert


def record(microphone: Microphone, blocks: int) -> list[Frame | Gap]:
    """What comes until about so many blocks have been heard."""
    items: list[Frame | Gap] = []
    for item in timed(microphone):
        items.append(item)
        if sum(isinstance(item, Frame) for item in items) == blocks:
            microphone.stop()
    return items


def timed(microphone: Microphone) -> Iterator[Frame | Gap]:
    """Its frames and gaps."""
    return (item for item in microphone.frames() if not isinstance(item, Remark))


def heard(items: list[Frame | Gap]) -> np.ndarray:
    return np.concatenate([to_float(item.samples) for item in items if isinstance(item, Frame)])


def test_a_card_that_knows_only_its_own_rate_and_stereo_is_heard_at_16_khz_mono(card: Callable[..., None]) -> None:
    card(rate=44_100, channels=2, blocks=100)
    with Microphone() as microphone:
        sound = heard(record(microphone, 90))
    spectrum = np.abs(np.fft.rfft(sound))
    assert np.argmax(spectrum) * SAMPLE_RATE / len(sound) == pytest.approx(440, abs=1)
    assert np.max(np.abs(sound)) == pytest.approx(8000 / 32768, rel=0.05)


def test_sound_is_the_same_bits_when_nothing_needs_converting(card: Callable[..., None]) -> None:
    card(blocks=50)
    with Microphone() as microphone:
        sound = heard(record(microphone, 50))
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(50 * BLOCK) / SAMPLE_RATE)).astype(np.int16)
    assert np.array_equal(sound, tone / np.float32(32768))


def test_what_was_captured_before_stop_is_not_lost(card: Callable[..., None]) -> None:
    card(blocks=200)
    with Microphone() as microphone:
        assert len(record(microphone, 1)) > 1


def test_the_recording_holds_what_is_heard_from_the_first_sample_on(card: Callable[..., None], tmp_path: Path) -> None:
    card(blocks=50)
    with Microphone() as microphone:
        microphone.record(tmp_path / "audio.pcm")
        sound = heard(record(microphone, 50))
    assert np.array_equal(to_float(from_pcm16_bytes((tmp_path / "audio.pcm").read_bytes())), sound)


@pytest.mark.fault
def test_a_recording_goes_on_where_it_was_when_the_device_has_died_and_is_back(
    card: Callable[..., None], tmp_path: Path
) -> None:
    card(blocks=10, dies=True)
    with Microphone() as microphone:
        microphone.record(tmp_path / "audio.pcm")
        items = record(microphone, 30)
    recorded = from_pcm16_bytes((tmp_path / "audio.pcm").read_bytes())
    assert len(recorded) / SAMPLE_RATE == pytest.approx(items[-1].end - items[0].start, abs=0.05)
    # The first stream may have died before anybody knew where to record it.
    reopened = next(item.end for item in items if isinstance(item, Gap))
    again = [item for item in items if isinstance(item, Frame) and item.start >= reopened]
    assert np.count_nonzero(recorded) >= np.count_nonzero(heard([*again]))


@pytest.mark.fault
def test_a_recording_that_cannot_be_written_is_said_once_and_tried_again(
    card: Callable[..., None], tmp_path: Path
) -> None:
    held = tmp_path / "held"
    card(blocks=200, hold_at=20, held=str(held))
    with Microphone() as microphone:
        microphone.record(tmp_path / "not yet" / "audio.pcm")
        stream = microphone.frames()
        items = [next(stream)]
        while not isinstance(items[-1], Remark):
            items.append(next(stream))
        wait_until(held.exists, "20 blocks")
        (tmp_path / "not yet").mkdir()
        held.unlink()
        while sum(isinstance(item, Frame) for item in items) < 200:
            items.append(next(stream))
    failed, again = [item.text for item in items if isinstance(item, Remark)]
    assert "cannot be written" in failed and "recorded again as soon as" in failed
    assert "The session is recorded again" in again
    assert (tmp_path / "not yet" / "audio.pcm").stat().st_size > 100 * BLOCK * 2


@pytest.mark.fault
def test_what_nobody_took_before_they_were_killed_is_recorded(card: Callable[..., None], tmp_path: Path) -> None:
    held = tmp_path / "held"
    card(blocks=400, hold_at=300, held=str(held))
    deaf = """
        import sys, time
        from pathlib import Path
        from speech.microphone import Microphone
        with Microphone() as microphone:
            microphone.record(Path(sys.argv[1]))
            time.sleep(60)
    """
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(deaf), str(tmp_path / "audio.pcm")])
    try:
        wait_until(held.exists, "300 blocks")
    finally:
        owner.kill()
        owner.wait()
    wait_until(lambda: (tmp_path / "audio.pcm").stat().st_size == 300 * BLOCK * 2, "all of them on the disk")


@pytest.mark.fault
def test_a_device_that_dies_again_and_again_leaves_gaps_and_never_raises(card: Callable[..., None]) -> None:
    card(blocks=10, dies=True)
    with Microphone() as microphone:
        items = record(microphone, 30)
    gaps = [item for item in items if isinstance(item, Gap)]
    assert len(gaps) >= 2
    assert all("went away" in gap.reason for gap in gaps)
    assert all(after.start == pytest.approx(before.end) for before, after in pairwise(items))


@pytest.mark.fault
def test_a_device_that_falls_silent_is_opened_again(card: Callable[..., None]) -> None:
    card(blocks=10)
    with Microphone(patience=0.3) as microphone:
        items = record(microphone, 20)
    assert any(isinstance(item, Gap) and "gave no sound" in item.reason for item in items)


@pytest.mark.fault
def test_sound_that_nobody_takes_is_dropped_counted_and_marked(card: Callable[..., None], tmp_path: Path) -> None:
    held = tmp_path / "held"
    card(blocks=12_100, hold_at=12_000, held=str(held))
    with Microphone(patience=60) as microphone:
        stream = timed(microphone)
        items = [next(stream)]
        while not held.exists():
            time.sleep(0.01)
        # Somebody takes sound again, and only then the card gives more.
        items += [next(stream) for _ in range(4_000)]
        held.unlink()
        while sum(isinstance(item, Frame) for item in items) + microphone.dropped < 12_100:
            items.append(next(stream))
    gaps = [item for item in items if isinstance(item, Gap)]
    assert microphone.dropped > 1000
    assert all("too busy" in gap.reason for gap in gaps)
    assert sum(gap.end - gap.start for gap in gaps) == pytest.approx(microphone.dropped * 0.02)
    assert items[-1].end - items[0].start == pytest.approx(12_100 * 0.02)


def test_stopping_from_another_thread_ends_the_frames(card: Callable[..., None]) -> None:
    card(blocks=10)
    with Microphone(patience=60) as microphone:
        threading.Timer(0.5, microphone.stop).start()
        assert len(heard(list(timed(microphone)))) == 10 * BLOCK


@pytest.mark.fault
def test_a_busy_microphone_says_so(card: Callable[..., None]) -> None:
    card(busy=True)
    with pytest.raises(MicrophoneBusy, match="Close other programs"), Microphone():
        pass


@pytest.mark.fault
def test_a_missing_portaudio_names_the_package(card: Callable[..., None]) -> None:
    card(missing=True)
    with pytest.raises(AudioLibraryMissing, match="PortAudio is missing.*[Ii]nstall"), Microphone():
        pass


@pytest.mark.fault
@pytest.mark.parametrize("program", [("false",), ("sh", "-c", "kill -SEGV $$"), ("sleep", "60")])
def test_a_sound_system_that_crashes_or_hangs_is_no_microphone(
    program: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("speech.audio_process._PATIENCE_SECONDS", 0.5)
    with pytest.raises(NoMicrophone, match="the sound system"), Microphone(command=program):
        pass


def block(number: int, at: float) -> Block:
    return Block(number * BLOCK, at, BLOCK, 0, 0, np.full(BLOCK, number + 1, np.int16))


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.floats(0, 0.4))
def test_frames_and_gaps_cover_the_time_without_hole_or_overlap(delivered: list[bool], lateness: float) -> None:
    track = Track(SAMPLE_RATE, 1, origin=100.0)
    items: list[Frame | Gap] = []
    for number, there in enumerate(delivered):
        if there:
            items += track.take(block(number, 100 + (number + 1) * 0.02 + lateness * (number % 3)))
    assert all(after.start == pytest.approx(before.end) for before, after in pairwise(items))
    assert sum(isinstance(item, Frame) for item in items) == sum(delivered)
    if any(delivered):
        first, last = delivered.index(True), len(delivered) - 1 - delivered[::-1].index(True)
        assert items[-1].end - items[0].start == pytest.approx((last - first + 1) * 0.02)


def test_a_reopened_stream_starts_after_its_gap() -> None:
    track = Track(SAMPLE_RATE, 1, origin=100.0, until=7.0, lost="unplugged")
    gap, frame = track.take(block(0, at=109.02))
    assert isinstance(gap, Gap)
    assert (gap.start, gap.reason) == (7.0, "unplugged")
    assert gap.end == pytest.approx(9.0)
    assert frame.start == pytest.approx(9.0)


def test_sound_that_comes_late_and_all_at_once_is_not_lost() -> None:
    lost_sound = LostSound()
    due = [number * 0.02 for number in range(500)]
    assert not any(lost_sound.missing(max(moment, 5.0) if 2 < moment < 5 else moment, moment) for moment in due)


@pytest.mark.parametrize("together", [1, 10], ids=["block by block", "ten blocks at a time"])
@pytest.mark.parametrize("kept", [0.0, 27.0, 58.0])
def test_after_a_long_sleep_what_was_not_kept_is_missed_at_once(kept: float, together: int) -> None:
    """Asleep from second 5 to 70; so much of the sound was kept, and comes within a tenth of a second."""
    lost_sound = LostSound()
    woken, shift, found = 250 + round(kept * 50), 0.0, []
    for number in range(woken + 200):
        arrived = number * 0.02
        if number >= 250:
            arrived = 70.0 + 0.1 * min(1.0, (number - 250) / max(1, woken - 250))
        if number >= woken:
            arrived += ((number - woken) // together + 1) * together * 0.02
        missing = lost_sound.missing(arrived, number * 0.02 + shift)
        if missing:
            found.append((arrived, missing))
            shift += missing
    ((at, missing),) = found
    assert missing == pytest.approx(65.0 - kept, abs=0.4)
    assert at < 71.0


def test_sound_that_never_comes_is_found_missing_once() -> None:
    lost_sound = LostSound()
    shift, found = 0.0, []
    for number in range(1000):
        due = number * 0.02 + shift
        missing = lost_sound.missing(number * 0.02 + (1.0 if number >= 300 else 0.0), due)
        if missing:
            found.append(missing)
            shift += missing
    assert found == [pytest.approx(1.0)]


def test_level_is_relative_to_full_scale() -> None:
    when = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    full = np.sin(2 * np.pi * 440 * when).astype(np.float32)
    assert level_db(full) == pytest.approx(-3.01, abs=0.01)
    assert level_db(full / np.float32(10)) == pytest.approx(-23.01, abs=0.01)
    assert level_db((full * np.float32(32767)).astype(np.int16)) == pytest.approx(-3.01, abs=0.01)
    assert level_db(np.zeros(10, np.float32)) == level_db(np.zeros(0, np.float32)) == -120
