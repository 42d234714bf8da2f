"""What a session or an upload is judged by: the same four names in JSON bodies, forms and queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict, Field, Strict, TypeAdapter, ValidationError

from assistant.exercise import usual_minutes
from prompts.errors import UserError
from prompts.frameworks import get_framework
from prompts.problems import get_problem
from prompts.vocabulary import DrillChoice, Level, Strictness
from server.problem_details import InputError, Refused, input_errors

Minutes = Annotated[float, Strict(), Field(gt=0, le=240, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Terms:
    """Problem (None for one that is not in the bank), framework, level, and planned minutes (45, of a drill 10)."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    problem: Annotated[str | None, Field(max_length=100, examples=["video-recommendation"])] = None
    framework: Annotated[str, Field(max_length=100, examples=["six-stage"])] = "six-stage"
    level: Level = "senior"
    minutes: Annotated[Minutes | None, Field(examples=[45])] = None

    @property
    def planned_seconds(self) -> float:
        """Planned length in seconds. Raises UnknownFramework."""
        return 60 * (usual_minutes(self.framework) if self.minutes is None else self.minutes)


@dataclass(frozen=True, slots=True)
class SessionTerms(Terms):
    """Terms, and how much the interviewer says: `silent` is an exam, with answers and the time alone.

    drill: one stage alone, quick questions (`probes`), or the `weakest` stage of the last whole session.
    microphone: the `client` sends the sound, or the `desk` of the serving machine is listened to and spoken to.
    """

    strictness: Strictness = "realistic"
    nudges: Annotated[bool, Strict()] = True
    drill: DrillChoice | None = None
    microphone: Literal["client", "desk"] = "client"


NAMES = tuple(Terms.__dataclass_fields__)
_TERMS = TypeAdapter(Terms)
_SESSION_TERMS = TypeAdapter(SessionTerms)
_T = TypeVar("_T", bound=Terms)


def checked(terms: _T) -> _T:
    """The same terms. Raises Refused (422) when there is no such problem or framework."""
    try:
        get_framework(terms.framework)
    except UserError as error:
        raise _unknown("framework", error) from None
    if terms.problem is not None:
        try:
            get_problem(terms.problem)
        except UserError as error:
            raise _unknown("problem", error) from None
    return terms


def _unknown(name: str, error: UserError) -> Refused:
    return Refused(422, f"unknown-{name}", error.what, error.fix, errors=[InputError(error.what, pointer=f"#/{name}")])


def read_terms(given: Mapping[str, Any], typed: bool = False) -> Terms:
    """Terms from a form or a query, or `typed` from JSON, where a number in quotes is none.

    What is missing, null or an empty field has its default. Raises Refused (422) naming each value that cannot be used.
    """
    return _read(given, _TERMS, typed)


def read_session_terms(given: Mapping[str, Any]) -> SessionTerms:
    """The same for a session, from a query."""
    return _read(given, _SESSION_TERMS, typed=False)


def _read(given: Mapping[str, Any], adapter: TypeAdapter[_T], typed: bool) -> _T:
    values = {name: value for name, value in given.items() if value is not None and value != ""}
    try:
        return checked(adapter.validate_python(values, strict=None if typed else False))
    except ValidationError as error:
        errors = input_errors(error.errors(include_input=False, include_url=False))
        raise Refused(
            422,
            "invalid-request",
            f"{errors[0].pointer}: {errors[0].detail}",
            "See /openapi.json for the names and their values",
            errors=errors,
        ) from None
