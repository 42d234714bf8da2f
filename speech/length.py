"""How long a recording is that does not say so, as a browser's does not: its packets tell, without being decoded."""

import contextlib
import os
import time
from typing import BinaryIO

from speech.decode import MAX_SECONDS, audio_in, opened, too_long

_LOOK_SECONDS = 2.0
"""An hour as browsers record it (WebM, packets of 20 ms) is looked through in about so long on two slow cores."""
_UNLIKELY = 1.5
"""How many times too long an estimate must be to be believed."""


def length(file: BinaryIO, max_seconds: float = MAX_SECONDS) -> float:
    """Seconds of sound by what a recording's packets say, or of a very long one by what the first of them say.

    file: seekable. max_seconds: longest recording taken. Raises UndecodableAudio, also for one that is longer.
    """
    with opened(file) as (source, name):
        size = source.seek(0, os.SEEK_END)
        source.seek(0)
        with audio_in(source, name) as (container, stream):
            seconds, longest, until = 0.0, max_seconds, time.monotonic() + _LOOK_SECONDS
            # Where it is damaged, decoding says so; it goes on behind that, looking does not.
            with contextlib.suppress(Exception):
                for packet in container.demux(stream):
                    seconds += float((packet.duration or 0) * (packet.time_base or 0))
                    if seconds > max_seconds:
                        break
                    if time.monotonic() > until:
                        seconds *= size / max(1, source.tell())
                        longest *= _UNLIKELY
                        break
            if seconds > longest:
                raise too_long(name, None, max_seconds)
            return min(seconds, max_seconds)
