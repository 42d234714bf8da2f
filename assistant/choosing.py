"""Choosing by ear and by eye: which voice speaks, which microphone and loudspeaker are used, whether one is heard."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from assistant.preferences import Preferences
from prompts.errors import UserError
from speech.audio_process import AudioUnavailable
from speech.devices import Check, Device, check_loudspeaker, loudspeakers, measure_level, microphones
from speech.player import Player
from speech.voice import choose_voices
from speech.voice_engines import voice_names

SAMPLE = "Welcome. Design the home feed of a social network. How would you choose between precision, recall and NDCG?"

Ask = Callable[[str], str]
"""Puts a question to the person and gives the line that was typed."""

Say = Callable[[str], None]
Meter = Callable[[float], None]
"""Shows an input level in dB."""


def choose_voice(preferences: Preferences, ask: Ask, say: Say) -> Preferences:
    """Let the person hear the voices of this machine and keep one. Raises UserError when there is none to hear."""
    names = voice_names()
    if not names:
        raise UserError("No voice is installed", "Install one: apt install espeak-ng, or pip install hibari-tts")
    player = Player(preferences.loudspeaker)
    chosen = preferences.voice
    _list(names, chosen, say)
    while (number := _number(ask, f"Number to hear it, Enter to keep {chosen}: ", len(names), say)) is not None:
        chosen = names[number]
        try:
            playback = player.play(choose_voices(chosen)[0].render(SAMPLE))
        except AudioUnavailable:
            raise
        except UserError as error:
            say(str(error))
        else:
            playback.wait()
    return replace(preferences, voice=chosen)


def hear_voices(preferences: Preferences, say: Say) -> None:
    """Let all voices be heard one after the other, where nobody can be asked. Raises AudioUnavailable."""
    player = Player(preferences.loudspeaker)
    for name in voice_names():
        say(name)
        try:
            player.play(choose_voices(name)[0].render(SAMPLE)).wait()
        except AudioUnavailable:
            raise
        except UserError as error:
            say(str(error))


def choose_devices(preferences: Preferences, ask: Ask, say: Say, meter: Meter) -> Preferences:
    """Let the person choose microphone and loudspeaker, each tried at once. Raises AudioUnavailable."""
    microphone = _device(microphones(), "microphone", preferences.microphone, ask, say)
    say("Please say a few words.")
    _tell(measure_level(microphone, meter=meter), say)
    loudspeaker = _device(loudspeakers(), "loudspeaker", preferences.loudspeaker, ask, say)
    _tell(check_loudspeaker(loudspeaker), say)
    return replace(preferences, microphone=microphone, loudspeaker=loudspeaker)


def present(preferences: Preferences, say: Say) -> Preferences:
    """The choices as far as the voice is installed and the devices are connected; the rest is said, and the default taken."""
    found = preferences
    try:
        choose_voices(preferences.voice)
    except UserError as error:
        say(f"{error.what}; another one speaks.")
        found = replace(found, voice=Preferences().voice)
    try:
        if preferences.microphone is not None and preferences.microphone not in map(named, microphones()):
            say(f"The microphone {preferences.microphone} is not connected; the system's default is used.")
            found = replace(found, microphone=None)
        if preferences.loudspeaker is not None and preferences.loudspeaker not in map(named, loudspeakers()):
            say(f"The loudspeaker {preferences.loudspeaker} is not connected; the system's default is used.")
            found = replace(found, loudspeaker=None)
    except AudioUnavailable:
        # Whoever opens them says why.
        return found
    return found


def check_level(device: str | None, ask: Ask, say: Say, meter: Meter) -> None:
    """Before a session: listen until the person is heard well, or wants to begin all the same. Raises AudioUnavailable."""
    while True:
        say("Please say a few words, as loud as you will speak.")
        check = measure_level(device, meter=meter)
        _tell(check, say)
        if check.ok or ask("Enter tries again, b begins all the same: ").strip().lower().startswith("b"):
            return


def named(device: Device) -> str:
    """A device's name as it is kept: with its sound system, because several may list the same device."""
    return f"{device.name}, {device.host}"


def _tell(check: Check, say: Say) -> None:
    say(f"{check.detail}." + (f" {check.fix}." if check.fix else ""))


def _list(names: Sequence[str], chosen: str, say: Say) -> None:
    for number, name in enumerate(names, 1):
        say(f"{'*' if name == chosen else ' '} {number:2}  {name}")


def _device(
    devices: Sequence[Device], kind: Literal["microphone", "loudspeaker"], chosen: str | None, ask: Ask, say: Say
) -> str | None:
    names = [named(device) for device in devices]
    _list(["the system's default", *names], chosen or "the system's default", say)
    number = _number(ask, f"Number of the {kind}, Enter to keep {chosen or 'the default'}: ", len(names) + 1, say)
    if number is None:
        return chosen
    return names[number - 1] if number else None


def _number(ask: Ask, question: str, count: int, say: Say) -> int | None:
    """Which of so many, counted from 0; None for an empty line."""
    while answer := ask(question).strip():
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= count:
            return int(answer) - 1
        say(f"Please type a number from 1 to {count}, or nothing.")
    return None
