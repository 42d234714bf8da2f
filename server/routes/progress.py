"""Progress over weeks."""

from fastapi import APIRouter

from assistant.progress import Progress
from assistant.progress import progress as progress_of
from server.services import Here

router = APIRouter(tags=["progress"])


@router.get("/progress", summary="How practice goes over weeks")
def progress(here: Here) -> Progress:
    """Of all sessions that ended and were judged, as `viva progress` tells it."""
    return progress_of(here.store.list_sessions(-1))
