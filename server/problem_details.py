"""Errors as RFC 9457 problem details: what happened, what to do, and never anything of the program's inside."""

import errno
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from assistant.ids import UnknownSession
from assistant.log import LogUnwritable, SessionRunning
from assistant.replay import DamagedSession
from assistant.settings import DataFolderUnusable
from assistant.sound import NoSound
from models.store import WeightsDamaged, WeightsMissing
from prompts.errors import UserError
from prompts.frameworks import UnknownFramework
from prompts.problems import UnknownProblem
from server.methods import allowed
from speech.recorder import DiskFull
from speech.transcriber import RecogniserFailed

MEDIA_TYPE = "application/problem+json"

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_STATUS: tuple[tuple[tuple[type[UserError], ...], int], ...] = (
    ((UnknownSession, NoSound), 404),
    ((WeightsMissing, WeightsDamaged, RecogniserFailed), 503),
    ((SessionRunning, DamagedSession), 409),
    ((DiskFull, DataFolderUnusable, LogUnwritable), 507),
)
_log = logging.getLogger("vivavoce.server")


@dataclass(frozen=True, slots=True)
class InputError:
    """One thing wrong with a request.

    pointer: where in the body, as a JSON pointer. parameter: the path, query or header parameter it is about.
    """

    detail: str
    pointer: str | None = None
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class OpenAIError:
    """The same error as clients of OpenAI's interface read it; only under /v1/audio."""

    message: str
    type: Literal["invalid_request_error", "server_error"]
    param: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """An RFC 9457 problem. type: a stable name for this kind. fix: what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    fix: str | None = None
    errors: tuple[InputError, ...] | None = None
    error: OpenAIError | None = None


RESPONSES: dict[int | str, dict[str, Any]] = {
    statuses: {
        "description": f"{whose}, and what to do about it",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }
    for statuses, whose in (("4XX", "What is wrong with the request"), ("5XX", "What went wrong here"))
}
"""For every route of the OpenAPI document; see `add_schema`. No `default`: that would allow any success as well."""


class Refused(UserError):
    """A request that cannot be answered as it is; what, fix: as for UserError.

    status: HTTP status. kind: stable name of the problem. headers: to send along. errors: where in the request.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        what: str,
        fix: str,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[InputError] = (),
    ) -> None:
        super().__init__(what, fix)
        self.status = status
        self.kind = kind
        self.headers = headers
        self.errors = tuple(errors)


def problem_response(
    status: int,
    kind: str,
    detail: str,
    fix: str | None = None,
    errors: Sequence[InputError] = (),
    headers: Mapping[str, str] | None = None,
    path: str = "",
) -> Response:
    """A problem as an HTTP response. kind: its name in lower case with dashes. path: of the request."""
    problem = ProblemDetails(
        type=f"urn:vivavoce:{kind}",
        title=kind.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        fix=fix,
        errors=tuple(errors) or None,
        error=_for_openai(status, kind, detail, fix, errors) if path.startswith("/v1/") else None,
    )
    content = {key: value for key, value in asdict(problem).items() if value is not None}
    return JSONResponse(content, status, dict(headers or {}), media_type=MEDIA_TYPE)


def _for_openai(status: int, kind: str, detail: str, fix: str | None, errors: Sequence[InputError]) -> OpenAIError:
    message = f"{detail}. {fix}." if fix else detail
    param = errors[0].pointer.rpartition("/")[2] if errors and errors[0].pointer else None
    return OpenAIError(message, "invalid_request_error" if status < 500 else "server_error", param, kind)


def problem_of(error: UserError, named_in_path: bool, path: str = "") -> Response:
    """A user's error as an HTTP response. named_in_path: the address itself names what is asked for."""
    refused = error if isinstance(error, Refused) else None
    return problem_response(
        _status(error, named_in_path),
        refused.kind if refused else _kind(error),
        error.what,
        error.fix,
        refused.errors if refused else (),
        refused.headers if refused else None,
        path,
    )


