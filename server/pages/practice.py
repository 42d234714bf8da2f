"""The live page: a session held with the browser's microphone, or watched while it is held elsewhere."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
from server.terms import NAMES, SessionTerms, Terms, read_session_terms

router = APIRouter(include_in_schema=False)

_ASKED = (*NAMES, "strictness", "nudges")
"""Names in the page's address."""


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
    query = {name: request.query_params[name] for name in _ASKED if name in request.query_params}
    return _live(request, read_session_terms(query), "", "new")


@router.get("/practice/{id}")
def running(id: str, request: Request, here: Here) -> Response:
    """A session that waits to begin or is under way; one that is over is looked back on."""
    summary = here.store.summary(id)
    live = here.live(id) is not None
    events = here.store.events(id)
    waiting = not live and summary.state == "unfinished" and prepared(events) is not None
    if not (live or waiting or summary.state == "running"):
        return RedirectResponse(f"/sessions/{id}", 303)
    started = next(event for event in events if isinstance(event, SessionStarted))
    terms = SessionTerms(
        problem=summary.problem,
        framework=summary.framework,
        level=summary.level,
        minutes=summary.planned_seconds / 60,
        strictness=started.strictness or "realistic",
        nudges=started.nudges,
        microphone="desk" if started.input == "desk" else "client",
    )
    return _live(request, terms, id, "live" if live else "new" if waiting else "elsewhere")


def _live(request: Request, terms: SessionTerms, id: str, state: str) -> Response:
    problem = get_problem(terms.problem) if terms.problem else None
    return page(
        "practice.html",
        request.url.path,
        terms=terms,
        title=problem.title if problem else "A problem of your own",
        id=id,
        state=state,
        framework=get_framework(terms.framework),
        plan=_plan(terms),
        parts=_parts(terms),
        anew=_anew(terms),
    )


def _anew(terms: SessionTerms) -> str:
    """The address at which the same may be begun another time."""
    asked = asdict(terms) | {"problem": terms.problem or "", "minutes": f"{terms.planned_seconds / 60:g}"}
    return f"/practice?{urlencode({name: asked[name] for name in _ASKED})}"


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
