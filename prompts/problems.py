"""Interview problems: what the interviewer reads out, knows, asks and changes.

Each file in `problems/` is one problem, and so is each in a folder of one's own. The prompt is vague on purpose; the facts
are given only when asked for.
"""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path

from prompts.errors import UserError
from prompts.reader import BrokenFile, Table, read_folder, read_toml
from prompts.vocabulary import LEVELS, STAGES, Level, Stage

FOLDER = Path(__file__).parent / "problems"
OWN = "problems"
"""Name of the folder for problems of one's own, in the data folder."""

CHECK = "check"
"""No problem is called so: `viva problems check FILE`."""

KEYS = ("id", "title", "family", "prompt", "facts", "probes", "change", "strong", "mistakes", "vocabulary")
FACT_KEYS = ("id", "ask", "answer")

_NAME = re.compile(r"(?=.{1,60}$)[a-z0-9]+(-[a-z0-9]+)*")


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


class BrokenProblem(UserError):
    """A problem file of one's own that cannot be used."""

    def __init__(self, error: BrokenFile) -> None:
        # Not where the file is: this is also told to programs.
        name = error.file.name
        super().__init__(
            f"{name} cannot be used ({error.mistake})", "`viva problems check` names every mistake in a file"
        )


@dataclass(frozen=True, slots=True)
class OwnProblems:
    """Problems of one's own by id, and why files that cannot be used are not among them, by the file's name."""

    problems: Mapping[str, Problem]
    broken: Mapping[str, BrokenProblem]


@cache
def load_bank(folder: Path = FOLDER) -> Mapping[str, Problem]:
    """The problems that come with the program, by id. Raises `BrokenFile` naming file, key and line of what is wrong."""
    problems = (read_problem(table) for table in read_folder(folder))
    return {problem.id: problem for problem in problems}


def use_own(data_dir: Path) -> None:
    """From now on in this process, problems in the folder `problems` of this data folder count like the bank's."""
    global _own_folder
    _own_folder = data_dir / OWN


_own_folder: Path | None = None


def own_problems() -> OwnProblems:
    """What is in one's own folder now."""
    if _own_folder is None:
        return OwnProblems({}, {})
    return _read_own(_own_folder, _stamp(_own_folder))


def load_problems() -> Mapping[str, Problem]:
    """All problems by id: the bank's, then one's own."""
    return {**load_bank(), **own_problems().problems}


def get_problem(id: str) -> Problem:
    """The problem with this id. Raises `UnknownProblem`, which names close matches, and `BrokenProblem`."""
    known = load_problems()
    if id in known:
        return known[id]
    if (broken := own_problems().broken.get(id)) is not None:
        raise broken
    raise UnknownProblem(id, known)


def check_own_name(table: Table) -> None:
    """Raises `BrokenFile` when a problem of one's own cannot be called what it is called."""
    table.named_as_its_file()
    id = table.text("id")
    if not _NAME.fullmatch(id):
        raise table.broken("id", "must be small letters, digits and single hyphens, at most 60 of them")
    if id == CHECK or id in load_bank():
        raise table.broken("id", f"{id!r} is taken: call the problem, and its file, something else")


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes with what is in a folder; empty for one that is not there."""
    found = []
    with contextlib.suppress(OSError):
        for file in folder.glob("*.toml"):
            with contextlib.suppress(OSError):
                found.append((file.name, file.stat().st_mtime_ns, file.stat().st_size))
    return tuple(sorted(found))


@lru_cache(maxsize=2)
def _read_own(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> OwnProblems:
    problems: dict[str, Problem] = {}
    broken: dict[str, BrokenProblem] = {}
    for name, _, _ in stamp:
        file = folder / name
        try:
            table = read_toml(file)
            check_own_name(table)
            problems[file.stem] = read_problem(table)
        except BrokenFile as error:
            broken[file.stem] = BrokenProblem(error)
    return OwnProblems(problems, broken)


def read_problem(table: Table) -> Problem:
    """The problem in a file. Raises `BrokenFile` for the first mistake."""
    table.only(*KEYS)
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
    table.only(*FACT_KEYS)
    return Fact(id=table.text("id"), ask=table.texts("ask"), answer=table.text("answer"))


def _probes(table: Table) -> Mapping[Stage, tuple[str, ...]]:
    table.only(*STAGES)
    return {stage: table.texts(stage) for stage in STAGES if stage != "wrap_up" or stage in table.entries}


def _strong(table: Table) -> Mapping[Level, str]:
    table.only(*LEVELS)
    return {level: table.text(level) for level in LEVELS}
