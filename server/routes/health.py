"""Is the server up, and can it do its work?"""

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter

from server.services import Here
from server.version import version

router = APIRouter(tags=["health"])


@dataclass(frozen=True, slots=True)
class Health:
    """weights: ids of those on this machine. recogniser_ready: whether the one used by default is among them.

    sessions_running, jobs_waiting: how many (under way included).
    """

    status: Literal["ok"]
    version: str
    weights: tuple[str, ...]
    recogniser: str
    recogniser_ready: bool
    sessions_running: int
    jobs_waiting: int


@router.get("/health", summary="Version, weights, and how busy the server is")
def health(here: Here) -> Health:
    """Answers as long as the server runs, also while it is busy."""
    from models.store import installed

    weights = installed()
    running = sum(session.state == "running" for session in here.store.list_sessions(limit=20))
    recogniser = here.recognisers.default
    jobs = len(here.listening) + len(here.judging)
    return Health("ok", version(), weights, recogniser, recogniser in weights, running, jobs)
