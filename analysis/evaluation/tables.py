"""Markdown tables of figures."""

import math
from collections.abc import Iterable, Sequence


def figure(value: float, digits: int = 2, *, infinite: str = "never") -> str:
    """A number as a table shows it: a dash where there is none, a word where it is infinite."""
    if math.isnan(value):
        return "–"
    return infinite if math.isinf(value) else f"{value:.{digits}f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A markdown table, every row as long as its header."""
    lines = [header, ["---"] * len(header), *rows]
    if any(len(line) != len(header) for line in lines):
        raise ValueError(f"rows under {', '.join(header)} differ in length")
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
