"""The events of a running session: in its log, or in memory while they cannot be written."""

from assistant.events import Event
from assistant.log import SessionLog


class KeptEvents:
    """What has happened so far, `first` of it in the log already. Appended to by one thread; any thread may read."""

    def __init__(self, log: SessionLog, first: Event) -> None:
        self._log = log
        self._events = [first]
        self._unwritten: list[Event] = []

    @property
    def all(self) -> tuple[Event, ...]:
        """Every event, written or not."""
        return tuple(self._events)

    @property
    def written(self) -> bool:
        """Whether the log has every event."""
        return not self._unwritten

    def append(self, event: Event) -> None:
        """Keep an event, and write whatever waits. Raises LogUnwritable; it is then kept in memory and tried again."""
        self._events.append(event)
        self._unwritten.append(event)
        while self._unwritten:
            self._log.append(self._unwritten[0])
            del self._unwritten[0]
