"""The recogniser, where its crash, its hang or its hunger for memory cost a stretch of speech a second try and nothing else."""

import pickle
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from typing import Any

from models.store import locate
from speech.child_process import end_child, start_child
from speech.frames import SAMPLE_RATE, Float32, Segment
from speech.recogniser_child import Answer
from speech.transcriber import RecogniserFailed, Transcribed

# Not with -m: what it pickles would then be of a module that is __main__ there and another one here.
_COMMAND = (sys.executable, "-P", "-c", "from speech.recogniser_child import main; main()")

_LOADING_SECONDS = 120.0
_LEAST_SECONDS = 30.0
_TIMES_ITS_LENGTH = 10.0
"""Base takes a fifth of a stretch's length on one core; a machine that takes fifty times as long does not answer."""


class RecogniserProcess:
    """A `Transcriber` in a child process; one request at a time, callable from any thread.

    model_id, hotwords: as for `Transcriber`. A child that fails, ends, or does not answer in time (patience times
    what is allowed), is killed, and the next request starts another.
    Raises WeightsMissing, WeightsDamaged (models.store), and RecogniserFailed.
    """

    def __init__(
        self,
        model_id: str = "base",
        hotwords: Sequence[str] = (),
        patience: float = 1.0,
    ) -> None:
        locate(model_id)
        self.model_id = model_id
        self._arguments = (model_id, tuple(hotwords))
        self._patience = patience
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[Any, Any] | None = None
        self._cpu_seconds = 0.0
        with self._turn:
            self._start()

    @property
    def pid(self) -> int | None:
        """The child's; None when there is none just now."""
        child = self._child
        return None if child is None else child.pid

    def cpu_seconds(self) -> float:
        """CPU seconds that the child has used up to its last answer."""
        return self._cpu_seconds

    def transcribe(self, segment: Segment) -> Transcribed:
        """As `Transcriber.transcribe`."""
        found: Transcribed = self._ask("transcribe", segment, seconds=segment.end - segment.start)
        return found

    def write_roughly(self, samples: Float32) -> str:
        """As `Transcriber.write_roughly`."""
        text: str = self._ask("write_roughly", samples, seconds=len(samples) / SAMPLE_RATE)
        return text

    def close(self) -> None:
        """End the child; harmless when there is none."""
        with self._turn:
            self._drop()

    def _ask(self, method: str, argument: Segment | Float32, seconds: float) -> Any:
        with self._turn:
            if self._child is None:
                self._start()
            return self._exchange((method, (argument,)), max(_LEAST_SECONDS, _TIMES_ITS_LENGTH * seconds))

    def _start(self) -> None:
        # The last words are written down after the terminal's programs were told to end.
        child = start_child(_COMMAND, own_session=True)
        self._child = child
        self._end = weakref.finalize(self, end_child, child)
        self._exchange(self._arguments, _LOADING_SECONDS)

    def _exchange(self, request: object, seconds: float) -> Any:
        child = self._child
        assert child is not None and child.stdin is not None and child.stdout is not None
        most = seconds * self._patience
        began = time.monotonic()
        late = threading.Timer(most, child.kill)
        late.daemon = True
        late.start()
        try:
            pickle.dump(request, child.stdin, protocol=pickle.HIGHEST_PROTOCOL)
            child.stdin.flush()
            answer: Answer = pickle.load(child.stdout)  # noqa: S301  (our own child)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            why = "it ended" if time.monotonic() - began < most else f"no answer in {most:.0f} s"
            self._drop()
            raise RecogniserFailed(
                f"The recogniser's process failed ({why})", "Free some memory, then try again"
            ) from error
        except BaseException:
            # Its answer would be taken for that to the next request.
            self._drop()
            raise
        finally:
            late.cancel()
        self._cpu_seconds = answer.cpu_seconds
        if answer.failure is not None:
            # What has run out of memory may not get any back.
            self._drop()
            raise RecogniserFailed(*answer.failure)
        return answer.value

    def _drop(self) -> None:
        if self._end is not None:
            self._end()
        self._child = self._end = None
