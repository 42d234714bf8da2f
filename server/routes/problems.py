"""The bank of interview problems."""

from dataclasses import dataclass

from fastapi import APIRouter

from prompts.problems import Problem, get_problem, load_problems
from server.routes.paging import MOST, Limit, Offset

router = APIRouter(tags=["problems"], prefix="/problems")


@dataclass(frozen=True, slots=True)
class ProblemSummary:
    """A problem as a candidate may know it beforehand."""

    id: str
    title: str
    family: str
    prompt: str


@router.get("", summary="All problems")
def problems(limit: Limit = MOST, offset: Offset = 0) -> list[ProblemSummary]:
    """Without what the interviewer knows; see the problem itself for that."""
    bank = list(load_problems().values())[offset : offset + limit]
    return [ProblemSummary(p.id, p.title, p.family, p.prompt) for p in bank]


@router.get("/{id}", summary="One problem with everything the interviewer knows")
def problem(id: str) -> Problem:
    """Spoils the surprise: fact sheet, probes, the change of requirements, what a strong answer has."""
    return get_problem(id)
