"""What an installed copy is made of, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): packages and weights.

python setup/sbom.py [FILE]     standard output when no file is named
"""

import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def packages(lock: Path) -> list[dict[str, Any]]:
    """The packages of a lock file as components; licences are those of the installed ones."""
    found = []
    for entry in re.split(r"\n(?=\S)", lock.read_text("utf-8").strip()):
        name, version = re.match(r"([\w.-]+)==([^\s;\\]+)", entry).groups()  # type: ignore[union-attr]
        component: dict[str, Any] = {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{version}",
            "bom-ref": f"{name}@{version}",
        }
        # One for each file that may be installed, whatever the machine.
        hashes = [{"alg": "SHA-256", "content": content} for content in re.findall(r"sha256:([0-9a-f]{64})", entry)]
        if licence := _licence(name):
            component["licenses"] = [{"license": {"name": licence}}]
        distribution = {"type": "distribution", "url": f"https://pypi.org/project/{name}/{version}/", "hashes": hashes}
        found.append({**component, "externalReferences": [distribution]})
    return found


def weights(manifest: Path) -> list[dict[str, Any]]:
    """The weights of the manifest as components, their files within them."""
    return [
        {
            "type": "machine-learning-model",
            "name": weight["id"],
            "bom-ref": f"weights/{weight['id']}",
            "licenses": [{"license": {"name": weight["licence"]}}],
            "components": [
                {"type": "file", "name": file["name"], "hashes": [{"alg": "SHA-256", "content": file["sha256"]}]}
                for file in weight["files"]
            ],
        }
        for weight in tomllib.loads(manifest.read_text("utf-8"))["weight"]
    ]


def document() -> dict[str, Any]:
    """The whole document."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    itself = {"type": "application", "name": project["name"], "version": project["version"], "bom-ref": "vivavoce"}
    itself["licenses"] = [{"license": {"id": project["license"]}}]
    components = packages(ROOT / "requirements.lock") + weights(ROOT / "models" / "manifest.toml")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": itself},
        "components": components,
    }


def _licence(name: str) -> str | None:
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    named = told.get("License-Expression") or told.get("License")
    classified = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or () if one.startswith("License ::")]
    return named if named and "\n" not in named else next(iter(classified), None)


def main() -> None:
    """Write it."""
    text = json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).parent.mkdir(parents=True, exist_ok=True)
        Path(sys.argv[1]).write_text(text, "utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
