"""The parent's side of `audio_child`: start it, hear whether the device opened, say what to do when it did not."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prompts.errors import UserError
from speech.child_process import end_child, start_child

AUDIO_CHILD: tuple[str, ...] = (sys.executable, "-P", str(Path(__file__).with_name("audio_child.py")))
"""The command that every sound device is used through."""

_PATIENCE_SECONDS = 6.0


class AudioUnavailable(UserError):
    """No sound can be played or recorded now; the session goes on in the best way left."""


class AudioLibraryMissing(AudioUnavailable):
    """The PortAudio library that sounddevice needs is not on this machine."""

    def __init__(self) -> None:
        if sys.platform == "darwin":
            fix = "Install it: brew install portaudio"
        else:
            fix = "Install it: apt install libportaudio2 (Debian, Ubuntu) or dnf install portaudio (Fedora)"
        super().__init__("The sound library PortAudio is missing", fix)


class NoLoudspeaker(AudioUnavailable):
    """Nothing to play on: no output device, none of that name, or one that does not answer."""

    def __init__(self, why: str) -> None:
        what = f"No loudspeaker can be used: {why}"
        super().__init__(
            what, "Connect one and check it with `viva doctor`, or read the prompts on the screen (--mute)"
        )


class NoMicrophone(AudioUnavailable):
    """Nothing to record from: no input device, none of that name, or one that does not answer."""

    def __init__(self, why: str) -> None:
        what = f"No microphone can be used: {why}"
        fix = "Connect one and check it with `viva doctor`, take a browser's (`viva serve`), or answer by keyboard (--input typed)"
        super().__init__(what, fix)


class MicrophoneBusy(AudioUnavailable):
    """The microphone exists but something else holds it, or the system forbids it."""

    def __init__(self, why: str) -> None:
        what = f"The microphone cannot be opened: {why}"
        super().__init__(what, "Close other programs that record and allow this terminal to use the microphone")


def start_audio(
    job: str,
    request: Mapping[str, Any],
    payload: bytes = b"",
    command: Sequence[str] = AUDIO_CHILD,
) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """A running audio child and its answer.

    job: list, play or capture. payload: bytes that follow the request. A child that says nothing for six seconds is killed:
    a frozen sound server causes that.
    Raises AudioLibraryMissing; NoLoudspeaker for play; NoMicrophone or MicrophoneBusy for the others.
    """
    child = start_child([*command, job])
    lines: list[bytes] = []

    def talk() -> None:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n" + payload)
            child.stdin.flush()
        except OSError:
            return
        lines.append(child.stdout.readline())

    talker = threading.Thread(target=talk, daemon=True, name="audio hello")
    talker.start()
    talker.join(_PATIENCE_SECONDS)
    answer: dict[str, Any] = {
        "ok": False,
        "why": "none",
        "detail": f"the sound system gave no answer in {_PATIENCE_SECONDS:g} s",
    }
    if lines and lines[0]:
        answer = json.loads(lines[0])
    elif not talker.is_alive():
        answer["detail"] = "the sound system's process crashed"
    if answer["ok"]:
        return child, answer
    child.kill()
    talker.join()
    end_child(child)
    if answer["why"] == "library":
        raise AudioLibraryMissing
    if job == "play":
        raise NoLoudspeaker(answer["detail"])
    raise MicrophoneBusy(answer["detail"]) if answer["why"] == "busy" else NoMicrophone(answer["detail"])
