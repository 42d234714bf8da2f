"""A client that a generator makes of the API's document alone, without a line of ours, against the real server."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.server.conftest import Served

PACKAGE = "generated_vivavoce"


@pytest.fixture(scope="module")
def client(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The generated package."""
    folder = tmp_path_factory.mktemp("client")
    document, config = folder / "openapi.json", folder / "config.json"
    document.write_bytes(httpx.get(f"{served.url}/openapi.json").content)
    config.write_text(json.dumps({"package_name_override": PACKAGE}))
    generator = str(Path(sys.executable).with_name("openapi-python-client"))
    command = [generator, "generate", "--path", str(document), "--config", str(config), "--meta", "none"]
    done = subprocess.run(
        [*command, "--output-path", str(folder / PACKAGE)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield importlib.import_module(f"{PACKAGE}.client")


def call(tag: str, name: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.api.{tag}.{name}")


def model(module: str, name: str) -> type[Any]:
    found: type[Any] = getattr(importlib.import_module(f"{PACKAGE}.models.{module}"), name)
    return found


def test_it_lists_problems_and_reads_one(served: Served, client: ModuleType) -> None:
    with client.Client(base_url=served.url) as connection:
        assert len(call("problems", "problems").sync(client=connection)) >= 30
        one = call("problems", "problem").sync("feed", client=connection)
        assert one.id == "feed" and one.prompt


def test_it_makes_a_session_finds_it_and_deletes_it(served: Served, client: ModuleType) -> None:
    terms = model("session_terms", "SessionTerms")
    with client.Client(base_url=served.url) as connection:
        made = call("sessions", "create_session").sync(client=connection, body=terms(problem="feed", minutes=30.0))
        assert made.problem == "feed" and made.planned_seconds == 1800
        listed = call("sessions", "sessions").sync(client=connection)
        assert made.id in [session.id for session in listed.sessions]
        gone = call("sessions", "delete_session").sync_detailed(made.id, client=connection)
        assert gone.status_code == 204


def test_what_is_refused_is_a_typed_problem(served: Served, client: ModuleType) -> None:
    with client.Client(base_url=served.url) as connection:
        refused = call("sessions", "session").sync("20000101-000000-0000", client=connection)
    assert isinstance(refused, model("problem_details", "ProblemDetails"))
    assert refused.status == 404


def test_a_report_is_a_typed_report(served: Served, client: ModuleType, session: str) -> None:
    with client.Client(base_url=served.url) as connection:
        report = call("sessions", "session_report").sync(session, client=connection)
    assert isinstance(report, model("report", "Report"))
    assert report.session.id == session and 0 <= report.score.total <= 100


def test_an_event_is_a_typed_event(served: Served, client: ModuleType, session: str) -> None:
    lines = httpx.get(f"{served.url}/api/v1/sessions/{session}/events").text.splitlines()
    heard = [json.loads(line.removeprefix("data: ")) for line in lines if '"words_heard"' in line]
    read = model("words_heard", "WordsHeard").from_dict(heard[0])
    assert read.text == heard[0]["text"] and read.words[0].start == heard[0]["words"][0]["start"]
