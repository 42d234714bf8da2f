"""A practice session over a websocket: sound in, everything that happens out."""

import contextlib
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from assistant.choosing import present
from assistant.events import Event, NoteWritten, SessionStarted
from assistant.language_model import chosen_model
from assistant.live_state import LiveState
from assistant.preferences import Preferences, load_preferences
from assistant.recognising import Later
from assistant.runner import SessionRunner
from assistant.session_setup import SessionSetup
from assistant.sources import MicrophoneSource
from assistant.store import Store
from models.store import WeightsDamaged, WeightsMissing
from prompts.errors import UserError
from server.live_source import SocketSource
from server.problem_details import Refused
from server.recognition import Recognisers
from speech.transcriber import Recogniser
from speech.voice import choose_voices


class Live:
    """One session in a thread of its own, which outlives the connection that fills it.

    started: its beginning. desk: it hears this machine's own microphone. connection: number of the connection that fills it
    now. failure: why it could not be held, once `ended`.
    """

    def __init__(self, store: Store, started: SessionStarted, recognisers: Recognisers) -> None:
        self.id = started.id
        self.desk = started.input == "desk"
        self._began = time.monotonic()
        self.connection = 0
        self._view = _Latest()
        self._started = started
        self._preferences = present(load_preferences(store.root), self._view.line) if self.desk else Preferences()
        self._source = MicrophoneSource(self._preferences.microphone) if self.desk else SocketSource()
        self.failure: UserError | None = None
        self.ended = threading.Event()
        self._store = _Prepared(store, self.id)
        self._recognisers = recognisers
        self._runner: SessionRunner | None = None
        # What an abrupt end of the server leaves, its next start finishes.
        threading.Thread(target=self._run, daemon=True, name=f"live {self.id}").start()

    def attach(self) -> int:
        """Let another connection fill it from now on; its number."""
        if isinstance(self._source, SocketSource):
            self._source.resume()
        self.connection += 1
        return self.connection

    def feed(self, data: bytes) -> None:
        """Take sound; a session that hears the desk's microphone needs none."""
        if isinstance(self._source, SocketSource):
            self._source.feed(data)

    @property
    def ahead_seconds(self) -> float:
        """By how much more sound was fed than time has passed."""
        return self._source.ahead_seconds(self._began) if isinstance(self._source, SocketSource) else 0.0

    def stop(self, finished: bool) -> None:
        """End it gracefully. finished: as it should, not because the connection is gone."""
        if self._runner is not None:
            self._runner.stop("finished" if finished else "interrupted")
        self._source.stop()

    def note(self, text: str, at: float | None) -> NoteWritten | None:
        """As `SessionRunner.note`."""
        return None if self._runner is None else self._runner.note(text, at)

    def state(self) -> str | None:
        """The present moment as JSON, null until there is one."""
        state = self._view.state
        return None if state is None else json.dumps({"event": "state", **asdict(state)})

    def _recogniser(self) -> Recogniser:
        model = self._recognisers.default
        try:
            return self._recognisers.loading(model, self._started.problem)
        except (WeightsMissing, WeightsDamaged) as error:
            return Later(model, error)

    def _run(self) -> None:
        started = self._started
        recogniser = self._recogniser()
        try:
            setup = SessionSetup(
                started.problem,
                started.framework,
                started.level,
                started.planned_seconds,
                mute=not isinstance(self._source, MicrophoneSource),
                strictness=started.strictness or "realistic",
                nudges=started.nudges,
                loudspeaker=self._preferences.loudspeaker,
                model=chosen_model(),
            )
            voices = () if setup.mute else choose_voices(self._preferences.voice)
            self._runner = SessionRunner(self._store, setup, self._source, recogniser, voices, self._view)
            self._runner.run()
        except UserError as error:
            self.failure = error
        finally:
            self.ended.set()
        if self.failure is None and not isinstance(recogniser, Later):
            # What does not work now is done when the server starts next.
            with contextlib.suppress(UserError):
                self._store.compress(self.id)


class _Latest:
    """Keeps what a screen would show now; lines are in the log as well."""

    state: LiveState | None = None

    def tick(self, state: LiveState) -> None:
        self.state = state

    def line(self, text: str) -> None:
        pass


class _Prepared(Store):
    """The store as one session sees it that is already in it, and is filled instead of made."""

    def __init__(self, store: Store, id: str) -> None:
        super().__init__(store.root)
        self._prepared = id

    def new_id(self) -> str:
        return self._prepared

    def create(self, started: SessionStarted) -> Path:
        return self.folder(self._prepared)


def prepared(events: Sequence[Event]) -> SessionStarted | None:
    """The beginning of a session that was made to be held over a connection and has not begun; None for any other."""
    match events:
        case [SessionStarted(input="live" | "desk") as started]:
            return started
    return None


def beginning(store: Store, id: str) -> SessionStarted:
    """The same of a session in the store. Raises UnknownSession, and Refused for one that has begun."""
    started = prepared(store.events(id))
    if started is None:
        raise Refused(409, "session-used", f"Session {id} has already begun", "POST /api/v1/sessions makes a new one")
    return started
