"""The ways to structure an interview."""

from fastapi import APIRouter

from prompts.frameworks import Framework, get_framework, load_frameworks
from server.routes.paging import MOST, Limit, Offset

router = APIRouter(tags=["frameworks"], prefix="/frameworks")


@router.get("", summary="All frameworks")
def frameworks(limit: Limit = MOST, offset: Offset = 0) -> list[Framework]:
    """Each with its steps, their minutes, and what every level is expected to cover."""
    return list(load_frameworks().values())[offset : offset + limit]


@router.get("/{id}", summary="One framework")
def framework(id: str) -> Framework:
    """Its steps map onto the stages `problem high_level data modeling production wrap_up`."""
    return get_framework(id)
