"""The live page: a session held with the browser's microphone, or watched while it is held elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from analysis.render.wording import STAGE_NAMES
from assistant.events import SessionStarted
from prompts.frameworks import get_framework
from prompts.problems import get_problem
from prompts.vocabulary import Stage
from server.live import prepared
from server.pages.answer import page
from server.services import Here
from server.terms import NAMES, Terms, read_terms

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Planned:
    """A stage of the plan: what the framework calls it, what belongs there, and when; seconds of the session."""

    stage: Stage
    name: str
    covers: tuple[str, ...]
    start: float
    seconds: float


@router.get("/practice")
def ready(request: Request) -> Response:
    """A session that is about to begin, by the terms in the query."""
    query: Mapping[str, str] = {name: request.query_params[name] for name in NAMES if name in request.query_params}
    return _live(request, read_terms(query), "", "new", desk=False)


@router.get("/practice/{id}")
def running(id: str, request: Request, here: Here) -> Response:
    """A session that waits to begin or is under way; one that is over is looked back on."""
    summary = here.store.summary(id)
    live = here.live(id) is not None
    events = here.store.events(id)
    waiting = not live and summary.state == "unfinished" and prepared(events) is not None
    if not (live or waiting or summary.state == "running"):
        return RedirectResponse(f"/sessions/{id}", 303)
    terms = Terms(summary.problem, summary.framework, summary.level, summary.planned_seconds / 60)
    desk = any(isinstance(event, SessionStarted) and event.input == "desk" for event in events)
    return _live(request, terms, id, "live" if live else "new" if waiting else "elsewhere", desk=desk)


def _live(request: Request, terms: Terms, id: str, state: str, *, desk: bool) -> Response:
    problem = get_problem(terms.problem) if terms.problem else None
    return page(
        "practice.html",
        request.url.path,
        terms=terms,
        title=problem.title if problem else "A problem of your own",
        id=id,
        state=state,
        desk=desk,
        framework=get_framework(terms.framework),
        plan=_plan(terms),
        parts=_parts(terms),
        anew=_anew(terms),
    )


def _anew(terms: Terms) -> str:
    """The address at which the same may be begun another time."""
    minutes = f"{terms.planned_seconds / 60:g}"
    about = {"problem": terms.problem or "", "framework": terms.framework, "level": terms.level, "minutes": minutes}
    return f"/practice?{urlencode(about)}"


def _parts(terms: Terms) -> Mapping[str, str]:
    """Addresses of the same as a whole and as each drill, by name; without minutes, for a drill takes ten."""
    whole, _, _ = terms.framework.partition(":")
    names = {"": "Everything"} | {f":{step.stage}": STAGE_NAMES[step.stage] for step in get_framework(whole).steps}
    if terms.problem is not None:
        names[":probes"] = "Quick questions"
    about = {"problem": terms.problem or "", "level": terms.level}
    return {
        name: f"/practice?{urlencode(about | {'framework': f'{whole}{drill}'})}"
        for drill, name in names.items()
        if f"{whole}{drill}" != terms.framework
    }


def _plan(terms: Terms) -> tuple[Planned, ...]:
    """The framework's steps, those in a row that belong to one stage together."""
    framework = get_framework(terms.framework)
    plan: list[Planned] = []
    for step, planned in zip(framework.steps, framework.plan(terms.planned_seconds), strict=True):
        if plan and plan[-1].stage == step.stage:
            before = plan.pop()
            name, covers = f"{before.name}, {step.name}", before.covers + step.covers
            plan.append(Planned(step.stage, name, covers, before.start, before.seconds + planned.seconds))
        else:
            name = step.name or STAGE_NAMES[step.stage]
            plan.append(Planned(step.stage, name, step.covers, planned.start, planned.seconds))
    return tuple(plan)
