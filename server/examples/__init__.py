"""The examples of the OpenAPI document, a file for each body: what may be sent, and what is answered.

OPERATION.request.ENDING    a body to send; `curl -d @FILE` sends it
OPERATION.STATUS.ENDING     an answer, its long lists cut short
errors.json                 problems by their kind

The ending tells the media type. `{"$ref": "FILE"}` stands for the content of another file.
"""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_MEDIA_TYPES = {
    "json": "application/json",
    "form.json": "multipart/form-data",
    "txt": "text/plain",
    "vtt": "text/vtt",
    "srt": "application/x-subrip",
    "sse": "text/event-stream",
}
_PROBLEM = "application/problem+json"


def add_examples(document: dict[str, Any]) -> None:
    """Put them into an OpenAPI document, each beside its schema."""
    operations = {
        operation["operationId"]: operation for path in document["paths"].values() for operation in path.values()
    }
    for file in sorted(_FOLDER.glob("*.*.*")):
        name, what, ending = file.name.split(".", 2)
        body = operations[name]["requestBody"] if what == "request" else operations[name]["responses"][what]
        body["content"][_MEDIA_TYPES[ending]]["example"] = _read(file)
    problems = _read(_FOLDER / "errors.json")
    document["components"]["examples"] = {kind: {"value": problem} for kind, problem in problems.items()}
    for operation in operations.values():
        for statuses in ("4XX", "5XX"):
            operation["responses"][statuses]["content"][_PROBLEM]["examples"] = {
                kind: {"$ref": f"#/components/examples/{kind}"}
                for kind, problem in problems.items()
                if str(problem["status"])[0] == statuses[0]
            }


def _read(file: Path) -> Any:
    text = file.read_text(encoding="utf-8")
    return json.loads(text, object_hook=_resolved) if file.suffix == ".json" else text


def _resolved(found: dict[str, Any]) -> Any:
    return _read(_FOLDER / found["$ref"]) if "$ref" in found else found
