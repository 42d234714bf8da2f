"""The report as JSON: the outer contract, written from and read into the dataclasses themselves.

`python -m analysis.report_json` prints the JSON Schema that is committed as `docs/report.schema.json`.
"""

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from analysis.report import SCHEMA, Report
from prompts.errors import UserError

if TYPE_CHECKING:
    from pydantic import TypeAdapter


class BadReport(UserError, ValueError):
    """JSON that is not a report of this version."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This is not a report that can be read: {why}", "Analyze the recording or transcript again")


def to_json(report: Report) -> str:
    """The report as JSON text. Empty `words`, a finding's `stage` and `topic` where it has none, and a false `broken_off` are left out."""
    document = {"schema": report.schema, **_adapter().dump_python(report, mode="json")}
    if not report.session.broken_off:
        del document["session"]["broken_off"]
    for utterance in document["utterances"]:
        if not utterance["words"]:
            del utterance["words"]
    for finding in document["findings"]:
        for key in ("stage", "topic"):
            if finding[key] is None:
                del finding[key]
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)


def from_json(text: str | bytes) -> Report:
    """Read a report back; keys this version does not know are ignored. Raises BadReport."""
    return _validated(_document(text))


def without_utterances(text: str | bytes) -> Report:
    """The same but for what was said, which is most of a report and of the time it takes to read it. Raises BadReport."""
    return _validated({**_document(text), "utterances": []})


def _document(text: str | bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadReport("it is not valid JSON") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise BadReport(f"its schema is not {SCHEMA!r}")
    return document


def _validated(document: dict[str, Any]) -> Report:
    from pydantic import ValidationError

    try:
        return _adapter().validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise BadReport(f"{where}: {first['msg']}") from error


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what `to_json` writes."""
    made = _adapter().json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": "Vivavoce report",
        "required": ["schema", *made["required"]],
    }


def schema_text() -> str:
    """The schema as it is committed."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


@cache
def _adapter() -> "TypeAdapter[Report]":
    from pydantic import TypeAdapter

    return TypeAdapter(Report)


if __name__ == "__main__":
    print(schema_text(), end="")
