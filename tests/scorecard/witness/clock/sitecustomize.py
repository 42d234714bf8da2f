"""A clock that somebody sets by an hour at every look at it: put this folder on PYTHONPATH.

Python imports this before anything else, in the program and in its children. How often the time of day was asked for
is appended to the file LOOKS, a byte each. What counts seconds without a date goes on as it does.
"""

import datetime
import itertools
import os
import time
from typing import Self

_HOURS = itertools.cycle((1, -1, 0))
_looks = os.open(os.environ["LOOKS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
_time, _time_ns = time.time, time.time_ns


def _jump() -> int:
    os.write(_looks, b".")
    return 3600 * next(_HOURS)


class _Set(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Self:
        return super().now(tz) + datetime.timedelta(seconds=_jump())


time.time = lambda: _time() + _jump()
time.time_ns = lambda: _time_ns() + _jump() * 10**9
datetime.datetime = _Set  # type: ignore[misc]
