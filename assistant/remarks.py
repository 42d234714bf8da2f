"""What the interviewer says about the time, and when. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

PAUSE_SECONDS = 1.0
"""A pause in which one may speak without talking over somebody."""

_WAIT_FOR_PAUSE_SECONDS = 15.0
# (occasion in prompts/lines.toml, the log's rule, seconds before the end)
_OCCASIONS = (
    ("five_minutes", "time_five_minutes", 300.0),
    ("one_minute", "time_one_minute", 60.0),
    ("time_up", "time_up", 0.0),
)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say now. occasion: in prompts/lines.toml. rule: for the log. aloud: if not, it is only shown."""

    occasion: str
    rule: str
    aloud: bool


def due_remark(now: float, planned: float, quiet: float, said: Collection[str]) -> Remark | None:
    """The remark on the time that is due, if any.

    now, planned: seconds of the session. quiet: seconds since the candidate was last heard. said: rules so far.
    It waits for a pause. Who does not pause for long is not talked over, because what he said would be lost: then it
    is only shown. A session too short for a remark (less than twice the time it announces) goes without.
    """
    for occasion, rule, before in _OCCASIONS:
        late = now - (planned - before)
        if rule in said or late < 0 or planned <= 2 * before:
            continue
        if quiet >= PAUSE_SECONDS:
            return Remark(occasion, rule, aloud=True)
        return Remark(occasion, rule, aloud=False) if late >= _WAIT_FOR_PAUSE_SECONDS else None
    return None


def time_is_near(now: float, planned: float, within: float) -> bool:
    """Whether a remark on the time will be due within so many seconds."""
    return any(0 < planned - before - now <= within for _, _, before in _OCCASIONS if planned > 2 * before)
