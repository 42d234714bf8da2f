"""The recogniser in a process of its own: `RecogniserProcess` starts it and talks to it.

`main` is all it runs. On standard input come pickles: first the arguments of `Transcriber`, then
pairs of the name of one of its methods and that method's arguments. On standard output goes one `Answer` for each.
"""

import os
import pickle
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any, BinaryIO

from prompts.errors import UserError
from speech.transcriber import Transcriber


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request.

    value: what the method returned. failure: what to say and what to do where it failed. cpu_seconds: used so far.
    """

    value: Any
    failure: tuple[str, str] | None
    cpu_seconds: float


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more requests."""

    def answer(value: Any, failure: tuple[str, str] | None = None) -> None:
        pickle.dump(Answer(value, failure, time.process_time()), answers)
        answers.flush()

    def attempt(method: Any, arguments: Any) -> None:
        try:
            value = method(*arguments)
        except UserError as error:
            answer(None, (error.what, error.fix))
        except Exception as error:  # one bad stretch is the caller's to judge
            why = str(error) or type(error).__name__
            answer(None, (f"The recogniser failed ({why})", "Run `viva models verify`"))
        else:
            answer(value)

    transcriber: Transcriber | None = None

    def load(*arguments: Any) -> None:
        nonlocal transcriber
        transcriber = Transcriber(*arguments)

    attempt(load, pickle.load(requests))  # noqa: S301  (from the process that started this one)
    while transcriber is not None:
        name, arguments = pickle.load(requests)  # noqa: S301
        attempt(getattr(transcriber, name), arguments)


def main() -> None:
    """Serve the process that started this one."""
    # Ctrl-C reaches every process of the terminal; the parent decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries print; the protocol keeps a descriptor of its own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        serve(sys.stdin.buffer, answers)
    except (EOFError, OSError, pickle.UnpicklingError):
        # Whoever asked is gone.
        return
