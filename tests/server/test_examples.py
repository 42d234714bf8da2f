"""The examples of the OpenAPI document: nothing is without one, each is allowed, and what they say is what happens."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import jsonschema
import pytest
from websockets.exceptions import InvalidStatus

from tests.server.conftest import Served, happened, keep
from tests.server.test_live import PIECE, live, made, rest

Document = dict[str, Any]

JSON, FORM, EVENTS = "application/json", "multipart/form-data", "text/event-stream"


@pytest.fixture(scope="module")
def document(api: httpx.Client) -> Document:
    found: Document = api.get("/openapi.json").json()
    return found


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Method, path and description of each."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def bodies(operation: Document) -> Document:
    """What it takes, by media type."""
    content: Document = operation.get("requestBody", {}).get("content", {})
    return content


def success(operation: Document) -> tuple[int, Document]:
    """Status of the answer that is hoped for, and its content by media type."""
    status = min(status for status in operation["responses"] if status.startswith("2"))
    return int(status), operation["responses"][status].get("content", {})


def test_every_operation_has_examples_of_what_it_takes_and_of_what_it_answers(document: Document) -> None:
    for method, path, operation in operations(document):
        for kind, body in bodies(operation).items():
            assert "example" in body, (method, path, kind)
        status, answers = success(operation)
        for kind in {JSON, EVENTS} & set(answers):
            assert "example" in answers[kind], (method, path, status, kind)
        for statuses, kinds in (("4XX", {"unknown-session", "invalid-request"}), ("5XX", {"busy"})):
            problems = operation["responses"][statuses]["content"]["application/problem+json"]["examples"]
            assert kinds <= set(problems), (method, path)


def test_every_example_is_allowed_by_its_schema(document: Document) -> None:
    def check(value: object, schema: Document) -> None:
        jsonschema.validate(value, {**schema, "components": document["components"]})

    for _, _, operation in operations(document):
        answers = [answer.get("content", {}) for answer in operation["responses"].values()]
        for content in (bodies(operation), *answers):
            for body in content.values():
                if "example" in body and "schema" in body:
                    check(body["example"], body["schema"])
    stream = document["paths"]["/api/v1/sessions/{id}/events"]["get"]["responses"]["200"]["content"][EVENTS]
    for event in told(stream["example"]):
        check(event, {"$ref": "#/components/schemas/SessionEvent"})
    for problem in document["components"]["examples"].values():
        check(problem["value"], {"$ref": "#/components/schemas/ProblemDetails"})


def test_what_the_examples_send_is_answered_as_they_say(
    served: Served, api: httpx.Client, document: Document, clip: bytes
) -> None:
    for method, path, operation in operations(document):
        status, answers = success(operation)
        for kind, body in bodies(operation).items() or [("", {})]:
            with somebody(operation["operationId"], path, served, api, document) as id:
                request = api.build_request(method, path.format(id=id), **sent(kind, body, clip))
                answer = api.send(request)
            assert answer.status_code == status, (method, path, kind, answer.text[:500])
            if JSON in answers:
                same_keys(answers[JSON]["example"], answer.json())
            elif EVENTS in answers:
                real = {event["event"]: event.keys() for event in told(answer.text)}
                assert all(event.keys() == real[event["event"]] for event in told(answers[EVENTS]["example"]))


def test_the_examples_of_errors_are_real(served: Served, api: httpx.Client, document: Document) -> None:
    examples = {kind: example["value"] for kind, example in document["components"]["examples"].items()}
    assert api.get("/api/v1/sessions/yesterday").json() == examples["unknown-session"]
    assert api.post("/api/v1/sessions", json={"minutes": 0}).json() == examples["invalid-request"]
    with live(served, made(api)) as one, live(served, made(api)) as other:
        with pytest.raises(InvalidStatus) as refused:
            live(served, made(api))
        assert json.loads(refused.value.response.body or b"") == examples["busy"]
        for connection in (one, other):
            connection.send("end")
            rest(connection)


@contextmanager
def somebody(operation: str, path: str, served: Served, api: httpx.Client, document: Document) -> Iterator[str]:
    """The id of something that an operation can be tried with."""
    match path.removeprefix("/api").split("/")[2]:
        case "models":
            yield "whisper-1"
        case "problems":
            yield "video-recommendation"
        case "frameworks":
            yield "six-stage"
        case "analyses":
            transcript = document["paths"]["/api/v1/analyses"]["post"]["requestBody"]["content"][JSON]["example"]
            yield api.post("/api/v1/analyses", json=transcript).json()["id"]
        case _ if operation == "write_note":
            id = made(api)
            with live(served, id) as connection:
                connection.send(bytes(PIECE))
                while json.loads(connection.recv(timeout=60))["event"] != "state":
                    pass
                yield id
                connection.send("end")
                rest(connection)
        case _:
            id = keep(served.store, happened(served.store.new_id()), bytes(64_000))
            served.store.report(id)
            for below, methods in document["paths"].items() if operation == "corrections" else ():
                if below.startswith(f"{path}/"):
                    example = bodies(methods["post"])[JSON]["example"]
                    api.post(below.format(id=id), json=example).raise_for_status()
            yield id


def sent(kind: str, body: Document, clip: bytes) -> dict[str, Any]:
    """An example as httpx takes it; a recording stands in for the file that the form names."""
    if kind == FORM:
        fields = dict(body["example"])
        return {"files": {"file": (fields.pop("file"), clip)}, "data": fields}
    if kind:
        content = json.dumps(body["example"]) if kind == JSON else body["example"]
        return {"content": content, "headers": {"content-type": kind}}
    return {}


def told(stream: str) -> list[Document]:
    """The events of a stream."""
    return [json.loads(line.removeprefix("data: ")) for line in stream.splitlines() if line.startswith("data: ")]


def same_keys(example: object, real: object, outermost: bool = True) -> None:
    """The outer keys are the same; of the inner ones the example, which is shorter, has none that there is not."""
    if isinstance(example, dict) and isinstance(real, dict):
        assert example.keys() == real.keys() if outermost else example.keys() <= real.keys()
        for key, value in example.items():
            same_keys(value, real[key], outermost=False)
    elif isinstance(example, list) and isinstance(real, list) and real and isinstance(real[0], dict):
        together = {key: value for item in real for key, value in item.items()}
        for item in example:
            same_keys(item, together, outermost)
