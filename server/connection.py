"""A connection of the server: for its own user, who is not waited for for ever."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

from server.peer import is_foreign

HEAD_SECONDS = 10.0


class PromptConnection(H11Protocol):
    """Uvicorn's connection, closed when another user's, and when a request has not begun HEAD_SECONDS after it could.

    Uvicorn itself only ends connections that are idle after an answer: a few hundred that say nothing, or a byte now
    and then, would take all places there are.
    """

    _giving_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait, unless it is somebody else's."""
        super().connection_made(transport)
        if self.client and self.server and self.server[1] and is_foreign(self.client, (self.server[0], self.server[1])):
            transport.abort()
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Go on waiting, unless these bytes were the last of a request's head."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        super().connection_lost(exc)

    def _watch(self) -> None:
        answering = self.cycle is not None and not self.cycle.response_complete
        # A websocket has taken the connection over.
        gone = self.transport.is_closing() or self.transport.get_protocol() is not self
        if answering or gone:
            self._stop()
        elif self._giving_up is None:
            self._giving_up = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop(self) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None
