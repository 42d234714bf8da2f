"""Everything that touches PortAudio, in a process of its own.

PortAudio lists the devices of the moment it was initialised, blocks for ever when the sound server freezes, writes to
standard error, and has crashed on unplugged devices. In a child all that ends with the child.

Run as a script with one word, `list`, `play` or `capture`, and one line of JSON on standard input. It answers with one
line of JSON, {"ok": true, ...} or {"ok": false, "why": "library|none|busy", "detail": text}; then
- `play` has taken the samples that follow the request, and ends with status 0 after the last one has sounded;
- `capture` sends packets as `speech.capture` makes them, and takes its orders, until standard input is closed.
"""

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time
from types import ModuleType
from typing import Any, BinaryIO

ENDED_EARLY = 4
"""Exit status when the device or the sound server went away."""

_BLOCK_SECONDS = 0.02
_LATENCY_SECONDS = 0.2
_QUEUED_BLOCKS = 6000
_TAIL_SECONDS = 0.15


def _say(out: BinaryIO, answer: dict[str, Any]) -> None:
    out.write(json.dumps(answer).encode() + b"\n")
    out.flush()


def _devices(sd: ModuleType) -> list[dict[str, Any]]:
    default_in, default_out = sd.default.device
    hosts = sd.query_hostapis()
    return [
        {
            "name": device["name"],
            "host": hosts[device["hostapi"]]["name"],
            "inputs": device["max_input_channels"],
            "outputs": device["max_output_channels"],
            "rate": device["default_samplerate"],
            "default_input": number == default_in,
            "default_output": number == default_out,
        }
        for number, device in enumerate(sd.query_devices())
    ]


def _end_with_parent(status: int) -> None:
    """End this process when standard input is closed: nothing may sound or record after its owner is gone."""

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while sys.stdin.buffer.read(1):
                pass
        os._exit(status)

    threading.Thread(target=watch, daemon=True).start()


def _play(sd: ModuleType, request: dict[str, Any], out: BinaryIO) -> int:
    rate: int = request["rate"]
    # Some backends drop what is still in the device when a stream ends by itself; let that be silence.
    sound = sys.stdin.buffer.read(request["bytes"]) + bytes(2 * int(_TAIL_SECONDS * rate))
    position = 0
    finished = threading.Event()

    def fill(data: Any, _frames: int, _time: Any, _status: Any) -> None:
        nonlocal position
        piece = sound[position : position + len(data)]
        data[: len(piece)] = piece
        data[len(piece) :] = bytes(len(data) - len(piece))
        position += len(piece)
        if position >= len(sound):
            raise sd.CallbackStop

    stream = sd.RawOutputStream(
        samplerate=rate,
        channels=1,
        dtype="int16",
        device=request["device"],
        latency=0.1,
        callback=fill,
        finished_callback=finished.set,
    )
    stream.start()
    _say(out, {"ok": True})
    _end_with_parent(ENDED_EARLY)
    finished.wait()
    return 0 if position >= len(sound) else ENDED_EARLY


def _format_for(sd: ModuleType, device: Any, rate: int) -> tuple[int, int]:
    """Rate and channels to capture with: the wanted rate in mono, else what the device knows by itself."""
    own = sd.query_devices(device, "input")
    own_rate, own_channels = int(own["default_samplerate"]), min(2, own["max_input_channels"])
    for candidate in ((rate, 1), (own_rate, 1), (rate, own_channels)):
        with contextlib.suppress(sd.PortAudioError):
            sd.check_input_settings(device=device, samplerate=candidate[0], channels=candidate[1], dtype="int16")
            return candidate
    return own_rate, own_channels


def _capture(sd: ModuleType, request: dict[str, Any], out: BinaryIO) -> int:
    # Before the stream begins: to load it takes longer than a device waits for its sound to be taken.
    from speech.capture import Capture
    from speech.frames import from_pcm16_bytes
    from speech.track import Block

    device = request["device"]
    rate, channels = _format_for(sd, device, request["rate"])
    blocks: queue.Queue[tuple[int, float, int, int, bytes]] = queue.Queue(_QUEUED_BLOCKS)
    captured = overflows = dropped = 0
    stop = threading.Event()
    finished = threading.Event()

    def take(data: Any, frames: int, _time: Any, status: Any) -> None:
        # Copy and leave: an exception or a wait in here loses sound without a word.
        nonlocal captured, overflows, dropped
        overflows += bool(status.input_overflow)
        try:
            blocks.put_nowait((captured, time.monotonic(), overflows, dropped, bytes(data)))
        except queue.Full:
            dropped += 1
        captured += frames

    stream = sd.RawInputStream(
        samplerate=rate,
        channels=channels,
        dtype="int16",
        device=device,
        blocksize=int(rate * _BLOCK_SECONDS),
        latency=_LATENCY_SECONDS,
        callback=take,
        finished_callback=finished.set,
    )
    stream.start()
    _say(out, {"ok": True, "name": sd.query_devices(device, "input")["name"]})
    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def watch_parent() -> None:
        with contextlib.suppress(OSError, ValueError):
            while order := sys.stdin.buffer.readline():
                orders.put(order)
        stop.set()

    threading.Thread(target=watch_parent, daemon=True).start()
    capture = Capture(request, rate, channels, lambda: None if orders.empty() else orders.get(), out)
    while True:
        # Asked before looking, so that nothing captured before the end is left in the queue.
        ending = stop.is_set() or finished.is_set()
        try:
            position, at, over, lost, data = blocks.get(timeout=0 if ending else 0.1)
        except queue.Empty:
            if ending:
                capture.end()
                return 0 if stop.is_set() else ENDED_EARLY
            continue
        samples = from_pcm16_bytes(data)
        capture.take(Block(position, at, len(samples) // channels, over, lost, samples))


def main(job: str) -> int:
    """Do one job; returns the exit status."""
    # Ctrl-C reaches every process of the terminal; the parent decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries print; the protocol keeps a descriptor of its own.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    request = json.loads(sys.stdin.buffer.readline())
    try:
        import sounddevice as sd
    except (ImportError, OSError) as error:
        _say(out, {"ok": False, "why": "library", "detail": str(error)})
        return 1
    try:
        if job == "list":
            _say(out, {"ok": True, "devices": _devices(sd)})
            return 0
        return _play(sd, request, out) if job == "play" else _capture(sd, request, out)
    except BrokenPipeError:
        return ENDED_EARLY
    except (sd.PortAudioError, ValueError) as error:
        # sounddevice raises ValueError for a name it cannot find; device -1 is its word for "there is none at all".
        text = str(error).splitlines()[0]
        missing = isinstance(error, ValueError) or "querying device" in text or "Invalid device" in text
        detail = "there is none" if "device -1" in text else text
        _say(out, {"ok": False, "why": "none" if missing else "busy", "detail": detail})
        return 1


if __name__ == "__main__":
    ended = main(sys.argv[1])
    # PortAudio's own clean-up waits for a server that may never answer.
    os._exit(ended)
