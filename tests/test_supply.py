"""What the program is made of is known, and has no hole that is known."""

import json
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
