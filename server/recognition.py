"""Uploaded sound to words, in a worker's thread."""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, BinaryIO

from analysis.utterances import utterances_from_words
from models.manifest import load_manifest
from models.store import installed, locate
from prompts.problems import get_problem
from server.problem_details import InputError, Refused
from server.work import Job
from speech.decode import Decoding
from speech.decoding_process import Decoders
from speech.frames import Float32, Frame, Segment
from speech.recogniser_process import RecogniserProcess
from speech.transcriber import Transcribed, transcribe_file
from speech.transcript import Utterance

SHORT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What was recognised in a recording of so many seconds; notes: what is wrong with the file."""

    utterances: tuple[Utterance, ...]
    seconds: float
    notes: tuple[str, ...]


_OPENAI_MODELS = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe")
"""What clients of OpenAI's endpoint call its models: here each is the one that the server was started with."""


class Recognisers:
    """The recogniser last used, kept loaded. default: id of the weights used where a request names none."""

    def __init__(self, default: str) -> None:
        self.default = default
        self._lock = threading.Lock()
        self._loaded: tuple[tuple[str, str | None], RecogniserProcess] | None = None

    def load(self, model: str, problem: str | None = None) -> RecogniserProcess:
        """A recogniser, listening for the terms of a problem. Raises WeightsMissing and WeightsDamaged."""
        with self._lock:
            if self._loaded is None or self._loaded[0] != (model, problem):
                # The old one is let go before the new one comes: two at once may be more than there is memory for.
                self._loaded = None
                terms = get_problem(problem).vocabulary if problem else ()
                self._loaded = (model, problem), RecogniserProcess(model, terms)
            return self._loaded[1]

    def loading(self, model: str, problem: str | None = None) -> "Loading":
        """The same, at once. Raises WeightsMissing and WeightsDamaged."""
        locate(model)
        return Loading(model, lambda: self.load(model, problem))

    def named(self, model: str) -> str:
        """The weights a client means: their id, OpenAI's name for Whisper, or nothing. Raises Refused (422)."""
        if not model or model in _OPENAI_MODELS:
            return self.default
        known = self.names()
        if model not in known:
            what = f"There is no recogniser {model[:100]!r} on this machine"
            fix = f"Choose one of {', '.join(known)}"
            raise Refused(422, "unknown-model", what, fix, errors=[InputError(what, pointer="#/model")])
        return model

    def names(self) -> list[str]:
        """What a client may name: the weights on this machine, the default first, and OpenAI's names for that one."""
        weights = load_manifest()
        known = [id for id in installed() if weights[id].kind == "whisper"]
        return [*sorted(known, key=lambda id: id != self.default), *_OPENAI_MODELS]


class Loading:
    """A recogniser that is being loaded; who wants something of it waits, and gets the error where loading fails.

    With it, a session records from its first moment on.
    """

    def __init__(self, model_id: str, load: Callable[[], RecogniserProcess]) -> None:
        self.model_id = model_id
        self._load = load
        self._loaded: Future[RecogniserProcess] = Future()
        threading.Thread(target=self._run, daemon=True, name="loading").start()

    def cpu_seconds(self) -> float:
        """As `RecogniserProcess.cpu_seconds`."""
        return self._loaded.result().cpu_seconds()

    def transcribe(self, segment: Segment) -> Transcribed:
        """As `RecogniserProcess.transcribe`."""
        return self._loaded.result().transcribe(segment)

    def write_roughly(self, samples: Float32) -> str:
        """As `RecogniserProcess.write_roughly`."""
        return self._loaded.result().write_roughly(samples)

    def _run(self) -> None:
        try:
            self._loaded.set_result(self._load())
        except BaseException as error:
            self._loaded.set_exception(error)


def listen(
    file: BinaryIO,
    decoders: Decoders,
    load: Callable[[], RecogniserProcess],
    job: Job[Any],
    tell: Callable[[Sequence[Utterance]], None] = lambda _: None,
    keep: Callable[[Iterable[Frame]], Iterable[Frame]] = lambda frames: frames,
) -> Heard:
    """Recognise a recording; the job learns how far it is.

    tell: told what is said as soon as it is recognised. keep: what the sound goes through on its way. Raises UndecodableAudio, RecogniserFailed, whatever `load` raises, and Stopped.
    """
    found = Decoding()
    frames = keep(decoders.iter_frames(file, found))
    utterances: list[Utterance] = []
    for heard in transcribe_file(frames, load(), job.advance):
        new = utterances_from_words(heard.words, first_id=len(utterances))
        utterances += new
        tell(new)
    return Heard(tuple(utterances), found.seconds, found.notes)


def measure(file: BinaryIO, decoders: Decoders) -> tuple[bool, float]:
    """Whether a recording is long, and its seconds, estimated from its beginning where it does not say.

    Raises UndecodableAudio, so that a file that is no recording, or unfolds into days, is refused at once.
    """
    found = Decoding()
    for frame in decoders.iter_frames(file, found):
        if frame.end >= SHORT_SECONDS:
            return True, decoders.length(file) if found.declared_seconds is None else found.declared_seconds
    return found.seconds >= SHORT_SECONDS, found.seconds
