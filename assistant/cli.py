"""Where the `viva` program begins; from here on Ctrl-C ends it without a traceback, also while it is still being loaded."""

import atexit
import contextlib
import os
import sys


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    try:
        from assistant.command_line import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    _leave(code)


def _leave(code: int) -> None:
    """End the process, but do not take the interpreter down first.

    A thread that computes in ONNX Runtime or CTranslate2 just then, as a voice does, would abort the process: it finds
    the interpreter gone, and C++ does not stand being unwound.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)
