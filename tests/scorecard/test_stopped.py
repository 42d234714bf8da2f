"""F14: told to end at any moment, by Ctrl-C, by the system, or by a terminal that is closed."""

import contextlib
import os
import pty
import random
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.events import SessionEnded
from assistant.recovery import finish_left_over
from assistant.store import Store
from speech.recording import RAW
from speech.transcriber import Transcriber
from tests.assistant.conftest import tiny as tiny
from tests.assistant.viva import VIVA
from tests.e2e.virtual_audio import wait_until
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.practising import ROOT

_WAYS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, None)
"""None closes the terminal, of which the system tells by SIGHUP, and nothing can be shown any more."""
_AT_ONCE = 4


_OWN_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class Terminal:
    """A terminal's other end, and all that was shown on it."""

    def __init__(self, end: int) -> None:
        self._end, self._shown, self._closed = end, bytearray(), threading.Event()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def close(self) -> None:
        """As by the cross in the corner of its window; harmless when it is closed."""
        self._closed.set()
        self._reading.join()

    def shown(self) -> str:
        """All of it, once whoever showed it has ended."""
        self._reading.join(5)
        self.close()
        return self._shown.decode(errors="replace")

    def _read(self) -> None:
        # What nobody has open any more ends with an error.
        with open(self._end, "rb", buffering=0) as end, contextlib.suppress(OSError):
            while not self._closed.is_set():
                if select.select([end], [], [], 0.05)[0]:
                    self._shown += end.read(4096)


@contextmanager
def in_a_terminal(*command: object) -> Iterator[tuple["subprocess.Popen[bytes]", Terminal]]:
    """A command that has a terminal of its own while this lasts."""
    end, own = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", _OWN_TERMINAL, *map(str, command)],
        stdin=own,
        stdout=own,
        stderr=own,
        start_new_session=True,
    )
    os.close(own)
    terminal = Terminal(end)
    try:
        yield child, terminal
    finally:
        terminal.close()
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


@pytest.mark.fault
def test_a_session_is_told_to_end(claim: Claim, sized: Sized, tmp_path: Path, tiny: Transcriber) -> None:
    row = claim("F14", "Told to end at any moment, a session ends, and is whole at once or after the next start")
    count, chance = sized(4, 50), random.Random(14)
    # While it starts, listens, writes down, judges, compresses; the beginnings come more often.
    moments = [chance.uniform(0, 1) ** 2 * 12 for _ in range(count)]

    def end(number: int) -> tuple[float, int, str]:
        folder = tmp_path / str(number)
        with in_a_terminal(
            VIVA, "--data-dir", folder, "practice", "feed", "--mute", "--input", ROOT / "demo" / "answer.opus"
        ) as (child, terminal):
            # Every other moment counts from when it listens: a slow machine spends all of them on beginning.
            if (number + number // len(_WAYS)) % 2:
                wait_until(lambda: any(folder.glob(f"sessions/*/{RAW}")), "the session to listen", 120)
            time.sleep(moments[number])
            told_at = time.monotonic()
            if (way := _WAYS[number % len(_WAYS)]) is None:
                terminal.close()
            else:
                os.killpg(child.pid, way)
            status = child.wait(120)
            return time.monotonic() - told_at, status, terminal.shown()

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        ends = list(pool.map(end, range(count)))
    tracebacks, unfinished, whole = [], [], 0
    for number, (_, status, told) in enumerate(ends):
        # While the interpreter itself starts, it alone decides what it says.
        tracebacks += [(moments[number], told)] if "Traceback" in told and "/assistant/" in told else []
        store = Store(tmp_path / str(number))
        whole += status == 0
        if status == 0:
            (summary,) = store.list_sessions()
            assert isinstance(store.events(summary.id)[-1], SessionEnded)
            assert store.kept_report(summary.id) is not None, told
            assert list(store.folder(summary.id).glob("*.part")) == []
        else:
            assert status in (1, 130, *(-way for way in _WAYS if way)), told
        finish_left_over(store, lambda: tiny, lambda line: None)
        unfinished += [
            summary.id
            for summary in store.list_sessions()
            if summary.state != "finished" and store.recording(summary.id) is not None
        ]
    row.tried(
        f"{count} SIGINT, SIGTERM, SIGHUP and terminals closed at random moments; {whole} ended with their report, the others had not begun to listen or were told while they ended"
    )
    row.within("time until it had ended", max(seconds for seconds, _, _ in ends), 15)
    row.none("exceptions shown", tracebacks)
    row.none("sessions not whole after the next start", unfinished)
    row.at_least("of them ended with their report", whole, count // 4)
