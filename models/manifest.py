"""Which weights exist, what they are for, where they come from and what their bytes must be."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from prompts.errors import UserError

MANIFEST = Path(__file__).with_name("manifest.toml")


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of a weight: its name inside the weight's folder (with `/`), bytes, SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package that carries weights as data: `name==version`, bytes and SHA-256 of the wheel file."""

    requirement: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Files inside wheels: at `root/name`, or, where `parts` says so, several members put end to end."""

    wheels: tuple[Wheel, ...]
    root: str
    parts: Mapping[str, tuple[str, ...]]
    kind: Literal["wheel"] = "wheel"

    def members(self, name: str) -> tuple[str, ...]:
        """Paths inside the wheels whose contents, in this order, make up the file `name`."""
        return self.parts.get(name, (f"{self.root}/{name}",))


@dataclass(frozen=True, slots=True)
class HubSource:
    """Files of a Hugging Face repository at one commit."""

    repository: str
    revision: str
    kind: Literal["hub"] = "hub"


Source = WheelSource | HubSource


@dataclass(frozen=True, slots=True)
class Weight:
    """A set of files that is fetched, checked and loaded as one."""

    id: str
    kind: Literal["whisper", "spacy", "onnx"]
    licence: str
    purpose: str
    files: tuple[WeightFile, ...]
    sources: tuple[Source, ...]
    default: bool

    @property
    def size(self) -> int:
        """Bytes on disk when complete."""
        return sum(file.size for file in self.files)

    @property
    def sha256(self) -> str:
        """One SHA-256 over the names and hashes of all files: identifies the contents."""
        listing = "".join(f"{file.sha256}  {file.name}\n" for file in sorted(self.files, key=lambda file: file.name))
        return hashlib.sha256(listing.encode()).hexdigest()

    @property
    def folder(self) -> str:
        """Name of the folder that holds it; other contents get another folder."""
        return f"{self.id}@{self.sha256[:8]}"


class UnknownWeight(UserError):
    """A weight was asked for that the manifest does not list."""

    def __init__(self, id: str, known: Mapping[str, Weight]) -> None:
        super().__init__(f"There are no weights called {id!r}", f"Choose one of: {', '.join(known)}")


@cache
def load_manifest(path: Path = MANIFEST) -> Mapping[str, Weight]:
    """All weights by id, in the manifest's order.

    Raises OSError or ValueError when the manifest itself is damaged: that is a fault of the installation.
    """
    with path.open("rb") as stream:
        entries = tomllib.load(stream)["weight"]
    weights = [_weight(entry) for entry in entries]
    return MappingProxyType({weight.id: weight for weight in weights})


def default_weights() -> tuple[str, ...]:
    """Ids of the weights that every practice session needs."""
    return tuple(weight.id for weight in load_manifest().values() if weight.default)


def _weight(entry: dict[str, Any]) -> Weight:
    return Weight(
        id=entry["id"],
        kind=entry["kind"],
        licence=entry["licence"],
        purpose=entry["purpose"],
        files=tuple(WeightFile(**file) for file in entry["files"]),
        sources=tuple(_source(dict(source)) for source in entry["sources"]),
        default=entry["default"],
    )


def _source(entry: dict[str, Any]) -> Source:
    match entry.pop("kind"):
        case "wheel":
            return WheelSource(
                wheels=tuple(Wheel(**wheel) for wheel in entry["wheels"]),
                root=entry.get("root", ""),
                parts={name: tuple(members) for name, members in entry.get("parts", {}).items()},
            )
        case "hub":
            return HubSource(**entry)
        case other:
            raise ValueError(f"{MANIFEST.name}: {other!r} is not a kind of source")
