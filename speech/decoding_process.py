"""Recordings that strangers sent, decoded in processes that may die of them: limited memory and time, and no way to a file."""

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import BinaryIO

from speech.child_process import end_child, start_child
from speech.decode import BUDGET_SECONDS, MAX_SECONDS, Decoding, UndecodableAudio
from speech.decoding_child import LENGTH, MESSAGE, PIECE
from speech.frames import SAMPLE_RATE, Frame, from_pcm16_bytes

_COMMAND = (sys.executable, "-P", "-c", "from speech.decoding_child import main; main()")
_MOST_IDLE = 2
_MOST_SILENT_SECONDS = 60.0
_LONGEST_MESSAGE = 1 << 24
_LAST = (b"Z", b"E", b"L")
_LONGEST_PIECE = 1 << 20
_FIX = "Convert it to WAV or FLAC, and try again"


class Decoders:
    """Processes that decode, kept for the next recording; for any thread.

    One that has ended, or says nothing for a minute (patience times that), is replaced.
    """

    def __init__(self, patience: float = 1.0) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._idle: list[_Decoder] = []
        self._closed = False

    def iter_frames(
        self, file: BinaryIO, found: Decoding | None = None, max_seconds: float = MAX_SECONDS
    ) -> Iterator[Frame]:
        """As `speech.decode.iter_frames`, of a seekable binary file. Raises UndecodableAudio."""
        found = Decoding() if found is None else found
        sent = 0
        for message, payload in self._answers(file, max_seconds):
            match message:
                case b"F":
                    samples = from_pcm16_bytes(payload)
                    frame = Frame(sent / SAMPLE_RATE, samples)
                    sent += len(samples)
                    found.seconds = sent / SAMPLE_RATE
                    yield frame
                case b"D":
                    found.declared_seconds = _number(json.loads(payload))
                case _:
                    _learn(found, json.loads(payload))

    def length(self, file: BinaryIO, max_seconds: float = MAX_SECONDS) -> float:
        """As `speech.length.length`. Raises UndecodableAudio."""
        ((_, payload),) = self._answers(file, max_seconds, only_length=True)
        return float(json.loads(payload))

    def close(self) -> None:
        """End those that wait; one that is decoding ends when it is done."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for decoder in idle:
            decoder.end()

    def _answers(self, file: BinaryIO, max_seconds: float, only_length: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """What one of them says, to its end. Raises UndecodableAudio."""
        decoder, done = self._take(), False
        try:
            for kind, payload in decoder.answers(file, max_seconds, only_length, self._patience * _MOST_SILENT_SECONDS):
                done = kind in _LAST
                if kind == b"E":
                    what, fix = json.loads(payload)
                    raise UndecodableAudio(what, fix)
                yield kind, payload
        finally:
            if done:
                self._give_back(decoder)
            else:
                decoder.end()

    def _take(self) -> "_Decoder":
        with self._lock:
            while self._idle:
                decoder = self._idle.pop()
                if decoder.lives:
                    return decoder
                decoder.end()
        return _Decoder()

    def _give_back(self, decoder: "_Decoder") -> None:
        with self._lock:
            if not self._closed and len(self._idle) < _MOST_IDLE:
                self._idle.append(decoder)
                return
        decoder.end()


class _Decoder:
    """One process."""

    def __init__(self) -> None:
        self._child = start_child(_COMMAND, own_session=True)
        self._waits_since: float | None = None

    @property
    def lives(self) -> bool:
        return self._child.poll() is None

    def answers(
        self, file: BinaryIO, max_seconds: float, only_length: bool, most_silent: float
    ) -> Iterator[tuple[bytes, bytes]]:
        """Its messages until the last one. Raises UndecodableAudio where it ends before."""
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=[over, most_silent], daemon=True, name="decoding")
        watch.start()
        try:
            size = file.seek(0, os.SEEK_END)
            asked = {
                "size": size,
                "max_seconds": max_seconds,
                "budget_seconds": BUDGET_SECONDS,
                "only_length": only_length,
            }
            self._send(json.dumps(asked).encode() + b"\n")
            while True:
                kind, payload = self._message()
                if kind == b"R":
                    position, wanted = PIECE.unpack(payload)
                    file.seek(position)
                    data = file.read(min(wanted, _LONGEST_PIECE))
                    self._send(LENGTH.pack(len(data)) + data)
                    continue
                yield kind, payload
                if kind in _LAST:
                    return
        finally:
            over.set()

    def end(self) -> None:
        """Kill it."""
        end_child(self._child)

    def _send(self, data: bytes) -> None:
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            # If it has ended, its next message is missing, too.
            self._child.stdin.write(data)
            self._child.stdin.flush()

    def _message(self) -> tuple[bytes, bytes]:
        assert self._child.stdout is not None
        self._waits_since = time.monotonic()
        try:
            head = self._child.stdout.read(MESSAGE.size)
            if len(head) == MESSAGE.size:
                kind, length = MESSAGE.unpack(head)
                if kind in b"RDFZEL" and length <= _LONGEST_MESSAGE:
                    payload = self._child.stdout.read(length)
                    if len(payload) == length:
                        return kind, payload
        finally:
            self._waits_since = None
        raise UndecodableAudio("The recording takes too much memory or time to decode, or is broken", _FIX)

    def _watch(self, over: threading.Event, most_silent: float) -> None:
        while not over.wait(min(0.5, most_silent / 4)):
            since = self._waits_since
            if since is not None and time.monotonic() - since > most_silent:
                self._child.kill()
                return


def _learn(found: Decoding, told: dict[str, object]) -> None:
    found.declared_seconds = _number(told["declared_seconds"])
    found.seconds = _number(told["seconds"]) or 0.0
    found.damaged_packets = int(_number(told["damaged_packets"]) or 0)
    filled = told["filled"]
    assert isinstance(filled, list)
    found.filled = [(float(at), float(seconds)) for at, seconds in filled]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
