"""F14: told to end at any moment, by Ctrl-C, by the system, or by a terminal that is closed."""

import os
import random
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.events import SessionEnded
from assistant.recovery import finish_left_over
from assistant.store import Store
from speech.transcriber import Transcriber
from tests.assistant.conftest import tiny as tiny
from tests.assistant.viva import VIVA
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.practising import ROOT

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_AT_ONCE = 4


@pytest.mark.fault
def test_a_session_is_told_to_end(claim: Claim, sized: Sized, tmp_path: Path, tiny: Transcriber) -> None:
    row = claim("F14", "Told to end at any moment, a session ends, and is whole at once or after the next start")
    count, chance = sized(4, 50), random.Random(14)
    # While it starts, listens, writes down, judges, compresses; the beginnings come more often.
    moments = [chance.uniform(0, 1) ** 2 * 12 for _ in range(count)]

    def end(number: int) -> tuple[float, int, str]:
        folder = tmp_path / str(number)
        with (folder.with_suffix(".told")).open("w+") as told:
            child = subprocess.Popen(
                [
                    str(VIVA),
                    "--data-dir",
                    str(folder),
                    "practice",
                    "feed",
                    "--mute",
                    "--input",
                    str(ROOT / "demo" / "answer.opus"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                time.sleep(moments[number])
                told_at = time.monotonic()
                os.killpg(child.pid, _SIGNALS[number % 3])
                status = child.wait(120)
                seconds = time.monotonic() - told_at
                told.seek(0)
                return seconds, status, told.read()
            finally:
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()

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
            assert status in (1, 130, *(-name for name in _SIGNALS)), told
        finish_left_over(store, lambda: tiny, lambda line: None)
        unfinished += [
            summary.id
            for summary in store.list_sessions()
            if summary.state != "finished" and store.recording(summary.id) is not None
        ]
    row.tried(
        f"{count} SIGINT, SIGTERM and SIGHUP at random moments; {whole} ended with their report, the others had not begun to listen or were told while they ended"
    )
    row.within("time until it had ended", max(seconds for seconds, _, _ in ends), 15)
    row.none("exceptions shown", tracebacks)
    row.none("sessions not whole after the next start", unfinished)
    row.at_least("of them ended with their report", whole, count // 4)
