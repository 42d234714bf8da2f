"""A practice session on whatever this machine has: a microphone, else the keyboard, else the bundled recording."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Literal

from analysis.report import Report
from assistant.live_state import View
from assistant.recognising import Later
from assistant.runner import SessionRunner
from assistant.session_setup import SessionSetup
from assistant.sources import FileSource, MicrophoneSource, Source, TypedSource
from assistant.store import Store
from models.store import WeightsDamaged, WeightsMissing
from prompts.problems import get_problem
from speech.audio_process import AudioUnavailable
from speech.devices import microphones
from speech.recogniser_process import RecogniserProcess
from speech.transcriber import Recogniser, RecogniserFailed
from speech.voice import choose_voices

NOBODY_HERE = (
    "No microphone was found and nobody is at the keyboard, so this is the demonstration on a recorded answer."
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What to listen to. path: of the recording, for `file`. why: a line for the user, when it is not what one hopes."""

    kind: Literal["mic", "file", "typed", "demo"]
    path: Path | None = None
    why: str | None = None


def choose_input(asked: str | None, at_terminal: bool) -> Choice:
    """The user's choice (`mic`, `typed` or a file's path), or the best there is.

    asked: None leaves the choice to us: the microphone, else the keyboard if somebody sits at it (at_terminal), else
    the demonstration.
    """
    match asked:
        case "mic" | "typed":
            return Choice(asked)
        case str():
            return Choice("file", Path(asked))
    try:
        missing = None if microphones() else "No microphone was found"
    except AudioUnavailable as error:
        missing = str(error).removesuffix(".")
    if missing is None:
        return Choice("mic")
    if at_terminal:
        return Choice("typed", why=f"{missing}, so type your answer: a line at a time, Ctrl-D to end.")
    return Choice("demo", why=NOBODY_HERE)


def practice(
    store: Store,
    setup: SessionSetup,
    view: View,
    say: Callable[[str], None],
    input: str | None = None,
    fast: bool = False,
    model: str = "base",
    voice: str = "auto",
    microphone: str | None = None,
    choice: Choice | None = None,
) -> Report | None:
    """Run a session; Ctrl-C ends it gracefully, a second Ctrl-C at once.

    say: takes lines for the user before the session begins. input: as in choose_input, which a `choice` made before
    replaces. fast: a file is heard as fast as it can be. model: the recogniser's weights. voice: the interviewer's.
    microphone: name of an input device; None is the system's default.
    Returns None when the demonstration ran instead, which prints its own report, and when the microphone was recorded
    although no recogniser could be loaded: then the next start writes it down.
    Raises UserError, and KeyboardInterrupt for the second Ctrl-C: the session is kept for `viva recover`.
    """
    choice = choice or choose_input(input, sys.stdin is not None and sys.stdin.isatty())
    if choice.why:
        say(choice.why)
    if choice.kind == "demo":
        from assistant import demo

        demo.run(say=say, view=view)
        return None
    transcriber = None if choice.kind == "typed" else _recogniser(choice, setup.problem, model, say)
    voices = () if setup.mute else choose_voices(voice)
    runner = SessionRunner(store, setup, _source(choice, fast, microphone), transcriber, voices, view)
    with ending_gracefully(runner):
        report = runner.run()
    return None if isinstance(transcriber, Later) else report


def load_recogniser(problem: str | None, model: str = "base") -> RecogniserProcess:
    """Whisper, told the problem's terms. Raises WeightsMissing, WeightsDamaged, RecogniserFailed, UnknownProblem."""
    return RecogniserProcess(model, get_problem(problem).vocabulary if problem else ())


def _recogniser(choice: Choice, problem: str | None, model: str, say: Callable[[str], None]) -> Recogniser:
    """One that is loaded; for a microphone, else, one that leaves the work for later: people are here to speak now."""
    try:
        return load_recogniser(problem, model)
    except (WeightsMissing, WeightsDamaged, RecogniserFailed) as error:
        if choice.kind != "mic":
            raise
        later = Later(model, error)
        say(later.remark)
        return later


@contextmanager
def ending_gracefully(runner: SessionRunner) -> Iterator[None]:
    """While this lasts, SIGINT, SIGTERM and SIGHUP end the session gracefully, a second one raises KeyboardInterrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        runner.stop()

    names = ("SIGINT", "SIGTERM", "SIGHUP")
    before = {number: signal.signal(number, end) for name in names if (number := getattr(signal, name, None))}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _source(choice: Choice, fast: bool, microphone: str | None) -> Source:
    match choice.kind:
        case "mic":
            return MicrophoneSource(microphone)
        case "typed":
            return TypedSource()
        case _:
            assert choice.path is not None
            return FileSource(choice.path, fast)
