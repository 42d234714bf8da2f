"""The documents say what is there: commands, options, routes, files, packages and weights that exist."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
import typer

from analysis.delivery_table import load_delivery_table
from assistant.command_line import app
from assistant.events import KINDS
from assistant.store import Store
from models.manifest import load_manifest
from prompts.frameworks import load_frameworks
from prompts.problems import load_problems
from prompts.vocabulary import FINDING_CODES
from server.app import create_app
from tests.scorecard.rows import load as measured
from tests.scorecard.rows import render

ROOT = Path(__file__).parents[1]
DOCUMENTS = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code(text: str) -> list[str]:
    """Inline code, and what is typed after a dollar sign in blocks."""
    blocks = re.findall(r"^```.*?^```", text, re.DOTALL | re.MULTILINE)
    typed = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)) + typed


def commands(text: str) -> list[list[str]]:
    """The arguments of every `viva` in a text."""
    return [line.split()[1:] for line in code(text) if re.match(r"(\.venv/bin/)?viva ", line)]


def complaint(arguments: list[str]) -> str | None:
    """What is wrong with a command line of `viva`, judged by the options and commands there are."""
    command = typer.main.get_command(app)
    options = {name for param in command.params for name in param.opts} | {"--help"}
    for argument in arguments:
        children = getattr(command, "commands", {})
        if argument in children:
            command = children[argument]
            options |= {name for param in command.params for name in param.opts}
        elif children and not argument.startswith("-"):
            return f"there is no command {argument}"
        elif argument.startswith("-") and argument not in options:
            return f"{command.name} has no option {argument}"
    return None


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_exists_with_its_options(document: Path) -> None:
    wrong = {" ".join(line): why for line in commands(document.read_text(encoding="utf-8")) if (why := complaint(line))}
    assert not wrong


def test_a_command_that_does_not_exist_would_be_found() -> None:
    assert commands("| `viva dance` | and `viva serve --far` |") == [["dance"], ["serve", "--far"]]
    assert complaint(["dance"]) == "there is no command dance"
    assert complaint(["serve", "--far"]) == "serve has no option --far"


def test_the_readme_shows_every_command() -> None:
    shown = {line[0] for line in commands(README)}
    assert shown >= set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_make_target_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wanted = {line.split()[1] for line in code(document.read_text(encoding="utf-8")) if line.startswith("make ")}
    assert wanted <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_leads_to_a_file(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert not broken


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_path_in_the_repository_exists(document: Path) -> None:
    folders = "analysis|assistant|demo|docs|models|prompts|server|setup|speech|tests"
    paths = [re.fullmatch(rf"((?:{folders})/[\w./-]*)", text) for text in code(document.read_text(encoding="utf-8"))]
    assert not [path[1] for path in paths if path and not (ROOT / path[1]).exists()]


def test_the_picture_loads_quickly() -> None:
    assert (ROOT / "docs" / "report.png").stat().st_size < 200_000


def test_the_readme_counts_problems_and_frameworks() -> None:
    assert f"{len(load_problems())} problems, {len(load_frameworks())} frameworks" in README


def test_the_readme_names_the_findings_that_are_never_raised() -> None:
    raised = tomllib.loads((ROOT / "analysis" / "findings.toml").read_text(encoding="utf-8"))
    never = set(FINDING_CODES) - set(raised)
    missing = README.partition("## What it does not do yet")[2]
    assert {finding for finding in FINDING_CODES if f"`{finding}`" in missing} == never


def test_what_is_usual_is_documented_as_it_is() -> None:
    text = (ROOT / "docs" / "delivery.md").read_text(encoding="utf-8")
    for measure, usual in load_delivery_table().norms.items():
        span = f"up to {usual.high:g}" if usual.low is None else f"{usual.low:g} to {usual.high:g}"
        assert f"| `{measure}` | {span} | {usual.source or 'ours'} | {usual.note} |" in text


def test_the_documented_routes_are_those_of_the_server(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`([A-Z]+ /[\w/{}]+)`", text))
    paths = create_app(Store(tmp_path)).openapi()["paths"]
    assert documented == {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_the_documented_events_are_those_of_a_session() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*\| `([\w ]+)` \|$", text, re.MULTILINE)
    assert {name: names.split() for name, names in rows} == {
        name: [field.name for field in fields(kind)] for name, kind in KINDS.items()
    }


def test_every_package_and_weight_has_its_licence_named() -> None:
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    licences = {name.strip(): row[1] for row in rows for name in row[0].split(",")}
    locked = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert not {name for name in locked if not name.startswith("pyobjc-framework-")} - set(licences)
    assert {id: licences.get(id) for id in load_manifest()} == {id: w.licence for id, w in load_manifest().items()}


def test_the_changes_begin_with_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    first = re.search(r"^## (\S+?),? ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first is not None
    assert first[1] == version


def test_what_is_published_of_reliability_is_what_was_measured_and_none_of_it_is_beyond_its_bound() -> None:
    rows = measured()
    assert [(row.id, value.what) for row in rows for value in row.values if not value.held] == []
    assert (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8") == render(rows)
