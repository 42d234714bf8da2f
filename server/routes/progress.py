"""Progress over weeks."""

from fastapi import APIRouter

from assistant.outlook import Outlook, outlook
from server.services import Here

router = APIRouter(tags=["progress"])


@router.get("/progress", summary="How practice goes over weeks")
def progress(here: Here) -> Outlook:
    """Of all sessions that ended and were judged, as `viva progress` tells it."""
    return outlook(here.store)
