"""Reads TOML data files so that whatever is wrong with one is named by file, key and line."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from prompts.errors import UserError

_Name = TypeVar("_Name", bound=str)

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]")
_ASSIGNMENT = re.compile(r"\s*([\w-]+)\s*=")
_SYNTAX_POSITION = re.compile(r"at line (\d+)")
_MOST_BYTES = 200_000
# The parser takes time by the square of a key's length.
_LONGEST_LINE = 4000
_UNSEEN = ("Cc", "Cf", "Cs")


class BrokenFile(UserError):
    """A data file that cannot be used.

    file: which. key: dotted, as in `facts[2].answer`; empty when the whole file is meant. mistake: all but the file.
    line: counted from 1, None when the file has no line to show.
    """

    def __init__(self, file: Path, why: str, key: str = "", line: int | None = None) -> None:
        # A key that is quoted may hold what commands a terminal.
        shown = key if key.isprintable() else repr(key)[1:-1]
        places = [f"line {line}"] * (line is not None) + [f"key {shown}"] * bool(key)
        super().__init__(
            f"{', '.join([str(file), *places])}: {why}",
            "Correct the file, or reinstall Vivavoce to get the original back",
        )
        self.mistake = f"{', '.join(places)}: {why}" if places else why
        self.file = file
        self.key = key
        self.line = line


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a TOML file, read key by key; every wrong value raises `BrokenFile`.

    file, source: the file and its whole text. key: the table's own dotted key, empty for the file itself.
    """

    file: Path
    source: str
    key: str
    entries: Mapping[str, object]

    def broken(self, name: str, why: str) -> BrokenFile:
        """The error for the entry `name` of this table; an empty `name` means the table."""
        key = f"{self.key}.{name}" if self.key and name else self.key or name
        return BrokenFile(self.file, why, key, line_of(self.source, key))

    def only(self, *names: str) -> None:
        """Refuses keys that nothing reads: they are misspellings."""
        for error in self.unknown(*names):
            raise error

    def unknown(self, *names: str) -> Iterator[BrokenFile]:
        """The error for each key that is none of these."""
        for name in self.entries:
            if name not in names:
                yield self.broken(name or '""', f"nothing is called that here (known: {', '.join(names)})")

    def named_as_its_file(self) -> None:
        """Refuses another `id` than the file's name."""
        id = self.text("id")
        if id != self.file.stem:
            raise self.broken("id", f"must be {self.file.stem!r}, as the file is named; or rename it {id + '.toml'!r}")

    def text(self, name: str) -> str:
        """A text that is not blank, its white space collapsed so that it can be spoken."""
        return self._text(name, self._get(name))

    def texts(self, name: str, at_least: int = 1) -> tuple[str, ...]:
        """A list of at least so many texts."""
        items = self._list(name, at_least)
        return tuple(self._text(f"{name}[{position}]", item) for position, item in enumerate(items))

    def number(self, name: str, above: float) -> float:
        """A finite number above a bound."""
        value = self._get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not above < value < float("inf"):
            raise self.broken(name, f"must be a number above {above:g}, not {value!r}")
        return float(value)

    def choice(self, name: str, allowed: tuple[_Name, ...]) -> _Name:
        """One of the allowed names."""
        return self._choice(name, self._get(name), allowed)

    def choices(self, name: str, allowed: tuple[_Name, ...]) -> tuple[_Name, ...]:
        """A list of allowed names, at least one, none of them twice."""
        items = self._list(name, 1)
        chosen = tuple(self._choice(f"{name}[{position}]", item, allowed) for position, item in enumerate(items))
        self.no_repeats(name, chosen)
        return chosen

    def table(self, name: str) -> "Table":
        """The table under a key."""
        return self._table(name, self._get(name))

    def tables(self, name: str, at_least: int = 1) -> tuple["Table", ...]:
        """An array of at least so many tables (`[[name]]`)."""
        items = self._list(name, at_least)
        return tuple(self._table(f"{name}[{position}]", item) for position, item in enumerate(items))

    def no_repeats(self, name: str, values: Iterable[str]) -> None:
        """Refuses the list `name` when two of the values taken from its entries are the same."""
        seen: set[str] = set()
        for position, value in enumerate(values):
            if value in seen:
                raise self.broken(f"{name}[{position}]", f"{value!r} is there more than once")
            seen.add(value)

    def _get(self, name: str) -> object:
        if name not in self.entries:
            raise self.broken(name, "is missing")
        return self.entries[name]

    def _list(self, name: str, at_least: int) -> list[object]:
        value = self._get(name)
        if not isinstance(value, list):
            raise self.broken(name, "must be a list")
        if len(value) < at_least:
            raise self.broken(name, f"must have at least {at_least} entries, not {len(value)}")
        return value

    def _text(self, name: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.broken(name, "must be a text that is not blank")
        text = " ".join(value.split())
        # It is shown on a terminal, where some characters command instead of being shown.
        unseen = (character for character in text if unicodedata.category(character) in _UNSEEN)
        # Whether all of them are printable is known a hundred times sooner.
        if not text.isprintable() and (found := next(unseen, None)):
            raise self.broken(name, f"holds the character U+{ord(found):04X}, which cannot be seen")
        return text

    def _choice(self, name: str, value: object, allowed: tuple[_Name, ...]) -> _Name:
        for candidate in allowed:
            if value == candidate:
                return candidate
        raise self.broken(name, f"must be one of {', '.join(allowed)}, not {value!r}")

    def _table(self, name: str, value: object) -> "Table":
        if not isinstance(value, dict):
            raise self.broken(name, "must be a table")
        key = f"{self.key}.{name}" if self.key else name
        return Table(self.file, self.source, key, value)


def read_toml(file: Path) -> Table:
    """The file as a table. Raises `BrokenFile` when it cannot be read, is not UTF-8 or not TOML."""
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise BrokenFile(file, f"is over {_MOST_BYTES:,} bytes")
        source = file.read_text(encoding="utf-8")
    except OSError as error:
        raise BrokenFile(file, f"cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise BrokenFile(file, "is not UTF-8 text", line=_line_at_byte(file, error.start)) from error
    for number, written in enumerate(source.split("\n"), start=1):
        if len(written) > _LONGEST_LINE:
            raise BrokenFile(file, f"has a line of over {_LONGEST_LINE:,} characters", line=number)
    try:
        entries = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        # Python 3.11 to 3.13 give the position in the message only.
        position = _SYNTAX_POSITION.search(str(error))
        line = int(position[1]) if position else source.count("\n") + 1
        raise BrokenFile(file, f"is not valid TOML: {error}", line=line) from error
    except (RecursionError, ValueError) as error:
        raise BrokenFile(file, "is not valid TOML: something in it is nested too deeply or too long") from error
    return Table(file, source, "", entries)


def read_folder(folder: Path) -> tuple[Table, ...]:
    """Every TOML file of a folder, by name, each one's `id` the same as its file name."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise BrokenFile(folder, "has no TOML files")
    tables = tuple(read_toml(file) for file in files)
    for table in tables:
        table.named_as_its_file()
    return tables


def line_of(source: str, key: str) -> int | None:
    """The line (from 1) on which a dotted key is written, or else the nearest table or list around it."""
    lines: dict[str, int] = {}
    arrays: Counter[str] = Counter()
    table = ""
    for number, line in enumerate(source.split("\n"), start=1):
        if header := _HEADER.match(line):
            brackets, name = header.groups()
            table = f"{name}[{arrays[name]}]" if brackets == "[[" else name
            arrays[name] += brackets == "[["
            lines.setdefault(name, number)
            lines.setdefault(table, number)
        elif assignment := _ASSIGNMENT.match(line):
            lines.setdefault(f"{table}.{assignment[1]}" if table else assignment[1], number)
    while key and key not in lines:
        # A key may be quoted, and hold anything: whatever it holds, it gets shorter.
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return lines.get(key)


def _line_at_byte(file: Path, offset: int) -> int:
    return file.read_bytes()[:offset].count(b"\n") + 1
