"""A sound card with faults on request, in place of sounddevice: put this folder on PYTHONPATH.

FAKE_CARD is a JSON object: missing (no PortAudio), busy, rate and channels (all it knows), blocks (how many it gives,
as fast as they are taken), overflow_at (block that carries the flag), dies (ends the stream after the last block),
hold_at (before which block it waits: it makes the file `held` and goes on when that is gone), held.
It gives a 440 Hz tone.
"""

import json
import math
import os
import struct
import threading
import time
from pathlib import Path
from typing import Any

_CARD: dict[str, Any] = json.loads(os.environ["FAKE_CARD"])
if _CARD.get("missing"):
    raise OSError("PortAudio library not found")


class PortAudioError(Exception):
    """As in sounddevice."""


class _Status:
    def __init__(self, overflow: bool) -> None:
        self.input_overflow = overflow


def query_devices(_device: Any, _kind: str) -> dict[str, Any]:
    return {
        "name": "fake card",
        "default_samplerate": float(_CARD.get("rate", 16_000)),
        "max_input_channels": _CARD.get("channels", 1),
    }


def check_input_settings(device: Any, samplerate: int, channels: int, dtype: str) -> None:
    if samplerate != _CARD.get("rate", 16_000) or channels != _CARD.get("channels", 1):
        raise PortAudioError("Invalid sample rate [PaErrorCode -9997]")


class RawInputStream:
    def __init__(self, samplerate: int, channels: int, blocksize: int, callback: Any, **more: Any) -> None:
        check_input_settings(None, samplerate, channels, "int16")
        if _CARD.get("busy"):
            raise PortAudioError("Device unavailable [PaErrorCode -9985]")
        self._form = samplerate, channels, blocksize
        self._callback = callback
        self._finished = more["finished_callback"]

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        rate, channels, size = self._form
        for block in range(_CARD.get("blocks", 100)):
            if block == _CARD.get("hold_at"):
                held = Path(_CARD["held"])
                held.touch()
                while held.exists():
                    time.sleep(0.01)
            places = range(block * size, (block + 1) * size)
            tone = (int(8000 * math.sin(2 * math.pi * 440 * place / rate)) for place in places)
            data = b"".join(struct.pack("<h", value) * channels for value in tone)
            self._callback(data, size, None, _Status(block == _CARD.get("overflow_at")))
        if _CARD.get("dies"):
            self._finished()
