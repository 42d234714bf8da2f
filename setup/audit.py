"""Known holes in the packages that are locked, and in the oldest ones that pyproject.toml would take.

    python setup/audit.py [FILE|FOLDER|ZIP...]

Reads advisories in OSV's format (https://ossf.github.io/osv-schema/) and asks nobody: those of setup/advisories.json
when none are named, else single files, folders of them, or the archive of all that
https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip is. Prints a line for each hole; the status is 1 when there is one.
"""

import json
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parents[1]
ADVISORIES = ROOT / "setup" / "advisories.json"
LOCKS = ("requirements.lock", "requirements-dev.lock")


def locked(lock: Path) -> Iterator[tuple[str, Version]]:
    """Each package of a lock file with its version."""
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock.read_text("utf-8"), re.MULTILINE):
        yield canonicalize_name(name), Version(version)


def oldest(project: Path) -> Iterator[tuple[str, Version]]:
    """Each package that pyproject.toml asks for, with the oldest version it takes."""
    declared = tomllib.loads(project.read_text("utf-8"))
    wanted = [*declared["build-system"]["requires"], *declared["project"]["dependencies"]]
    wanted += [one for extra in declared["project"].get("optional-dependencies", {}).values() for one in extra]
    for requirement in map(Requirement, wanted):
        bounds = [Version(one.version) for one in requirement.specifier if one.operator in (">=", "==", "~=")]
        if requirement.name != declared["project"]["name"]:
            yield canonicalize_name(requirement.name), max(bounds, default=Version("0"))


def advisories(source: Path) -> Iterator[dict[str, Any]]:
    """The advisories in a file, a folder or a zip archive."""
    if source.is_dir():
        for path in sorted(source.rglob("*.json")):
            yield from advisories(path)
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    yield json.loads(archive.read(name))
    else:
        told = json.loads(source.read_text("utf-8"))
        yield from told if isinstance(told, list) else [told]


def holes(
    packages: dict[str, set[Version]], known: Iterator[dict[str, Any]]
) -> Iterator[tuple[str, Version, str, str, str]]:
    """(package, version, advisory, what it is about, version it is mended in) for each package that has a hole."""
    for advisory in known:
        if advisory.get("withdrawn"):
            continue
        for part in advisory.get("affected", ()):
            name = canonicalize_name(part.get("package", {}).get("name", ""))
            if part.get("package", {}).get("ecosystem") != "PyPI":
                continue
            for version in sorted(packages.get(name, ())):
                found, mended = _affected(version, part)
                if found:
                    about = advisory.get("summary") or advisory.get("details", "")[:100]
                    yield name, version, advisory["id"], about, mended


def _affected(version: Version, part: dict[str, Any]) -> tuple[bool, str]:
    mended = "no version yet"
    found = str(version) in part.get("versions", ())
    for span in part.get("ranges", ()):
        if span.get("type") != "ECOSYSTEM":
            continue
        inside = False
        for event in span["events"]:
            kind, bound = next(iter(event.items()))
            try:
                at = Version(bound)
            except InvalidVersion:
                continue
            if kind == "introduced" and version >= at:
                inside = True
            elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
                inside = False
            elif kind == "fixed" and inside:
                mended = bound
        found = found or inside
    return found, mended


def main() -> int:
    """Print what was found; returns the exit status."""
    sources = [Path(name) for name in sys.argv[1:]] or [ADVISORIES]
    packages: dict[str, set[Version]] = {}
    for name, version in [*(one for lock in LOCKS for one in locked(ROOT / lock)), *oldest(ROOT / "pyproject.toml")]:
        packages.setdefault(name, set()).add(version)
    known = [advisory for source in sources for advisory in advisories(source)]
    found = list(holes(packages, iter(known)))
    for name, version, id, about, mended in found:
        print(f"{name} {version}: {id}, mended in {mended}: {about}")
    print(f"{len(known)} advisories, {len(packages)} packages, {len(found)} holes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