def invalid_request(mistakes: Sequence[Any], fix: str, path: str = "") -> Response:
    """Pydantic's errors as an HTTP response. fix: where it says what is right."""
    errors = input_errors(mistakes)
    what = f"The request has {len(errors)} mistake{'s' if len(errors) != 1 else ''}: {_brief(errors)}"
    return problem_response(422, "invalid-request", what, fix, errors, path=path)


def _status(error: UserError, named_in_path: bool) -> int:
    if isinstance(error, Refused):
        return error.status
    if isinstance(error, UnknownProblem | UnknownFramework):
        return 404 if named_in_path else 422
    return next((status for kinds, status in _STATUS if isinstance(error, kinds)), 422)


def install(app: FastAPI) -> None:
    """Make every error of an application a problem."""

    @app.exception_handler(UserError)
    async def user_error(request: Request, error: UserError) -> Response:
        return problem_of(error, "id" in request.path_params, request.url.path)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return invalid_request(error.errors(), "See /openapi.json for what this address takes", request.url.path)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        kind, detail, fix = _HTTP.get(error.status_code, (None, None, None))
        headers = error.headers
        if error.status_code == 204:
            return Response(status_code=204)
        if error.status_code == 405:
            headers = {"allow": allowed(request)}
        if error.status_code == 413:
            fix = too_large_fix(request.url.path, request.headers.get("content-type", ""))
        kind = kind or HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        return problem_response(
            error.status_code, kind, detail or str(error.detail), fix, headers=headers, path=request.url.path
        )

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, _: ClientDisconnect) -> Response:
        return problem_response(400, "incomplete", "The request broke off", path=request.url.path)

    @app.exception_handler(OSError)
    async def disk(request: Request, error: OSError) -> Response:
        if error.errno not in _FULL:
            _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
            return await unexpected(request, error)
        return problem_response(
            507, "disk-full", "The disk is full", "Free some space, then try again", path=request.url.path
        )

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        return problem_response(
            500,
            "internal-error",
            "Something in the program went wrong",
            "What was recorded is kept; the server's terminal says more",
            path=request.url.path,
        )


_HTTP: Mapping[int, tuple[str, str | None, str | None]] = {
    400: ("bad-request", None, "Check the form of the request's body"),
    404: ("not-found", "There is nothing at this address", "See /openapi.json for all addresses"),
    405: ("method-not-allowed", "This address does not take this method", "The header Allow lists those it takes"),
    413: ("too-large", "The request's body is too large", None),
}
_WITHOUT_SERVER = {"/api/v1/analyses": "analyze", "/v1/audio/transcriptions": "transcribe"}
"""Commands that do the same with recordings of any size."""


def too_large_fix(path: str, content_type: str) -> str:
    """What to do about a body that is too large for an address; only of a form it can be a recording that is."""
    command = _WITHOUT_SERVER.get(path) if content_type.lower().startswith("multipart/form-data") else None
    return f"Send less, or use `viva {command} FILE`" if command else "Send less: see /openapi.json for what is taken"


def input_errors(errors: Sequence[Any]) -> tuple[InputError, ...]:
    """Pydantic's errors without what was sent, which may be private, endless or not even JSON."""
    # Its own words for this name a class of ours.
    told = {"dataclass_type": "Input should be an object, sent as application/json"}
    return tuple(_input_error(error["loc"], told.get(error["type"], error["msg"])) for error in errors[:20])


def _input_error(where: Sequence[str | int], message: str) -> InputError:
    source, *rest = where or ("body",)
    if source in ("query", "path", "header"):
        return InputError(message, parameter=".".join(str(part) for part in rest))
    if message == "JSON decode error":
        return InputError(f"The body is not valid JSON (character {rest[0] if rest else 0})", pointer="#")
    parts = rest if source == "body" else where
    steps = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return InputError(message, pointer="#" + "".join(f"/{step}"[:80] for step in steps))


def _brief(errors: Sequence[InputError]) -> str:
    first = errors[0]
    return f"{first.parameter or first.pointer or '#'}: {first.detail}"


def _kind(error: UserError) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()


def add_schema(document: dict[str, Any]) -> None:
    """Put the schema that RESPONSES refers to into an OpenAPI document."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schema = TypeAdapter(ProblemDetails).json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schema.pop("$defs", {})
    schemas["ProblemDetails"] = schema
