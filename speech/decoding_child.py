"""Recordings that strangers sent, decoded where they can do no harm: `Decoders` starts this and talks to it.

It has neither the recording nor a way to it: it asks for each piece. On standard input comes a line of JSON for each
recording (size in bytes, max_seconds and budget_seconds of `iter_frames`, only_length), then what it asked for, each
time LENGTH and the bytes. On standard output go messages, MESSAGE and that many bytes:
- `R`: PIECE, the position and number of bytes that are wanted;
- `D`: JSON, the length that the recording claims, or null;
- `F`: a frame's samples, s16le, mono, 16 kHz;
- `Z`: the end, and JSON, the fields of `Decoding`;
- `E`: JSON, what and fix of the UndecodableAudio that ends it;
- `L`: JSON, the seconds of `length`, which is all where a request says `only_length`.
"""

import io
import json
import os
import signal
import struct
import sys
import time
from dataclasses import asdict
from typing import Any, BinaryIO, cast

from speech.decode import Decoding, UndecodableAudio, iter_frames
from speech.frames import pcm16_bytes
from speech.length import length

MESSAGE = struct.Struct("<cI")
PIECE = struct.Struct("<QI")
LENGTH = struct.Struct("<I")

_MOST_MORE_BYTES = 512 << 20
"""Of memory beyond what the libraries take; eight channels at 192 kHz take a tenth."""
_SPARE_CPU_SECONDS = 60.0


class _Asked(io.RawIOBase):
    """A recording that is somewhere else."""

    def __init__(self, size: int, requests: BinaryIO, answers: BinaryIO) -> None:
        self._size = size
        self._position = 0
        self._requests = requests
        self._answers = answers

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(0, origin + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), max(0, self._size - self._position))
        if not wanted:
            return 0
        _tell(self._answers, b"R", PIECE.pack(self._position, wanted))
        (length,) = LENGTH.unpack(_exactly(self._requests, LENGTH.size))
        buffer[:length] = _exactly(self._requests, length)
        self._position += length
        return int(length)


def _tell(answers: BinaryIO, kind: bytes, payload: bytes) -> None:
    answers.write(MESSAGE.pack(kind, len(payload)) + payload)
    answers.flush()


def _exactly(requests: BinaryIO, length: int) -> bytes:
    data = requests.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:
            held = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + _MOST_MORE_BYTES, held + _MOST_MORE_BYTES))


def _limit_time(seconds: float) -> None:
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds + _SPARE_CPU_SECONDS), hard))


def _decode(request: dict[str, Any], requests: BinaryIO, answers: BinaryIO) -> None:
    found, told = Decoding(), False
    # FFmpeg reads ahead by itself; more of that, and nobody could tell how much of the recording was decoded.
    file = cast(BinaryIO, _Asked(request["size"], requests, answers))
    try:
        if request["only_length"]:
            _tell(answers, b"L", json.dumps(length(file, request["max_seconds"])).encode())
            return
        for frame in iter_frames(file, request["max_seconds"], found, request["budget_seconds"]):
            if not told:
                told = True
                _tell(answers, b"D", json.dumps(found.declared_seconds).encode())
            _tell(answers, b"F", pcm16_bytes(frame.samples))
    except UndecodableAudio as error:
        _tell(answers, b"E", json.dumps([error.what, error.fix]).encode())
    else:
        _tell(answers, b"Z", json.dumps(asdict(found)).encode())


def main() -> None:
    """Decode for the process that started this one."""
    # Ctrl-C reaches every process of the terminal; the parent decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries print; the protocol keeps a descriptor of its own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    import av as av  # before there is less memory

    _limit_memory()
    requests = sys.stdin.buffer
    try:
        while line := requests.readline():
            request = json.loads(line)
            _limit_time(request["budget_seconds"])
            _decode(request, requests, answers)
    except (EOFError, OSError):
        # Whoever asked is gone, or has heard enough.
        return
