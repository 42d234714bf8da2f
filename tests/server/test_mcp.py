"""`viva mcp`, driven by the SDK's own client over standard input and output."""

import os
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import httpx
from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import TextContent

from assistant.analysis_store import Analysis
from assistant.store import Store
from server.mcp_tools import PACKAGE
from tests.assistant.viva import VIVA, fails_in_one_line, viva
from tests.server.conftest import Served, happened, keep, problem

Ask = Callable[..., Awaitable[Any]]


def asked(folder: Path, questions: Callable[[Client, Ask], Awaitable[None]]) -> str:
    """Start the server as an assistant does, and put questions to it; gives what it wrote to standard error."""

    async def run() -> None:
        command = StdioServerParameters(
            command=str(VIVA), args=["--data-dir", str(folder), "mcp"], env=dict(os.environ)
        )
        async with Client(stdio_client(command, errlog=errors), read_timeout_seconds=120) as client:

            async def ask(tool: str, **given: object) -> Any:
                answer = await client.call_tool(tool, given)
                assert not answer.is_error, answer.content
                content = answer.structured_content
                return content["result"] if content is not None and set(content) == {"result"} else content

            await questions(client, ask)

    # In a thread of its own: Playwright keeps a loop running in the tests' own.
    with TemporaryFile("w+") as errors, start_blocking_portal() as portal:
        portal.call(run)
        errors.seek(0)
        return errors.read()


async def refusal(client: Client, tool: str, **given: object) -> dict[str, Any]:
    """The problem that a call is answered with, after making sure that its text says the same."""
    answer = await client.call_tool(tool, given)
    assert answer.is_error and isinstance(answer.content[0], TextContent) and answer.structured_content is not None
    problem: dict[str, Any] = answer.structured_content
    assert answer.content[0].text == f"{problem['detail']}. {problem['fix']}."
    return problem


async def refused(client: Client, tool: str, **given: object) -> str:
    problem = await refusal(client, tool, **given)
    return f"{problem['detail']}. {problem['fix']}."


def test_an_assistant_reads_a_session_and_what_its_findings_rest_on(tmp_path: Path) -> None:
    store = Store(tmp_path)
    id = keep(store, happened(store.new_id()))

    async def questions(client: Client, ask: Ask) -> None:
        tools = (await client.list_tools()).tools
        names = {"list_problems", "list_sessions", "read_report", "read_evidence", "analyze_transcript"}
        assert {tool.name for tool in tools} == names
        assert all(tool.description and tool.annotations for tool in tools)
        assert {"id", "title", "family", "prompt"} == set((await ask("list_problems"))[0])
        (session,) = await ask("list_sessions", limit=5)
        assert (session["id"], session["state"]) == (id, "finished")
        report = await ask("read_report", id=id)
        assert report["score"]["total"] == store.report(id).score.total
        assert report["next_time"] and report["delivery"] and "utterances" not in report
        findings = [row["finding"] for row in report["findings"]]
        assert [row["number"] for row in report["findings"]] == list(range(1, len(findings) + 1))
        number = next(n for n, finding in enumerate(findings, start=1) if finding["quote"])
        shown = await ask("read_evidence", id=id, finding=number)
        assert shown["finding"] == findings[number - 1]
        cited = [line for line in shown["lines"] if line["cited"]]
        assert [line["id"] for line in cited] == findings[number - 1]["utterances"]
        assert findings[number - 1]["quote"].removesuffix(" …") in cited[0]["text"]
        for missing in (n for n, finding in enumerate(findings, start=1) if not finding["utterances"]):
            assert (await ask("read_evidence", id=id, finding=missing))["lines"]
        assert "numbered 1 to" in await refused(client, "read_evidence", id=id, finding=99)
        assert "There is no" in await refused(client, "read_report", id="../../etc/passwd")

    asked(tmp_path, questions)


def test_an_assistant_has_a_transcript_judged(tmp_path: Path) -> None:
    async def questions(client: Client, ask: Ask) -> None:
        text = "[0:00] Who are the users, and what is the goal?\n[0:20] I would train a two-tower network."
        report = await ask("analyze_transcript", transcript=text, problem="feed", level="staff", minutes=30)
        assert (report["session"]["level"], report["session"]["planned_seconds"]) == ("staff", 1800)
        assert await ask("read_report", id=report["id"]) == report
        assert (await ask("read_evidence", id=report["id"], finding=1))["finding"]
        assert "empty" in await refused(client, "analyze_transcript", transcript=" ")
        assert "Choose one of" in await refused(client, "analyze_transcript", transcript=text, framework="seven")
        assert await refused(client, "analyze_transcript", transcript=text, minutes=0)
        assert await ask("list_sessions") == []

    asked(tmp_path, questions)


def test_what_is_refused_is_refused_in_the_words_of_the_api(served: Served, api: httpx.Client) -> None:
    failed = Analysis(served.store.new_id(), "2026-11-21T15:49:12+00:00", "failed", "Nobody says anything in it.")
    served.store.analyses.save(failed)
    text = "Who are the users?"

    def of_api(content: str = text, **terms: str) -> dict[str, Any]:
        answer = api.post("/api/v1/analyses", files={"file": ("t.txt", content)}, data=terms)
        return problem(answer, answer.status_code)

    async def questions(client: Client, ask: Ask) -> None:
        for id in ("20260101-000000-ffff", "../../etc/passwd", "x" * 300, ""):
            unknown = await refusal(client, "read_report", id=id)
            assert (unknown["type"], unknown["status"]) == ("urn:vivavoce:unknown-analysis", 404)
            assert await refusal(client, "read_evidence", id=id, finding=1) == unknown
        assert await refusal(client, "read_report", id="nope") == problem(api.get("/api/v1/analyses/nope"), 404)
        without = await refusal(client, "read_report", id=failed.id)
        assert without == problem(api.get(f"/api/v1/analyses/{failed.id}/report"), 409)
        for terms in ({"problem": "fed"}, {"framework": "seven-stage"}):
            assert await refusal(client, "analyze_transcript", transcript=text, **terms) == of_api(**terms)
        for content in ("", " ", "{", '{"utterances": []}', "a" * 20_000_001):
            assert await refusal(client, "analyze_transcript", transcript=content) == of_api(content)
        for terms in ({"minutes": "0"}, {"minutes": "1e9"}, {"level": "boss"}):
            wrong = await refusal(client, "analyze_transcript", transcript=text, **terms)
            assert (wrong["type"], wrong["errors"]) == ("urn:vivavoce:invalid-request", of_api(**terms)["errors"])
        for given in ({"limit": 0}, {"limit": "many"}, {"offset": -1}):
            (error,) = (await refusal(client, "list_sessions", **given))["errors"]
            assert error["pointer"] == f"#/{next(iter(given))}"
        assert (await refusal(client, "read_report"))["errors"][0]["pointer"] == "#/id"

    assert asked(served.store.root, questions) == ""


def test_without_the_sdk_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError(\"No module named 'mcp'\", name='mcp')")
    done = viva("--data-dir", tmp_path / "data", "mcp", PYTHONPATH=str(tmp_path))
    fails_in_one_line(done, "needs the package mcp", f"-m pip install '{PACKAGE}'")


def test_the_package_to_install_is_the_optional_one() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["optional-dependencies"]["mcp"] == [PACKAGE]
