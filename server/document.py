"""What the OpenAPI document says that the routes' types cannot: events, what parameters mean, problems, examples."""

from typing import Any

from pydantic import TypeAdapter

from assistant.events import KINDS
from assistant.live_state import LiveState
from server.examples import add_examples
from server.problem_details import add_schema

_SCHEMAS = "#/components/schemas/"
_IDS = {
    "problems": "Id of a problem, as `GET /api/v1/problems` lists it",
    "frameworks": "Id of a framework, as `GET /api/v1/frameworks` lists it",
    "sessions": "Id of a session, as `GET /api/v1/sessions` lists it",
    "analyses": "Id of an analysis, as `GET /api/v1/analyses` lists it",
}
_PARAMETERS = {
    "limit": "The most to list",
    "offset": "How many of the first to leave out",
    "format": "Form of the answer: `chapters` and `metadata` are WebVTT tracks of stages and findings, `audacity` labels",
    "audio": "Let the page of `html` carry the recording, about 13 MB an hour",
    "last-event-id": "Id of the last event received; without it all are sent",
}


def complete(document: dict[str, Any]) -> None:
    """Add to an OpenAPI document, as the routes' types made it, what is missing."""
    add_schema(document)
    _add_events(document)
    add_examples(document)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                name = parameter["name"]
                if "description" not in parameter:
                    parameter["description"] = _IDS[path.split("/")[3]] if name == "id" else _PARAMETERS[name]


def _add_events(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, kind in KINDS.items():
        _add(schemas, name, kind)
    _add(schemas, "state", LiveState)
    refs = {name: f"{_SCHEMAS}{kind.__name__}" for name, kind in KINDS.items()}
    schemas["SessionEvent"] = {
        "description": "One of a session's events, as server-sent events and the websocket `sessions/{id}/live` tell it.",
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "event", "mapping": refs},
    }
    stream = document["paths"]["/api/v1/sessions/{id}/events"]["get"]["responses"]["200"]["content"][
        "text/event-stream"
    ]
    stream["itemSchema"]["properties"] |= {
        "event": {"type": "string", "enum": list(KINDS)},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": f"{_SCHEMAS}SessionEvent"},
        },
    }


def _add(schemas: dict[str, Any], name: str, kind: type) -> None:
    """A class as it is told: its fields, and which event it is."""
    schema = TypeAdapter(kind).json_schema(ref_template=f"{_SCHEMAS}{{model}}")
    schemas |= {inner: each for inner, each in schema.pop("$defs", {}).items() if inner not in schemas}
    schema["properties"] = {"event": {"type": "string", "const": name}, **schema["properties"]}
    schema["required"] = ["event", *schema["required"]]
    schemas[kind.__name__] = schema
