"""Playing a prompt on a stream of our own, so that its true end is known and it can be cut off at once.

Speech engines that play by themselves return early, cannot be stopped, and report success when nothing was heard.
"""

import subprocess
from collections.abc import Sequence

from speech.audio_process import (
    AUDIO_CHILD,
    AudioLibraryMissing,
    AudioUnavailable,
    NoLoudspeaker,
    start_audio,
)
from speech.child_process import end_child
from speech.spoken import Spoken

__all__ = ["AudioLibraryMissing", "AudioUnavailable", "NoLoudspeaker", "Playback", "Player"]


class Playback:
    """One prompt on its way to the loudspeaker.

    seconds: how long the whole prompt sounds.
    """

    def __init__(self, child: subprocess.Popen[bytes], seconds: float) -> None:
        self._child = child
        self.seconds = seconds

    @property
    def over(self) -> bool:
        """Whether nothing of it sounds any more, for whatever reason."""
        return self._child.poll() is not None

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the last sound; returns whether the prompt was played to its end.

        timeout: seconds, by default the prompt's length and three more. When they pass, the prompt is cut off.
        """
        try:
            status = self._child.wait(self.seconds + 3 if timeout is None else timeout)
        except subprocess.TimeoutExpired:
            status = -1
        end_child(self._child)
        return status == 0

    def stop(self) -> None:
        """Silence now, not at the end of the buffer; may be called from any thread and more than once."""
        end_child(self._child)


class Player:
    """Plays prompts one at a time.

    device: name (or a part of it) of an output device; None is the system's default. command: the audio child.
    """

    def __init__(self, device: str | None = None, command: Sequence[str] = AUDIO_CHILD) -> None:
        self._device = device
        self._command = command
        self._current: Playback | None = None

    def play(self, spoken: Spoken) -> Playback:
        """Start playing and return when sound flows; what this player still plays is cut off first.

        Raises NoLoudspeaker or AudioLibraryMissing.
        """
        if self._current is not None:
            self._current.stop()
        sound = spoken.samples.astype("<i2").tobytes()
        request = {"rate": spoken.sample_rate, "device": self._device, "bytes": len(sound)}
        child, _ = start_audio("play", request, sound, self._command)
        self._current = Playback(child, spoken.seconds)
        return self._current
