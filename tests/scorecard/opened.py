"""Which files of a folder anybody opens, told by the kernel (inotify), whatever library does it."""

import ctypes
import ctypes.util
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OPENED = 0x20  # IN_OPEN
_EVENT = struct.Struct("iIII")


@contextmanager
def opened(folder: Path) -> Iterator[list[str]]:
    """Names of the folder's files that are opened meanwhile; complete once the block has ended."""
    library = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    watch = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    assert watch >= 0 and library.inotify_add_watch(watch, os.fsencode(folder), _OPENED) >= 0
    names: list[str] = []
    try:
        yield names
        while True:
            try:
                events = os.read(watch, 65536)
            except BlockingIOError:
                break
            while events:
                length = _EVENT.unpack_from(events)[3]
                name, events = events[_EVENT.size : _EVENT.size + length], events[_EVENT.size + length :]
                names.append(os.fsdecode(name.rstrip(b"\0")))
    finally:
        os.close(watch)
