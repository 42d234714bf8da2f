"""What is spoken is really heard and recorded, and devices that fail cost a marked gap at most."""

import signal
import subprocess
import sys
import textwrap
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from speech.devices import check_loudspeaker, check_microphone, list_devices, loudspeakers, microphones
from speech.frames import SAMPLE_RATE
from speech.microphone import NoMicrophone
from speech.player import NoLoudspeaker, Player
from speech.spoken import Spoken
from speech.voice import Pyttsx3Voice
from tests.e2e.virtual_audio import Listener, VirtualAudio, wait_until

Int16 = npt.NDArray[np.int16]


def noise(seconds: float, seed: int = 0) -> Spoken:
    """Loud noise in which every stretch is different, and no sample is zero."""
    samples = np.random.default_rng(seed).integers(1, 12_000, int(seconds * SAMPLE_RATE))
    return Spoken((samples * np.random.default_rng(seed).choice([-1, 1], len(samples))).astype(np.int16), SAMPLE_RATE)


def without_silence(recorded: Int16) -> Int16:
    heard = np.flatnonzero(recorded)
    return recorded[heard[0] : heard[-1] + 1] if len(heard) else recorded[:0]


def heard_samples(recorded: Int16) -> int:
    """How far it is from the first loud sample to the last."""
    loud = np.flatnonzero(np.abs(recorded.astype(np.int32)) > 500)
    return int(loud[-1] - loud[0]) + 1 if len(loud) else 0


def test_every_sample_that_is_played_is_recorded_unchanged(virtual_audio: VirtualAudio) -> None:
    sound = noise(3)
    with Listener("speaker_tap") as listener:
        assert Player().play(sound).wait()
        wait_until(lambda: len(without_silence(listener.recorded)) >= len(sound.samples), "all of the sound")
    assert np.array_equal(without_silence(listener.recorded), sound.samples)
    assert not listener.gaps


def test_what_pyttsx3_speaks_is_heard_whole_and_in_order(virtual_audio: VirtualAudio) -> None:
    voice = Pyttsx3Voice()
    prompts = [voice.render("Design a feed for a social app."), voice.render("What is your success metric?")]
    with Listener("speaker_tap") as listener:
        player = Player()
        assert [player.play(prompt).wait() for prompt in prompts] == [True, True]
        quiet = len(listener.frames)
        wait_until(lambda: len(listener.frames) > quiet + 20, "what follows the prompts")
    recorded = listener.recorded.astype(float)
    places = []
    for prompt in prompts:
        when = np.arange(0, prompt.seconds, 1 / SAMPLE_RATE)
        wanted = np.interp(when, np.arange(len(prompt.samples)) / prompt.sample_rate, prompt.samples.astype(float))
        size = len(recorded) + len(wanted)
        match = np.fft.irfft(np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(wanted, size)), size)
        place = int(np.argmax(match[: len(recorded)]))
        heard = recorded[place : place + len(wanted)]
        assert np.corrcoef(heard, wanted[: len(heard)])[0, 1] > 0.9
        places.append(place)
    assert places[1] - places[0] >= len(prompts[0].samples) / prompts[0].sample_rate * SAMPLE_RATE - 1


def test_the_candidate_is_recorded_by_the_default_microphone(virtual_audio: VirtualAudio) -> None:
    sound = noise(2)
    with Listener() as listener:
        Player("mic_feed").play(sound).wait()
        wait_until(lambda: len(without_silence(listener.recorded)) >= len(sound.samples), "all of the sound")
    assert np.array_equal(without_silence(listener.recorded), sound.samples)
    frames = listener.frames
    assert all(abs(after.start - before.end) < 1e-6 for before, after in pairwise(frames))


def test_the_microphone_does_not_hear_the_loudspeaker(virtual_audio: VirtualAudio) -> None:
    with Listener() as listener:
        Player().play(noise(1)).wait()
    assert not listener.hears()


