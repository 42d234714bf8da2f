"""Errors as pages, where a browser asks for a page; programs get the same as problem details."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from server.pages.answer import page
from server.problem_details import MEDIA_TYPE

_Handler = Callable[[Any, Any], Response | Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Let every handler of errors that an application has answer pages with a page."""
    for kind, handler in list(app.exception_handlers.items()):
        app.exception_handlers[kind] = _answering_pages(handler)


def _answering_pages(handler: _Handler) -> _Handler:
    async def answer(request: Request, error: Exception) -> Response:
        given = handler(request, error)
        return as_page(request, await given if isinstance(given, Awaitable) else given)

    return answer


def as_page(request: Request, response: Response) -> Response:
    """A response as a page, if it is a problem and a page is asked for; else as it is."""
    if response.media_type != MEDIA_TYPE or not _wants_page(request):
        return response
    return page_of(response, request.url.path)


def page_of(problem_response: Response, path: str) -> Response:
    """A problem as a page. path: the address it is for."""
    problem = json.loads(bytes(problem_response.body))
    # An address of the API is no help to somebody who looks for a page.
    fix = None if "openapi.json" in problem.get("fix", "") else problem.get("fix")
    status = problem_response.status_code
    return page("error.html", path, status, heading=problem["title"], detail=problem["detail"], fix=fix)


def _wants_page(request: Request) -> bool:
    path = request.url.path
    return "text/html" in request.headers.get("accept", "") and not path.startswith(("/api/", "/v1/", "/static/"))
