"""What the rows measured, and the page that tells it."""

import json
import operator
import os
import platform
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
MEASURED = FOLDER / "measured.json"
UNTRIED = FOLDER / "untried.toml"
_GROUPS = {"B": "Bad input tried", "F": "Faults survived", "L": "Load held"}
_COUNTS = {"B": 14, "F": 14, "L": 6}
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {"at most": operator.le, "at least": operator.ge}
_HEAD = """# Reliability

Every line is a claim, tried for real on the machine named below the tables: real processes, sockets, files and browsers, random
choices from fixed seeds. `make scorecard` runs all of it and writes this page; `make test` runs the same rows smaller, with the
same bounds, but for times, which may be five times as long where other work runs. A value beyond its bound fails. What an attacker could want, and what stops him, is in [threats.md](threats.md)."""


@dataclass(frozen=True, slots=True)
class Value:
    """One measurement. bound: for example `at most 2 s`."""

    what: str
    value: str
    bound: str
    held: bool


@dataclass(slots=True)
class Row:
    """A claim and what was measured for it.

    id: letter of its group and a number. how: what was tried. patience: by how much more time anything may take than is
    claimed before it fails.
    """

    id: str
    claim: str
    day: str = ""
    machine: str = ""
    patience: float = 1.0
    how: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def tried(self, how: str) -> None:
        """Say what was tried, in a few words with its numbers."""
        self.how.append(how)

    def at_most(self, what: str, value: float, bound: float, unit: str = "") -> None:
        """Record a measurement that may not be larger. unit: for example `ms`. Fails when it is."""
        self._measured(what, value, "at most", bound, unit)

    def at_least(self, what: str, value: float, bound: float, unit: str = "") -> None:
        """Record a measurement that may not be smaller. Fails when it is."""
        self._measured(what, value, "at least", bound, unit)

    def within(self, what: str, seconds: float, bound: float) -> None:
        """Record how long something took. Where other work is done meanwhile (`make test`) only much more than that fails."""
        self._measured(what, seconds, "at most", bound, "s", self.patience)

    def none(self, what: str, found: "list[Any] | set[Any]") -> None:
        """Record how many of something there are; any of them fails, and is shown."""
        self.values.append(Value(what, str(len(found)), "none", not found))
        assert not found, f"{self.id}: {what}: {list(found)[:5]}"

    def incomplete(self, why: str) -> None:
        """Record that a part of the row did not get to its end, so that nobody takes the rest for all of it."""
        self.values.append(Value("all of it tried", why, "yes", False))

    def _measured(self, what: str, value: float, how: str, bound: float, unit: str, slack: float = 1.0) -> None:
        held = _COMPARISONS[how](value, bound * slack)
        shown = f"{value:,.3g}" if abs(value) < 100 and value != int(value) else f"{value:,.0f}"
        self.values.append(Value(what, f"{shown} {unit}".strip(), f"{how} {bound:,g} {unit}".strip(), held))
        assert held, f"{self.id}: {what}: {shown} {unit}, {how} {bound:,g} is claimed"


def quickest(act: Callable[[], float], enough: float) -> float:
    """Seconds that something takes, at the quickest of three times: a machine does other things, too.

    act: does it, and returns the seconds. enough: when it is done within these, once is enough.
    """
    seconds = act()
    for _ in range(2):
        if seconds > enough:
            seconds = min(seconds, act())
    return seconds


def machine() -> str:
    """This machine without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    return f"{os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}, {system}"


def keep(rows: list[Row], page: Path) -> None:
    """Put rows in the place of their earlier measurements, and write the page of all."""
    kept = {row.id: row for row in load()}
    kept |= {row.id: row for row in rows}
    ordered = sorted(kept.values(), key=lambda row: (row.id[0], int(row.id[1:])))
    MEASURED.write_text(json.dumps([asdict(row) for row in ordered], indent=1, ensure_ascii=False) + "\n", "utf-8")
    page.write_text(render(ordered), "utf-8")


def load() -> list[Row]:
    """The rows as they were measured last."""
    if not MEASURED.exists():
        return []
    told = json.loads(MEASURED.read_text("utf-8"))
    return [Row(**{**row, "values": [Value(**value) for value in row["values"]]}) for row in told]


def begun(id: str, claim: str, patience: float) -> Row:
    """A row of today on this machine."""
    return Row(id, claim, date.today().isoformat(), machine(), patience)


def render(rows: list[Row]) -> str:
    """The page, as Markdown."""
    parts = [_HEAD]
    for letter, title in _GROUPS.items():
        group = [row for row in rows if row.id.startswith(letter)]
        parts.append(f"\n## {title}\n")
        parts.append("| row | claim, and what was tried | measured | value | bound | date |\n|---|---|---|---|---|---|")
        parts += [line for row in group for line in _lines(row)]
        missing = [
            id for number in range(1, _COUNTS[letter] + 1) if (id := f"{letter}{number}") not in {r.id for r in group}
        ]
        if missing:
            parts.append(f"\nNot measured at this size yet, only smaller, by `make test`: {', '.join(missing)}.")
    parts.append("\nMachine: " + "; ".join(sorted({row.machine for row in rows})) + ".")
    untried = tomllib.loads(UNTRIED.read_text("utf-8"))["row"]
    parts.append("\n## Not tried\n")
    parts.append("| claim | why not | how it would be |\n|---|---|---|")
    parts += [f"| {row['claim']} | {row['why']} | {row['how']} |" for row in untried]
    return "\n".join(parts) + "\n"


def _lines(row: Row) -> list[str]:
    told = f"{row.claim}. Tried: {'; '.join(row.how)}." if row.how else f"{row.claim}."
    lines = []
    for number, value in enumerate(row.values):
        shown = value.value if value.held else f"**{value.value}, beyond**"
        first = (row.id, told, row.day) if number == 0 else ("", "", "")
        lines.append(f"| {first[0]} | {first[1]} | {value.what} | {shown} | {value.bound} | {first[2]} |")
    return lines
