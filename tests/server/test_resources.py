import re

import httpx
import pytest

from tests.server.conftest import problem


def test_health_tells_version_weights_and_work(api: httpx.Client) -> None:
    health = api.get("/api/v1/health").json()
    assert health["status"] == "ok"
    assert re.match(r"\d+\.\d+", health["version"])
    assert {"tiny.en", "minilm"} <= set(health["weights"])
    assert health["recogniser_ready"] is True


def test_problems_are_listed_without_and_shown_with_what_the_interviewer_knows(api: httpx.Client) -> None:
    listed = api.get("/api/v1/problems").json()
    assert len(listed) >= 8
    assert set(listed[0]) == {"id", "title", "family", "prompt"}
    shown = api.get(f"/api/v1/problems/{listed[0]['id']}").json()
    assert shown["prompt"] == listed[0]["prompt"]
    assert shown["facts"] and shown["probes"]["data"] and shown["strong"]["senior"]


def test_frameworks_have_steps_minutes_and_expectations(api: httpx.Client) -> None:
    listed = api.get("/api/v1/frameworks").json()
    assert {framework["id"] for framework in listed} == {
        "six-stage",
        "five-step",
        "business-first",
        "requirements-first",
    }
    shown = api.get("/api/v1/frameworks/six-stage").json()
    assert sum(step["minutes"] for step in shown["steps"]) == shown["reference_minutes"]
    assert "labels" in shown["expects"]["senior"]


@pytest.mark.parametrize("resource", ["problems", "frameworks"])
def test_banks_can_be_read_a_part_at_a_time(api: httpx.Client, resource: str) -> None:
    whole = api.get(f"/api/v1/{resource}").json()
    parts = [
        api.get(f"/api/v1/{resource}", params={"limit": 3, "offset": at}).json() for at in range(0, len(whole) + 1, 3)
    ]
    assert max(map(len, parts)) == 3
    assert [one for part in parts for one in part] == whole
    problem(api.get(f"/api/v1/{resource}?limit=0"), 422)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/api/v1/problems/vidoe-recommendation", "Did you mean video-recommendation"),
        ("/api/v1/frameworks/seven-stage", "Choose one of"),
        ("/api/v1/nothing", "openapi.json"),
        ("/docs", "openapi.json"),
    ],
)
def test_what_is_not_there_is_a_problem_that_says_what_to_do(api: httpx.Client, path: str, says: str) -> None:
    body = problem(api.get(path), 404)
    assert says in str(body["fix"])


def test_the_openapi_document_is_complete(api: httpx.Client) -> None:
    document = api.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    paths = {
        "/api/v1/health", "/api/v1/problems", "/api/v1/problems/{id}", "/api/v1/frameworks", "/api/v1/frameworks/{id}",
        "/api/v1/sessions", "/api/v1/sessions/{id}", "/api/v1/sessions/{id}/report", "/api/v1/sessions/{id}/transcript",
        "/api/v1/sessions/{id}/audio", "/api/v1/sessions/{id}/events", "/api/v1/analyses", "/api/v1/analyses/{id}",
        "/api/v1/sessions/{id}/notes",
        "/api/v1/sessions/{id}/corrections",
        "/api/v1/sessions/{id}/corrections/stages",
        "/api/v1/sessions/{id}/corrections/findings",
        "/api/v1/sessions/{id}/corrections/notes",
        "/api/v1/analyses/{id}/report",
        "/api/v1/progress", "/v1/audio/transcriptions", "/v1/models", "/v1/models/{id}",
    }  # fmt: skip
    assert set(document["paths"]) == paths
    schemas = document["components"]["schemas"]
    text = str(document)
    for name in re.findall(r"#/components/schemas/(\w+)", text):
        assert name in schemas
    assert {"Report", "Finding", "ProblemDetails", "SessionSummary", "Analysis", "SessionTerms"} <= set(schemas)
    assert "HTTPValidationError" not in schemas
    names = [operation["operationId"] for operations in document["paths"].values() for operation in operations.values()]
    assert len(names) == len(set(names))
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            # What succeeds is told by its number, so that no other success is allowed.
            numbers = {status for status in operation["responses"] if not status.startswith("2")}
            assert numbers == {"4XX", "5XX"}, (method, path)
            for statuses in numbers:
                assert "application/problem+json" in operation["responses"][statuses]["content"], (method, path)
            for parameter in operation.get("parameters", ()):
                assert parameter["description"], (method, path, parameter["name"])
    report = document["paths"]["/api/v1/sessions/{id}/report"]["get"]["responses"]["200"]["content"]
    assert report["application/json"]["schema"] == {"$ref": "#/components/schemas/Report"}


def test_no_page_loads_anything_from_elsewhere(api: httpx.Client) -> None:
    for path in ("/openapi.json", "/api/v1/health", "/docs"):
        headers = api.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers
