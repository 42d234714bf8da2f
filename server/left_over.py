"""What the server's last end left, be it a crash: sessions are written down to their end and judged, recordings compressed."""

import threading

from analysis.report import Report
from assistant.recovery import compress_all, finish_left_over
from assistant.store import Store
from server.services import Services


class _InTurn(Store):
    """The store, in which a report is made when nobody else uses the language model."""

    def __init__(self, store: Store, turn: threading.Lock) -> None:
        super().__init__(store.root)
        self._turn = turn

    def report(self, id: str) -> Report:
        with self._turn:
            return super().report(id)


def see_to_left_over(services: Services) -> None:
    """Begin in a thread of its own; requests are answered meanwhile. What does not work now is done at the next start."""

    def work() -> None:
        store, recognisers = _InTurn(services.store, services.turn), services.recognisers
        finish_left_over(store, lambda: recognisers.load(recognisers.default), lambda _: None)
        compress_all(store, lambda _: None)

    threading.Thread(target=work, daemon=True, name="left over").start()
