"""`GET /v1/models` as OpenAI has it: clients offer what it lists.

https://platform.openai.com/docs/api-reference/models
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Path

from server.problem_details import Refused
from server.services import Here

router = APIRouter(tags=["transcriptions"], prefix="/v1/models")


@dataclass(frozen=True, slots=True)
class Model:
    """What `POST /v1/audio/transcriptions` takes as `model`. created: when, in Unix seconds; not known here."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "vivavoce"


@dataclass(frozen=True, slots=True)
class ModelList:
    """All of them."""

    data: tuple[Model, ...]
    object: Literal["list"] = "list"


@router.get("", summary="The recognisers a client may name")
def models(here: Here) -> ModelList:
    """The one that is used by default comes first; OpenAI's names stand for it."""
    return ModelList(tuple(map(Model, here.recognisers.names())))


@router.get("/{id}", summary="One recogniser")
def model(id: Annotated[str, Path(max_length=100, description="As `GET /v1/models` lists it")], here: Here) -> Model:
    """Whether a client may name it."""
    if id not in here.recognisers.names():
        what = f"There is no recogniser {id!r} on this machine"
        raise Refused(404, "unknown-model", what, "GET /v1/models lists those there are")
    return Model(id)
