"""L1: hours of talk."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from speech.recorder import write_wav
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.practising import ROOT, programme
from tests.scorecard.processes import needs_proc
from tests.speech.conftest import Samples

pytestmark = pytest.mark.load

LONG = """
import os, sys
from pathlib import Path
from assistant.runner import SessionRunner
from assistant.store import Store
from speech.frames import SAMPLE_RATE, Frame
from speech.decode import decode
from speech.recogniser_process import RecogniserProcess
from tests.assistant.test_runner import SETUP, Played
from tests.scorecard.processes import children, most_megabytes, open_files, threads
folder, file, minutes = sys.argv[1:]
sound = decode(Path(file)).samples
step = SAMPLE_RATE // 10

class Over(Played):
    paced = False
    def items(self, start):
        for number in range(int(float(minutes) * 600)):
            at = number * step % (len(sound) - step)
            yield Frame(start + number / 10, sound[at : at + step])

class Gauge:
    told = 0
    def tick(self, state):
        if state.elapsed >= 60 * (self.told + 1):
            self.told += 1
            family = {os.getpid(), *children(os.getpid())}
            print(*(sum(map(held, family)) for held in (most_megabytes, lambda pid: len(open_files(pid)), threads)), flush=True)
    def line(self, text):
        pass

SessionRunner(Store(Path(folder)), SETUP, Over(), RecogniserProcess("tiny.en"), (), Gauge()).run()
"""


@needs_proc
def test_a_long_session(claim: Claim, sized: Sized, tmp_path: Path, speak: Callable[[str], Samples]) -> None:
    row = claim("L1", "A session of hours takes no more memory than one of minutes")
    minutes, settled = sized(8, 240), sized(5, 10)
    # On each change mostly pauses; at night a sentence every five seconds.
    talk = tmp_path / "talk.wav"
    write_wav(talk, programme(speak, 55, pause=sized(14.0, 1.5)).samples)
    command = [sys.executable, "-c", LONG, str(tmp_path / "data"), str(talk), str(minutes)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stderr[-2000:]
    every = [tuple(map(float, line.split())) for line in run.stdout.splitlines()]
    assert len(every) >= minutes - 1
    # The most memory at any moment: a recogniser at work holds 100 MB more than one at rest, and which a minute ends on is chance.
    (megabytes, files, threads) = (max(held) for held in zip(*every[:settled], strict=True))
    (more, more_files, more_threads) = (max(held) for held in zip(*every[settled:], strict=True))
    row.tried(
        f"{minutes} minutes of talk as fast as it is recognised, looked at every minute, the recogniser's process included"
    )
    row.at_most(f"memory grown after the first {settled} minutes", more - megabytes, 30, "MB")
    row.at_most("files opened and kept after that", more_files - files, 1)
    row.at_most("threads begun and kept after that", more_threads - threads, 1)
