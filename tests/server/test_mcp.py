"""`viva mcp`, driven by the SDK's own client over standard input and output."""

import os
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.types import TextContent

from assistant.store import Store
from server.mcp_tools import PACKAGE
from tests.assistant.viva import VIVA, fails_in_one_line, viva
from tests.server.conftest import happened, keep

Ask = Callable[..., Awaitable[Any]]


def asked(folder: Path, questions: Callable[[Client, Ask], Awaitable[None]]) -> None:
    """Start the server as an assistant does, and put questions to it."""

    async def run() -> None:
        command = StdioServerParameters(
            command=str(VIVA), args=["--data-dir", str(folder), "mcp"], env=dict(os.environ)
        )
        async with Client(command, read_timeout_seconds=120) as client:

            async def ask(tool: str, **given: object) -> Any:
                answer = await client.call_tool(tool, given)
                assert not answer.is_error, answer.content
                content = answer.structured_content
                return content["result"] if content is not None and set(content) == {"result"} else content

            await questions(client, ask)

    # In a thread of its own: Playwright keeps a loop running in the tests' own.
    with start_blocking_portal() as portal:
        portal.call(run)


async def refused(client: Client, tool: str, **given: object) -> str:
    answer = await client.call_tool(tool, given)
    assert answer.is_error and isinstance(answer.content[0], TextContent)
    assert "Traceback" not in answer.content[0].text
    return answer.content[0].text


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


def test_without_the_sdk_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError(\"No module named 'mcp'\", name='mcp')")
    done = viva("--data-dir", tmp_path / "data", "mcp", PYTHONPATH=str(tmp_path))
    fails_in_one_line(done, "needs the package mcp", f"-m pip install '{PACKAGE}'")


def test_the_package_to_install_is_the_optional_one() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["optional-dependencies"]["mcp"] == [PACKAGE]
