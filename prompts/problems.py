"""Interview problems: what the interviewer reads out, knows, asks and changes.

Each file in `problems/` is one problem. The prompt is vague on purpose; the facts are given only when asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from prompts.errors import UserError
from prompts.reader import Table, read_folder
from prompts.vocabulary import LEVELS, STAGES, Level, Stage

FOLDER = Path(__file__).parent / "problems"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the interviewer knows: several ways a candidate may ask for it, and the answer as spoken."""

    id: str
    ask: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One interview problem.

    prompt: as read out. facts: the fact sheet. probes: follow-up questions for each stage.
    change: a requirement change, as said mid-way. strong: what a strong answer shows at each level.
    mistakes: what candidates typically get wrong. vocabulary: terms likely to be said, for the speech recogniser.
    """

    id: str
    title: str
    family: str
    prompt: str
    facts: tuple[Fact, ...]
    probes: Mapping[Stage, tuple[str, ...]]
    change: str
    strong: Mapping[Level, str]
    mistakes: tuple[str, ...]
    vocabulary: tuple[str, ...]


class UnknownProblem(UserError):
    """A problem id that does not exist; names the ids that come close."""

    def __init__(self, id: str, known: Mapping[str, Problem]) -> None:
        close = get_close_matches(id.lower(), known, n=3, cutoff=0.45)
        hint = f"Did you mean {' or '.join(close)}? " if close else ""
        super().__init__(f"There is no problem {id!r}", f"{hint}`viva problems` lists them all")


@cache
def load_problems(folder: Path = FOLDER) -> Mapping[str, Problem]:
    """All problems by id. Raises `BrokenFile` naming the file, key and line of whatever is wrong."""
    problems = (_problem(table) for table in read_folder(folder))
    return {problem.id: problem for problem in problems}


def get_problem(id: str) -> Problem:
    """The problem with this id. Raises `UnknownProblem`, which names close matches."""
    known = load_problems()
    if id not in known:
        raise UnknownProblem(id, known)
    return known[id]


def _problem(table: Table) -> Problem:
    table.only(
        "id", "title", "family", "prompt", "facts", "probes", "change", "strong", "mistakes", "vocabulary"
    )  # fmt: skip
    facts = tuple(_fact(fact) for fact in table.tables("facts"))
    table.no_repeats("facts", (fact.id for fact in facts))
    return Problem(
        id=table.text("id"),
        title=table.text("title"),
        family=table.text("family"),
        prompt=table.text("prompt"),
        facts=facts,
        probes=_probes(table.table("probes")),
        change=table.text("change"),
        strong=_strong(table.table("strong")),
        mistakes=table.texts("mistakes"),
        vocabulary=table.texts("vocabulary"),
    )


def _fact(table: Table) -> Fact:
    table.only("id", "ask", "answer")
    return Fact(id=table.text("id"), ask=table.texts("ask"), answer=table.text("answer"))


def _probes(table: Table) -> Mapping[Stage, tuple[str, ...]]:
    table.only(*STAGES)
    return {stage: table.texts(stage) for stage in STAGES if stage != "wrap_up" or stage in table.entries}


def _strong(table: Table) -> Mapping[Level, str]:
    table.only(*LEVELS)
    return {level: table.text(level) for level in LEVELS}
