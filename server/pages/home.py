"""Where practice begins: what to do next, the problems, and what was practised."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from analysis.render.wording import next_time
from assistant.outlook import next_of
from assistant.store import SessionSummary, Store
from prompts.frameworks import load_frameworks
from prompts.problems import Problem, get_problem, load_problems, own_problems
from server.pages.answer import page
from server.services import Here

router = APIRouter(include_in_schema=False)

MINUTES = (15, 30, 45, 60)
_LAST = 5
A_PAGE = 50

From = Annotated[int, Query(alias="from", ge=0, le=1_000_000)]
"""From which line on a list is shown."""


def families() -> Mapping[str, Sequence[Problem]]:
    """The problems by family, both in the order of the alphabet."""
    ordered = sorted(load_problems().values(), key=lambda problem: (problem.family, problem.title))
    return {family: tuple(problems) for family, problems in groupby(ordered, key=lambda problem: problem.family)}


@router.get("/")
def home(here: Here) -> Response:
    """Start practising, the last sessions, and what comes next."""
    return first_page(here.store)


def first_page(store: Store) -> Response:
    """The same for a store; the first time, what it needs is read."""
    sessions = store.list_sessions(_LAST)
    exercise = next_of(store)
    return page(
        "home.html",
        "/",
        families=families(),
        frameworks=load_frameworks().values(),
        minutes=MINUTES,
        next=exercise,
        next_problem=get_problem(exercise.problem),
        advice=_advice(store, sessions),
        sessions=sessions,
        problems=load_problems(),
    )


def _advice(store: Store, sessions: Sequence[SessionSummary]) -> str | None:
    """What the last judged session says to do first."""
    for session in sessions:
        if session.score is not None and (report := store.outline(session.id)) is not None:
            return next((finding.advice for finding in next_time(report)), None)
    return None


@router.get("/problems")
def problems(request: Request, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """All problems, or those in which every word that is looked for occurs."""
    words = q.casefold().split()
    found = {family: [p for p in of if _has(p, words)] for family, of in families().items()}
    shown = {family: of for family, of in found.items() if of}
    return page(
        "problems.html",
        request.url.path,
        families=shown,
        q=q,
        count=sum(map(len, shown.values())),
        broken=[str(error) for error in own_problems().broken.values()],
    )


def _has(problem: Problem, words: Sequence[str]) -> bool:
    text = " ".join((problem.id, problem.title, problem.family, problem.prompt, *problem.vocabulary)).casefold()
    return all(word in text for word in words)


@router.get("/problems/{id}")
def problem(id: str, request: Request, here: Here) -> Response:
    """One problem: what one may know beforehand, and behind a fold what the interviewer knows."""
    shown = get_problem(id)
    attempts = [session for session in here.store.list_sessions(-1) if session.problem == id]
    return page(
        "problem.html",
        request.url.path,
        problem=shown,
        frameworks=load_frameworks().values(),
        minutes=MINUTES,
        sessions=attempts,
        problems=load_problems(),
    )


@router.get("/sessions")
def sessions(request: Request, here: Here, offset: From = 0) -> Response:
    """The history, newest first."""
    return page(
        "sessions.html",
        request.url.path,
        sessions=here.store.list_sessions(A_PAGE, offset),
        total=here.store.count(),
        offset=offset,
        size=A_PAGE,
        problems=load_problems(),
    )
