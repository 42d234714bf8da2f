"""What the program is made of is known, and has no hole that is known."""

import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def audit(*sources: Path) -> tuple[int, list[str]]:
    """The status and lines of an audit."""
    run = subprocess.run([sys.executable, ROOT / "setup" / "audit.py", *sources], capture_output=True, text=True)
    assert not run.stderr
    return run.returncode, run.stdout.splitlines()


def advisory(**part: Any) -> dict[str, Any]:
    return {
        "id": "X-1",
        "summary": "a hole",
        "affected": [{"package": {"ecosystem": "PyPI", "name": "Starlette"}, **part}],
    }


def test_no_package_has_a_known_hole_and_none_that_has_would_be_taken() -> None:
    status, lines = audit()
    assert status == 0, "\n".join(lines)


def test_a_hole_is_found_however_it_is_told(tmp_path: Path) -> None:
    def ranged(*events: dict[str, str]) -> dict[str, Any]:
        return advisory(ranges=[{"type": "ECOSYSTEM", "events": list(events)}])

    told = {
        "fixed later": (ranged({"introduced": "0"}, {"fixed": "99"}), True),
        "fixed before": (ranged({"introduced": "0"}, {"fixed": "0.1"}), False),
        "come back": (ranged({"introduced": "0"}, {"fixed": "0.1"}, {"introduced": "0.2"}), True),
        "last affected": (ranged({"introduced": "0"}, {"last_affected": "99"}), True),
        "withdrawn": (ranged({"introduced": "0"}) | {"withdrawn": "2026-01-01T00:00:00Z"}, False),
        "versions": (advisory(versions=["1.3.1"]), True),
    }
    for name, (content, hole) in told.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
        status, lines = audit(tmp_path / f"{name}.json")
        assert (status, any(line.startswith("starlette ") for line in lines)) == (int(hole), hole), name
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in tmp_path.glob("*.json"):
            archive.write(path, path.name)
    for source in (tmp_path / "all.zip", tmp_path):
        status, lines = audit(source)
        assert status == 1 and "mended in 99" in "\n".join(lines)


def test_the_bill_of_materials_has_every_locked_package_and_every_weight() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "setup" / "sbom.py"], capture_output=True, text=True, check=True
    ).stdout
    document = json.loads(made)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    lock = (ROOT / "requirements.lock").read_text()
    libraries = [part for part in document["components"] if part["type"] == "library"]
    assert {f"{part['name']}=={part['version']}" for part in libraries} == {
        line.split()[0] for line in lock.splitlines() if "==" in line and not line.startswith(" ")
    }
    assert all(part["externalReferences"][0]["hashes"] for part in libraries)
    manifest = tomllib.loads((ROOT / "models" / "manifest.toml").read_text())["weight"]
    models = {part["name"]: part for part in document["components"] if part["type"] == "machine-learning-model"}
    assert set(models) == {weight["id"] for weight in manifest}
    assert all(part["components"][0]["hashes"] for part in models.values())
    references = [part["bom-ref"] for part in document["components"]]
    assert len(references) == len(set(references))


def test_the_wheel_has_everything_the_program_reads(tmp_path: Path) -> None:
    source, packages = tmp_path / "source", ("prompts", "models", "speech", "analysis", "assistant", "server")
    for name in packages:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    wheel = [sys.executable, "-m", "pip", "wheel", str(source), "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*wheel, "--wheel-dir", str(tmp_path), "--quiet"], check=True, cwd=tmp_path)
    (built,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        held = set(archive.namelist())
    # Talks to train and to judge by are for who works on the project.
    learned = {"analysis/training", "analysis/evaluation"}
    wanted = {
        path.relative_to(source).as_posix()
        for name in packages
        for path in (source / name).rglob("*")
        if path.is_file() and not any(path.is_relative_to(source / folder) for folder in learned)
    }
    assert wanted - held == set()
