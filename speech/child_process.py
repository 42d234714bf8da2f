"""Child processes of ours, in which is done what may crash, hang or take all memory: started and ended alike."""

import contextlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

# Threads of numpy's that wait for each other cost the recogniser a tenth of its time, and a heap for each thread 25 MB.
_FRUGAL = {"OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


def start_child(command: Sequence[str], own_session: bool = False) -> "subprocess.Popen[bytes]":
    """A process that talks over its standard input and output, and finds the same modules as this one, wherever they lie.

    It works on one core. own_session: what ends the terminal's programs does not end it.
    """
    paths = (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH"))
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **_FRUGAL, "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
        start_new_session=own_session,
    )


def end_child(child: "subprocess.Popen[bytes]") -> None:
    """Kill a child and release what it held; harmless when it has ended."""
    child.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(2.0)
    for pipe in (child.stdin, child.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
