"""The folder of fetched weights: where each one is, and whether its bytes are the right ones."""

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.manifest import UnknownWeight, Weight, WeightFile, load_manifest
from prompts.errors import UserError

# Beside the weights: size and modification time of each file when its hash was last found right.
STAMP = ".verified"


class WeightsMissing(UserError):
    """Weights that were never fetched."""

    def __init__(self, id: str) -> None:
        super().__init__(f"The weights of {id} are not on this machine", f"Run `viva models pull {id}`")


class WeightsDamaged(UserError):
    """Weights of which a file is gone, cut short or altered."""

    def __init__(self, id: str, damage: str) -> None:
        super().__init__(f"The weights of {id} are damaged: {damage}", f"Run `viva models pull {id}`")


@dataclass(frozen=True, slots=True)
class Store:
    """Weights under one folder, each in `<id>@<first 8 hex digits of its hash>`."""

    root: Path
    weights: Mapping[str, Weight]

    def weight(self, id: str) -> Weight:
        """The manifest's entry. Raises UnknownWeight."""
        try:
            return self.weights[id]
        except KeyError:
            raise UnknownWeight(id, self.weights) from None

    def folder(self, id: str) -> Path:
        """Where the weight is, or will be."""
        return self.root / self.weight(id).folder

    def locate(self, id: str) -> Path:
        """Folder holding all files of the weight, fit to be loaded.

        Costs a look at sizes and times; a file touched since it was last hashed is hashed again.
        Raises UnknownWeight, WeightsMissing, WeightsDamaged.
        """
        weight, folder = self.weight(id), self.folder(id)
        seen = _measure(weight, folder)
        if _read_stamp(folder) != seen:
            self.verify(id)
        return folder

    def verify(self, id: str) -> Path:
        """Hash every file of the weight and return its folder.

        Raises UnknownWeight, WeightsMissing, WeightsDamaged.
        """
        weight, folder = self.weight(id), self.folder(id)
        seen = _measure(weight, folder)
        for file in weight.files:
            if self._hash(weight, folder / file.name) != file.sha256:
                with contextlib.suppress(OSError):
                    (folder / STAMP).unlink()
                raise WeightsDamaged(id, f"{file.name} has the right size but other contents")
        # A store that cannot be written only costs hashing again next time.
        with contextlib.suppress(OSError):
            _write_stamp(folder, seen)
        return folder

    def installed(self) -> tuple[str, ...]:
        """Ids of the weights whose files are all here with the right size."""
        return tuple(id for id in self.weights if self._complete(id))

    def _hash(self, weight: Weight, path: Path) -> str:
        try:
            return sha256(path)
        except OSError as error:
            raise WeightsDamaged(weight.id, f"{path.name} cannot be read ({error.strerror})") from None

    def _complete(self, id: str) -> bool:
        try:
            _measure(self.weight(id), self.folder(id))
        except (WeightsMissing, WeightsDamaged):
            return False
        return True


def default_store() -> Store:
    """The store in this user's cache folder, with the weights of the manifest."""
    import platformdirs

    return Store(platformdirs.user_cache_path("vivavoce", appauthor=False) / "models", load_manifest())


def locate(id: str) -> Path:
    """`Store.locate` in the user's own store."""
    return default_store().locate(id)


def verify(id: str) -> Path:
    """`Store.verify` in the user's own store."""
    return default_store().verify(id)


def installed() -> tuple[str, ...]:
    """`Store.installed` in the user's own store."""
    return default_store().installed()


def sha256(path: Path) -> str:
    """SHA-256 of a file's contents, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def mark_verified(weight: Weight, folder: Path) -> None:
    """Record that each file in `folder` was just hashed and found right."""
    _write_stamp(folder, _measure(weight, folder))


def _measure(weight: Weight, folder: Path) -> dict[str, list[int]]:
    """Size and modification time of each file; raises when one is missing or has another size."""
    if not folder.is_dir():
        raise WeightsMissing(weight.id)
    return {file.name: _measure_file(weight, folder, file) for file in weight.files}


def _measure_file(weight: Weight, folder: Path, file: WeightFile) -> list[int]:
    try:
        stat = (folder / file.name).stat()
    except FileNotFoundError:
        raise WeightsDamaged(weight.id, f"{file.name} is missing") from None
    if stat.st_size != file.size:
        raise WeightsDamaged(weight.id, f"{file.name} has {stat.st_size:,} bytes instead of {file.size:,}")
    return [stat.st_size, stat.st_mtime_ns]


def _read_stamp(folder: Path) -> object:
    try:
        return json.loads((folder / STAMP).read_text())
    except (OSError, ValueError):
        return None


def _write_stamp(folder: Path, seen: dict[str, list[int]]) -> None:
    new = folder / f"{STAMP}.{os.getpid()}"
    new.write_text(json.dumps(seen))
    new.replace(folder / STAMP)
