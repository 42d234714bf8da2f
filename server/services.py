"""What the routes share: the store, the workers and the recogniser, for as long as the server runs."""

import threading
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from assistant.store import Store
from assistant.unchanged import Unchanged
from server.analyses import Analyses
from server.live import Live, beginning
from server.recognition import Recognisers
from server.reports import Reports
from server.work import Busy, Worker
from speech.decoding_process import Decoders

MOST_LIVE = 2
"""Sessions at a time. Each costs 0.37 CPU seconds per second of sound (docs/speech.md), and a laptop has more to do."""


_KEPT_REVIEWS = 4


class Services:
    """Made once for each application.

    Two workers, so that a transcript need not wait for an hour of sound: `listening` recognises, `judging` analyzes.
    ending: the server has been told to end, and nobody is to wait for anything.
    """

    def __init__(self, store: Store, model: str) -> None:
        self.store = store
        self.ending = False
        self._live: tuple[Live, ...] = ()
        self._beginning = threading.Lock()
        self.listening = Worker("listening", waiting=3)
        self.judging = Worker("judging", waiting=15)
        self.recognisers = Recognisers(model)
        self.decoders = Decoders()
        self.reports = Reports(store, self.judging)
        self.reviews: Unchanged[str] = Unchanged(_KEPT_REVIEWS)
        self.analyses = Analyses(
            store, self.listening, self.judging, self.decoders, self.recognisers, lambda: self.ending
        )

    def begin_live(self, id: str) -> Live:
        """Begin to fill a session that was made for it, or go on with it. Raises UnknownSession, Refused and Busy."""
        with self._beginning:
            if (live := self.live(id)) is not None:
                return live
            started = beginning(self.store, id)
            self._live = tuple(live for live in self._live if not live.ended.is_set())
            # Two interviewers at one desk would talk to each other.
            desk_taken = started.input == "desk" and any(live.desk for live in self._live)
            if desk_taken or len(self._live) >= MOST_LIVE:
                raise Busy(retry_seconds=60)
            live = Live(self.store, started, self.recognisers)
            self._live += (live,)
            return live

    def live(self, id: str) -> Live | None:
        """The session if it is being filled over a websocket, or waits for one that was lost to come back."""
        return next((live for live in self._live if live.id == id and not live.ended.is_set()), None)

    def close(self) -> None:
        """Stop all work; analyses go on at the next start."""
        self.ending = True
        self.listening.close()
        self.judging.close()
        self.decoders.close()


def _services(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


Here = Annotated[Services, Depends(_services)]
"""The parameter by which a route gets at them."""
