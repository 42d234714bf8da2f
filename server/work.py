"""CPU-heavy work, off the event loop: a thread with a short queue, progress, and an end before its time."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from fastapi import Request

from server.problem_details import Refused

T = TypeVar("T")

_LOOK_SECONDS = 0.5
_END_SECONDS = 10.0


class Busy(Refused):
    """The queue is full."""

    def __init__(self, retry_seconds: int) -> None:
        super().__init__(
            503,
            "busy",
            "The server has as much work waiting as it takes",
            f"Try again in {retry_seconds} s",
            {"retry-after": str(retry_seconds)},
        )


class Stopped(Refused):
    """The work was ended before it was done."""

    def __init__(self) -> None:
        super().__init__(503, "stopped", "The work was stopped before it was done", "Send the request again")


class Job(Generic[T]):
    """A piece of work in the queue or under way.

    future: its outcome. waiting: how many wait for that. begun: whether it is not queued any more. seconds: of the talk
    done so far. total_seconds: of the talk in all, as far as known.
    """

    def __init__(self, work: "Callable[[Job[T]], T]", total_seconds: float | None = None) -> None:
        self.future: Future[T] = Future()
        self.waiting = 0
        self.begun = False
        self.seconds = 0.0
        self.total_seconds = total_seconds
        self._work = work
        self._stop = threading.Event()

    @property
    def progress(self) -> float:
        """The part that is done; 1 only belongs to what has ended."""
        return min(0.99, self.seconds / self.total_seconds) if self.total_seconds else 0.0

    def advance(self, seconds: float) -> None:
        """Called by the work itself. Raises Stopped when it is to end."""
        self.seconds = seconds
        if self._stop.is_set():
            raise Stopped

    def stop(self) -> None:
        """End the work at its next step."""
        self._stop.set()

    def run(self) -> None:
        """Do the work, in the worker's thread."""
        self.begun = True
        try:
            self.advance(0.0)
            self.future.set_result(self._work(self))
        except BaseException as error:
            self.future.set_exception(error)


class Worker:
    """One thread that does one job after another.

    waiting: jobs that may queue behind the one under way.
    """

    def __init__(self, name: str, waiting: int) -> None:
        self._queue: queue.Queue[Job[Any] | None] = queue.Queue()
        # The jobs under way and waiting; only the event loop and the thread change it, each under the lock.
        self._jobs: list[Job[Any]] = []
        self._lock = threading.Lock()
        self._most = waiting + 1
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        return len(self._jobs)

    def check_room(self) -> None:
        """Raises Busy where another job would find the queue full."""
        if len(self._jobs) >= self._most:
            raise Busy(retry_seconds=30)

    def submit(self, job: Job[T], promised: bool = False) -> Job[T]:
        """Queue a piece of work. promised: before, so that it is taken however many wait. Raises Busy."""
        with self._lock:
            if not promised:
                self.check_room()
            self._jobs.append(job)
        self._queue.put(job)
        return job

    def close(self) -> None:
        """Stop everything and wait for the thread to notice."""
        with self._lock:
            for job in self._jobs:
                job.stop()
        self._queue.put(None)
        self._thread.join(_END_SECONDS)

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            job.run()
            with self._lock:
                self._jobs.remove(job)


async def outcome(job: Job[T], request: Request, patience_seconds: float = float("inf")) -> T:
    """What a job comes to. When nobody waits for it any more or the server ends it is stopped; TimeoutError when patience ends, and it goes on.

    Raises whatever the work raises.
    """
    future = asyncio.wrap_future(job.future)
    # Where patience ends first, nobody else will look at an error.
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    end = time.monotonic() + patience_seconds
    job.waiting += 1
    try:
        while not future.done():
            await asyncio.wait({future}, timeout=_LOOK_SECONDS)
            if future.done():
                break
            if request.app.state.services.ending or await request.is_disconnected():
                if job.waiting == 1:
                    job.stop()
                raise Stopped
            if time.monotonic() > end:
                raise TimeoutError
    finally:
        job.waiting -= 1
    return future.result()
