"""Labelled passages in which the interviewer says something and the candidate follows, or carries on regardless.

Blocks separated by an empty line; the first line names the problem domain, what kind of line the interviewer's is, and
whether it was followed:

    # group: fraud  kind: redirect  answer: ignored
    C | and the trees I'd grow to depth six
    I | let's leave the model, where does the data come from
    C | at depth seven it starts to overfit, so
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

Kind = Literal["redirect", "probe", "change", "remark"]

_HEAD = re.compile(
    r"# group: (?P<group>\S+)\s+kind: (?P<kind>redirect|probe|change|remark)\s+answer: (?P<answer>followed|ignored)"
)
_LINE = re.compile(r"(?P<speaker>[CI]) \| (?P<text>.+)")


@dataclass(frozen=True, slots=True)
class Interjection:
    """One passage: what the candidate said before, the interviewer's line, and the candidate's reply to it."""

    domain: str
    kind: Kind
    ignored: bool
    before: tuple[str, ...]
    line: str
    reply: tuple[str, ...]


def load_interjections(path: Path) -> list[Interjection]:
    """Every passage of a file; ValueError names file and line of a wrong one."""
    found: list[Interjection] = []
    block: list[str] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line.strip())
        elif block:
            found.append(_passage(block, f"{path.name}:{number - len(block)}"))
            block = []
    return found


def _passage(block: list[str], where: str) -> Interjection:
    head, lines = _HEAD.fullmatch(block[0]), [_LINE.fullmatch(line) for line in block[1:]]
    speakers = "".join(line["speaker"] if line else "?" for line in lines)
    if head is None or not re.fullmatch("C+IC+", speakers):
        raise ValueError(f"{where}: not a heading, lines 'C | text', one 'I | text', and lines 'C | text'")
    texts = [line["text"] for line in lines if line]
    asked = speakers.index("I")
    return Interjection(
        head["group"],
        cast(Kind, head["kind"]),
        head["answer"] == "ignored",
        tuple(texts[:asked]),
        texts[asked],
        tuple(texts[asked + 1 :]),
    )
