"""Whether words keep up with speech; while they do not, a smaller model shows roughly what is being said."""

import threading
import time
from collections.abc import Callable

from assistant.listening import Listening
from assistant.writing_down import WritingDown
from models.store import default_store
from speech.partial import Partial, PartialText
from speech.recogniser_process import RecogniserProcess

BEHIND = "This machine writes down slower than you speak: words come later. Nothing is lost."

_BEHIND_SECONDS = 10.0
_LASTING_SECONDS = 5.0
"""A segment of 25 s at once is no delay yet: on a machine that keeps up it waits for two or three seconds."""
_PARTIAL_SECONDS = 1.0
_PARTIAL_SHARE = 0.25
"""Of the time, on one core: the words that wait need this machine more."""


def smaller_model(model_id: str) -> str | None:
    """The smallest recogniser on this machine that is smaller than `model_id`; None where there is none."""
    store = default_store()
    sizes = {id: store.weights[id].size for id in store.installed() if store.weights[id].kind == "whisper"}
    smallest = min(sizes, key=sizes.__getitem__, default=model_id)
    return smallest if smallest != model_id and sizes[smallest] < sizes.get(model_id, 0) else None


class KeepingUp:
    """Watches a running session.

    model_id: the session's recogniser; None where nobody waits for words. say: takes lines for the screen.
    """

    def __init__(
        self, listening: Listening, writing_down: WritingDown, model_id: str | None, say: Callable[[str], None]
    ) -> None:
        self._listening = listening
        self._writing_down = writing_down
        self._model_id = model_id
        self._say = say
        self._behind = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._rough: Partial | None = None
        self._waiting_since: float | None = None

    @property
    def remark(self) -> str | None:
        """What the screen says while words are behind."""
        return BEHIND if self._behind.is_set() else None

    @property
    def partial(self) -> Partial | None:
        """What is being said just now, from whichever model has the time for it."""
        return self._rough if self._behind.is_set() else self._writing_down.partial

    def look(self) -> None:
        """Find out whether words are behind; to be called several times a second."""
        if self._model_id is None:
            return
        waiting = self._listening.queued_seconds - self._writing_down.taken_seconds
        now = time.monotonic()
        if waiting <= _BEHIND_SECONDS:
            self._waiting_since = None
        elif self._waiting_since is None:
            self._waiting_since = now
        lasting = self._waiting_since is not None and now - self._waiting_since >= _LASTING_SECONDS
        if lasting and not self._behind.is_set():
            self._behind.set()
            if self._thread is None:
                self._say(BEHIND)
                self._thread = threading.Thread(
                    target=self._stand_in, args=[self._model_id], daemon=True, name="standing in"
                )
                self._thread.start()
        elif waiting <= 0:
            self._behind.clear()
            self._rough = None

    def stop(self) -> None:
        """End the work of the smaller model."""
        self._stopping.set()
        self._behind.set()
        if self._thread is not None:
            self._thread.join()
        self._behind.clear()

    def _stand_in(self, model_id: str) -> None:
        try:
            if (smaller := smaller_model(model_id)) is not None:
                self._show_with(smaller)
        except Exception as error:  # what is shown in passing is a help, not the session
            self._rough = None
            self._say(f"Words cannot be shown while you speak ({error}); they come after each sentence.")

    def _show_with(self, model_id: str) -> None:
        partials = PartialText(RecogniserProcess(model_id).write_roughly)
        while self._behind.wait() and not self._stopping.is_set():
            began = time.monotonic()
            found = self._listening.open_segment()
            if found is None:
                self._rough = None
            elif self._rough is None or (found.segment.start, found.segment.end) != (
                self._rough.start,
                self._rough.end,
            ):
                rough = partials.update(found.segment)
                self._rough = rough if self._behind.is_set() else None
            spent = time.monotonic() - began
            self._stopping.wait(max(_PARTIAL_SECONDS, spent / _PARTIAL_SHARE) - spent)
