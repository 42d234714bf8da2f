"""Every route of the OpenAPI document with whatever its types allow, and with what they forbid."""

import json
from collections import Counter
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.result import Ok

from tests.scorecard.conftest import Claim, Sized
from tests.server.conftest import Served

pytestmark = pytest.mark.hostile

PROMISES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
SHAPES = (
    "[" * 100_000, '{"a":' * 50_000, '{"minutes": 1e999}', '{"minutes": NaN}', '{"minutes": -Infinity}', '{"minutes": ' + "9" * 10_000 + "}",
    '{"problem": "\\ud800"}', '{"problem": "\\u0000"}', '"' + "\\u202e" * 9000 + '"', '{"problem": "feed", "problem": 7}', "\ufeff{}", "\0",
    '{"__proto__": {"a": 1}}', '{"at": 1e-400, "text": "x"}', '{"at": -0.0, "text": ""}', '{"at": true, "text": []}', "null", "", "{}", "{",
)  # fmt: skip


def test_every_route_keeps_its_promises(
    claim: Claim, sized: Sized, served: Served, api: httpx.Client, session: str
) -> None:
    row = claim(
        "B8", "No request, whatever it holds, is answered with 5xx or with anything the API's document does not allow"
    )
    schema = schemathesis.openapi.from_url(f"{served.url}/openapi.json")
    checks: list[Any] = CHECKS.get_by_names(list(PROMISES))
    examples = sized(6, 100)
    answers: Counter[int] = Counter()
    broken: list[str] = []
    routes = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        routes += 1
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            strategy = operation.as_strategy(generation_mode=mode)

            @settings(
                max_examples=examples,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy, known=st.booleans())
            def asked(case: schemathesis.Case[Any], known: bool) -> None:
                if known and "id" in case.path_parameters and "/sessions/" in case.path and case.method != "DELETE":
                    case.path_parameters["id"] = session
                answer = case.call(timeout=60)
                answers[answer.status_code] += 1
                try:
                    case.validate_response(answer, checks=checks)
                except AssertionError as error:
                    broken.append(f"{case.method} {case.formatted_path}: {str(error)[:500]}")

            try:
                asked()
            except Unsatisfiable:
                # Nothing can be wrong with a request to a route that takes nothing.
                assert mode is GenerationMode.NEGATIVE
    for path, methods in schema.raw_schema["paths"].items():
        for method in methods:
            for shape in SHAPES if method == "post" else ():
                content = shape.encode("utf-8", "surrogatepass")
                found = api.post(path.format(id=session), content=content, headers={"content-type": "application/json"})
                answers[found.status_code] += 1
                if found.status_code >= 500 or json.loads(found.content or b"{}") is None:
                    broken.append(f"POST {path} {shape[:60]}: {found.text[:200]}")
    told = ", ".join(f"{times} x {status}" for status, times in sorted(answers.items()))
    row.tried(f"{answers.total()} requests to {routes} routes by Schemathesis and by hand ({told})")
    row.none("answers that break the document or are 5xx", broken)
    assert sum(times for status, times in answers.items() if status < 300) > answers.total() / 20
