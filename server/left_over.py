"""What the server's last end left, be it a crash: sessions are written down to their end and judged, recordings compressed."""

import threading

from assistant.recovery import compress_all, finish_left_over
from server.services import Services


def see_to_left_over(services: Services) -> None:
    """Begin in a thread of its own; requests are answered meanwhile. What does not work now is done at the next start."""

    def work() -> None:
        store, recognisers = services.store, services.recognisers
        finish_left_over(store, lambda: recognisers.load(recognisers.default), lambda _: None)
        compress_all(store, lambda _: None)

    threading.Thread(target=work, daemon=True, name="left over").start()
