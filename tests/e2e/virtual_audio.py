"""The virtual loudspeaker and microphone of virtual_audio.sh, and a listener for either, as tests use them."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from speech.frames import Frame, Int16, pcm16_bytes, to_pcm16
from speech.microphone import Gap, Microphone, Remark

SCRIPT = Path(__file__).with_name("virtual_audio.sh")
# Three seconds ahead: what a busy machine is too slow to play is nothing that the program under test has lost.
_PLAY = ("pacat", "--raw", "--rate=16000", "--format=s16le", "--channels=1", "--device=mic_feed", "--latency-msec=3000")


def wait_until(true: Callable[[], bool], what: str, patience: float = 30.0) -> None:
    """Return when `true()` is; fail with `what` after a long time."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, f"waited {patience:g} s for {what}"
        time.sleep(0.02)


@contextmanager
def heard_by_the_microphone(samples: Int16) -> Iterator["subprocess.Popen[bytes]"]:
    """While this lasts, the virtual microphone hears these samples (mono, 16 kHz); gives what plays them, which ends after the last."""
    with tempfile.TemporaryFile() as file:
        file.write(pcm16_bytes(samples))
        file.seek(0)
        playing = subprocess.Popen(_PLAY, stdin=file)
    try:
        yield playing
    finally:
        playing.kill()
        playing.wait()


class VirtualAudio:
    """A sound server of our own in a private folder, at 16 kHz: sound arrives sample for sample."""

    def __init__(self, folder: Path) -> None:
        self._settings = os.environ | {"VIVA_AUDIO_DIR": str(folder), "VIVA_AUDIO_RATE": "16000"}

    def _run(self, command: str) -> str:
        done = subprocess.run([SCRIPT, command], env=self._settings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find it."""
        lines = (line.removeprefix("export ") for line in self._run("env").splitlines())
        return dict(line.split("=", 1) for line in lines)

    def start(self) -> None:
        """Bring it up, also after `die`."""
        self._run("start")

    def stop(self) -> None:
        self._run("stop")

    def die(self) -> None:
        """As if it crashed."""
        self._run("die")

    def freeze(self) -> None:
        self._run("freeze")

    def thaw(self) -> None:
        self._run("thaw")

    def unplug(self) -> None:
        """Take the microphone away."""
        self._run("unplug")

    def replug(self) -> None:
        self._run("replug")


class Listener:
    """Records in the background; `recorded` gives what came until now."""

    def __init__(self, device: str | None = None, **options: float) -> None:
        self.origin = time.monotonic()
        self.microphone = Microphone(device, origin=self.origin, **options)  # type: ignore[arg-type]
        self.items: list[Frame | Gap | Remark] = []
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._listen)

    def _listen(self) -> None:
        try:
            for item in self.microphone.frames():
                self.items.append(item)
        except BaseException as error:
            self.error = error

    def __enter__(self) -> Self:
        self.microphone.__enter__()
        self._thread.start()
        wait_until(lambda: bool(self.items), "the first frame")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.microphone.stop()
        self._thread.join(30)
        self.microphone.__exit__(kind, error, trace)
        assert not self._thread.is_alive()
        assert self.error is None

    @property
    def frames(self) -> list[Frame]:
        return [item for item in list(self.items) if isinstance(item, Frame)]

    @property
    def gaps(self) -> list[Gap]:
        return [item for item in list(self.items) if isinstance(item, Gap)]

    @property
    def recorded(self) -> npt.NDArray[np.int16]:
        frames = self.frames
        return np.concatenate([to_pcm16(frame.samples) for frame in frames]) if frames else np.zeros(0, np.int16)

    def hears(self, after: int = 0) -> bool:
        """Whether there is any sound after so many frames."""
        return any(frame.samples.any() for frame in self.frames[after:])