def test_a_new_prompt_cuts_off_the_old_one(virtual_audio: VirtualAudio) -> None:
    old, new = noise(20, seed=1), noise(1, seed=2)
    with Listener("speaker_tap") as listener:
        player = Player()
        first = player.play(old)
        wait_until(listener.hears, "the first")
        assert player.play(new).wait()
        assert first.over
        ended = len(listener.frames)
        wait_until(lambda: len(listener.frames) > ended + 20, "what follows")
    heard = without_silence(listener.recorded)
    assert np.array_equal(heard[-len(new.samples) :], new.samples)
    assert len(heard) < len(old.samples)


def test_a_device_at_another_rate_is_heard_at_16_khz(virtual_audio: VirtualAudio) -> None:
    when = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    tone = Spoken((8000 * np.sin(2 * np.pi * 1000 * when)).astype(np.int16), SAMPLE_RATE)
    with Listener(rate=44_100) as listener:
        Player("mic_feed").play(tone).wait()
        wait_until(lambda: heard_samples(listener.recorded) > 1.99 * SAMPLE_RATE, "the tone")
    assert heard_samples(listener.recorded) <= len(tone.samples)
    spectrum = np.abs(np.fft.rfft(listener.recorded.astype(float)))
    loudest = np.argmax(spectrum) * SAMPLE_RATE / len(listener.recorded)
    assert loudest == pytest.approx(1000, abs=2)


@pytest.mark.fault
def test_stopping_while_the_sound_server_is_gone_still_ends_with_the_gap(virtual_audio: VirtualAudio) -> None:
    with Listener() as listener:
        virtual_audio.die()
        wait_until(lambda: listener.microphone.trouble is not None, "the trouble to be noticed")
    assert isinstance(listener.items[-1], type(listener.gaps[0]))


@pytest.mark.fault
def test_a_prompt_is_reported_as_not_heard_when_the_sound_server_dies(virtual_audio: VirtualAudio) -> None:
    playback = Player().play(noise(20))
    virtual_audio.die()
    assert not playback.wait()


@pytest.mark.fault
def test_without_a_sound_server_both_sides_say_what_to_do(virtual_audio: VirtualAudio) -> None:
    virtual_audio.die()
    with pytest.raises(NoLoudspeaker, match="Connect one"):
        Player().play(noise(1))
    with pytest.raises(NoMicrophone, match="--input typed"), Listener():
        pass
    assert not check_microphone(0.1).ok
    assert not check_loudspeaker().ok


@pytest.mark.fault
@pytest.mark.parametrize("job", ["play", "capture"])
def test_nothing_plays_or_records_after_its_owner_was_killed(virtual_audio: VirtualAudio, job: str) -> None:
    owner = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""
                import time
                from speech.audio_process import start_audio
                sound = bytes(2 * 16000 * 60)
                clock = {{"origin": 0, "until": 0, "lost": None, "record": None}}
                request = {{"rate": 16000, "device": None, "bytes": len(sound), **clock}}
                child, _ = start_audio("{job}", request, sound if "{job}" == "play" else b"")
                print(child.pid, flush=True)
                time.sleep(60)
            """),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    child = int(owner.stdout.readline())
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    wait_until(lambda: not running(child), "the child to end")


def running(process: int) -> bool:
    """Whether a process runs; one that has ended but that nobody waits for does not."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_devices_are_listed_as_they_are_now(virtual_audio: VirtualAudio) -> None:
    assert {"mic", "speaker"} <= {device.name for device in list_devices()}
    assert microphones()[0].default_input
    assert loudspeakers()[0].default_output
    virtual_audio.die()
    assert list_devices() == ()
    virtual_audio.start()
    assert {"mic", "speaker"} <= {device.name for device in list_devices()}


def test_the_doctor_hears_a_voice_and_plays_a_tone(virtual_audio: VirtualAudio) -> None:
    playback = Player("mic_feed").play(noise(20))
    check = check_microphone(1.0)
    playback.stop()
    assert check.ok, check
    assert "we hear you" in check.detail
    with Listener("speaker_tap") as listener:
        assert check_loudspeaker().ok
        wait_until(listener.hears, "the tone")


def test_the_doctor_says_when_nothing_comes_in(virtual_audio: VirtualAudio) -> None:
    check = check_microphone(0.5)
    assert not check.ok
    assert check.fix is not None
    assert "Unmute" in check.fix
