"""What the capturing child does with sound: onto the session clock, onto the disk, and then to its parent.

On the disk by this process, so that it is there whatever the parent does: one that is busy, stopped or killed has lost
nothing of what was said until then.
"""

import json
import queue
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterable
from enum import IntEnum
from pathlib import Path
from typing import Any, BinaryIO

from speech.frames import Frame, pcm16_bytes
from speech.recorder import SteadyRecorder
from speech.track import Block, Gap, Track

PACKET = struct.Struct("<BddIII")
"""Before each thing that is sent: its kind, start and end in seconds of the session, overflows and blocks that could
not be delivered so far, bytes that follow: samples as s16le mono at 16 kHz, or UTF-8."""

_QUEUED_PACKETS = 6000
_UNRECORDED_FRAMES = 3000


class Kind(IntEnum):
    """Of a packet: a frame, a gap with its reason, a remark about the recording."""

    FRAME = 0
    GAP = 1
    REMARK = 2


class Capture:
    """Takes one stream's blocks; used by one thread.

    request: `origin`, `until` and `lost` as `Track` has them, and what to `record`: None, or `path` and `began` as
    `SteadyRecorder` has them. rate, channels: the stream's. orders: gives such a `record` as a line of JSON, which counts
    from the first block on, or None while there is none. out: takes packets.
    """

    def __init__(
        self, request: dict[str, Any], rate: int, channels: int, orders: Callable[[], bytes | None], out: BinaryIO
    ) -> None:
        self._track = Track(rate, channels, request["origin"], request["until"], request["lost"])
        self._orders = orders
        self._recorder = None if request["record"] is None else _recorder(request["record"])
        self._unrecorded: deque[Frame] = deque(maxlen=_UNRECORDED_FRAMES)
        self._out = out
        self._undelivered = 0
        self._overflows = self._dropped = 0
        self._packets: queue.Queue[bytes | None] = queue.Queue(_QUEUED_PACKETS)
        self._sender = threading.Thread(target=self._send, daemon=True, name="sender")
        self._sender.start()

    def take(self, block: Block) -> None:
        """Record a block and send it on; what the parent does not take for two minutes it will not get."""
        self._overflows, self._dropped = block.overflows, block.dropped
        self._obey()
        for item in self._track.take(block):
            match item:
                case Frame():
                    self._record([item])
                    self._put(Kind.FRAME, item.start, item.end, pcm16_bytes(item.samples))
                case Gap(start, end, reason):
                    self._put(Kind.GAP, start, end, reason.encode())

    def end(self) -> None:
        """Nothing more comes: all of it is on the disk, and with the parent if there is one, when this returns."""
        self._obey()
        if self._recorder is not None:
            self._remark(self._recorder.close())
        self._packets.put(None)
        self._sender.join()

    def _obey(self) -> None:
        if self._recorder is None and (order := self._orders()) is not None:
            self._recorder = _recorder(json.loads(order))
            self._record(self._unrecorded)
            self._unrecorded.clear()

    def _record(self, frames: Iterable[Frame]) -> None:
        if self._recorder is None:
            self._unrecorded.extend(frames)
            return
        for frame in frames:
            self._remark(self._recorder.write(frame))

    def _remark(self, text: str | None) -> None:
        if text is not None:
            self._put(Kind.REMARK, 0.0, 0.0, text.encode())

    def _put(self, kind: Kind, start: float, end: float, body: bytes) -> None:
        head = PACKET.pack(kind, start, end, self._overflows, self._dropped + self._undelivered, len(body))
        try:
            self._packets.put_nowait(head + body)
        except queue.Full:
            self._undelivered += kind == Kind.FRAME

    def _send(self) -> None:
        gone = False
        while (packet := self._packets.get()) is not None:
            try:
                if not gone:
                    self._out.write(packet)
                    self._out.flush()
            except OSError:
                # There is nobody to tell any more; what is captured is still recorded.
                gone = True


def _recorder(wanted: dict[str, Any]) -> SteadyRecorder:
    return SteadyRecorder(Path(wanted["path"]), wanted["began"])
