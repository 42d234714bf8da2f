"""What there is to record with and to play on, and whether it works: the sound half of `viva doctor`."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from prompts.errors import UserError
from speech.audio_process import AudioUnavailable, start_audio
from speech.child_process import end_child
from speech.frames import SAMPLE_RATE, Float32, Frame, to_float
from speech.microphone import Microphone, level_db
from speech.player import Player
from speech.spoken import Spoken
from speech.voice import NO_VOICE, choose_voices, render_with_fallback

TOO_QUIET_DB = -45.0
CLIPPED_SHARE = 0.001
_FULL_SCALE = 0.99
_WINDOW_SECONDS = 0.5
_METER_SAMPLES = SAMPLE_RATE // 10


@dataclass(frozen=True, slots=True)
class Device:
    """A sound device as the system names it.

    host: the sound system it belongs to. inputs, outputs: channels. rate: its own samples per second.
    """

    name: str
    host: str
    inputs: int
    outputs: int
    rate: int
    default_input: bool
    default_output: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the doctor looked at. detail: what was found. fix: what to do about it, None when ok."""

    name: str
    ok: bool
    detail: str
    fix: str | None = None


def list_devices() -> tuple[Device, ...]:
    """Every sound device there is at this moment. Raises AudioUnavailable when the sound system cannot be asked."""
    child, answer = start_audio("list", {})
    end_child(child)
    return tuple(Device(**{**device, "rate": int(device["rate"])}) for device in answer["devices"])


def microphones() -> tuple[Device, ...]:
    """Devices to record with, the default first. Raises AudioUnavailable."""
    return tuple(sorted((d for d in list_devices() if d.inputs), key=lambda device: not device.default_input))


def loudspeakers() -> tuple[Device, ...]:
    """Devices to play on, the default first. Raises AudioUnavailable."""
    return tuple(sorted((d for d in list_devices() if d.outputs), key=lambda device: not device.default_output))


def judge_level(samples: Float32) -> Check:
    """Whether a few seconds of somebody talking are loud enough and not too loud.

    samples: float32 mono, 16 kHz. The loudest half second counts, so that pauses do not.
    """
    name = "microphone"
    window = int(_WINDOW_SECONDS * SAMPLE_RATE)
    if not samples.any():
        return Check(
            name,
            False,
            "only digital silence comes in",
            "Unmute it, or choose another one in the system's sound settings",
        )
    loudest = max(level_db(samples[start : start + window]) for start in range(0, len(samples), window))
    heard = f"{loudest:.0f} dB at the loudest"
    if float(np.mean(np.abs(samples) >= _FULL_SCALE)) > CLIPPED_SHARE:
        return Check(name, False, f"the sound is distorted, {heard}", "Turn the input level down or move away a little")
    if loudest < TOO_QUIET_DB:
        return Check(name, False, f"too quiet, {heard}", "Turn the input level up or come closer")
    return Check(name, True, f"we hear you, {heard}")


def check_microphone(seconds: float = 3.0, device: str | None = None) -> Check:
    """Listen for some seconds while the person talks, and judge the level. Never raises for a missing device."""
    try:
        return measure_level(device, seconds)
    except AudioUnavailable as error:
        return _failed("microphone", error)


def measure_level(
    device: str | None = None, seconds: float = 3.0, meter: Callable[[float], None] = lambda db: None
) -> Check:
    """Listen for some seconds while the person talks, and judge the level.

    meter: told the level in dB about ten times a second. Raises AudioUnavailable.
    """
    pieces: list[Float32] = []
    shown = 0
    with Microphone(device) as microphone:
        until = time.monotonic() + seconds
        for item in microphone.frames():
            if isinstance(item, Frame):
                pieces.append(to_float(item.samples))
            if sum(map(len, pieces[shown:])) >= _METER_SAMPLES:
                meter(level_db(np.concatenate(pieces[shown:])))
                shown = len(pieces)
            if time.monotonic() >= until:
                break
        name = microphone.name
    check = judge_level(np.concatenate(pieces) if pieces else np.zeros(0, np.float32))
    return Check(check.name, check.ok, f"{name}: {check.detail}", check.fix)


def check_loudspeaker(device: str | None = None) -> Check:
    """Play a soft short tone. Whether it was heard only the person knows."""
    rate = 48_000
    seconds = np.arange(int(0.4 * rate)) / rate
    fade = np.minimum(1, np.minimum(seconds, 0.4 - seconds) / 0.05)
    tone = Spoken((6000 * fade * np.sin(2 * np.pi * 440 * seconds)).astype(np.int16), rate)
    try:
        ended = Player(device).play(tone).wait()
    except AudioUnavailable as error:
        return _failed("loudspeaker", error)
    if not ended:
        return Check("loudspeaker", False, "the sound stopped half-way", "Check the connection and try again")
    return Check("loudspeaker", True, "a soft tone was played")


def check_voice(preference: str = "auto") -> Check:
    """Have the interviewer's voice say a sentence into memory."""
    try:
        voices = choose_voices(preference)
    except UserError as error:
        return _failed("voice", error)
    if not voices:
        return Check("voice", False, "none is installed; prompts are shown", "Install espeak-ng or hibari-tts")
    rendering = render_with_fallback(voices, "Can you hear me well?")
    if rendering.spoken is None:
        return Check("voice", False, rendering.reason or NO_VOICE, "Install espeak-ng or hibari-tts")
    if rendering.reason:
        return Check("voice", False, rendering.reason, "Reinstall the voice that failed")
    return Check("voice", True, str(rendering.voice))


def _failed(name: str, error: UserError) -> Check:
    return Check(name, False, error.what, error.fix)
