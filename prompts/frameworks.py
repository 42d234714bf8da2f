"""Interview frameworks: named steps, their time, and what each seniority is expected to cover.

Each file in `frameworks/` is one framework. Its steps keep their own names and order and map onto the canonical
stages, so that sessions practised under different frameworks compare.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import get_args

from prompts.errors import UserError
from prompts.reader import Table, read_folder
from prompts.vocabulary import LEVELS, STAGES, TOPICS, Drill, Level, Stage, Topic

FOLDER = Path(__file__).parent / "frameworks"

DRILLS: tuple[Drill, ...] = get_args(Drill)


@dataclass(frozen=True, slots=True)
class Step:
    """One step as its framework calls it.

    stage: the canonical stage it belongs to. minutes: its share of the reference interview.
    covers: what to say in it, in the framework's spirit and our words.
    """

    name: str
    stage: Stage
    minutes: float
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A step's place in a session of a certain length; start and seconds on the session's clock."""

    stage: Stage
    name: str
    start: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Framework:
    """A way to structure the interview.

    source: the document it comes from. note: what that document leaves open and how it was filled.
    reference_minutes: length of the interview that the steps' minutes add up to.
    expects: for each level the topics a good answer covers, the most important first.
    drill: what alone is practised of it; None for all of it.
    """

    id: str
    name: str
    source: str
    reference_minutes: float
    steps: tuple[Step, ...]
    expects: Mapping[Level, tuple[Topic, ...]]
    note: str
    drill: Drill | None = None

    def plan(self, seconds: float) -> tuple[PlannedStage, ...]:
        """One planned stage per step, in order, filling a session of so many seconds without gaps.

        Every step keeps its share of the reference interview. Raises `UnusableLength` unless 0 < seconds < infinity.
        """
        if not (math.isfinite(seconds) and seconds > 0):
            raise UnusableLength(seconds)
        shares = accumulate((step.minutes for step in self.steps), initial=0.0)
        edges = [seconds * share / self.reference_minutes for share in shares]
        edges[-1] = seconds
        return tuple(
            PlannedStage(step.stage, step.name, start, end - start)
            for step, (start, end) in zip(self.steps, pairwise(edges), strict=True)
        )

    def planned_seconds(self, stage: Stage, seconds: float) -> float:
        """Time for a canonical stage, all its steps together, in a session of so many seconds."""
        return sum(planned.seconds for planned in self.plan(seconds) if planned.stage == stage)


class UnusableLength(UserError):
    """A session length that no plan fits."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"A session of {seconds / 60:g} minutes cannot be planned", "Give a length above zero minutes")


class UnknownFramework(UserError):
    """A framework id that does not exist."""

    def __init__(self, id: str, known: Mapping[str, Framework]) -> None:
        super().__init__(f"There is no framework {id!r}", f"Choose one of {', '.join(known)}")


@cache
def load_frameworks(folder: Path = FOLDER) -> Mapping[str, Framework]:
    """All frameworks by id. Raises `BrokenFile` naming the file, key and line of whatever is wrong."""
    frameworks = (_framework(table) for table in read_folder(folder))
    return {framework.id: framework for framework in frameworks}


def get_framework(id: str) -> Framework:
    """The framework with this id; "six-stage:data" is the drill of its data stage, "six-stage:probes" that of questions.

    Raises `UnknownFramework`, which lists the ids.
    """
    known = load_frameworks()
    name, _, drill = id.partition(":")
    if name not in known:
        raise UnknownFramework(id, known)
    return known[name] if name == id else _drill(known[name], id, drill)


def _drill(whole: Framework, id: str, name: str) -> Framework:
    drill = next((drill for drill in DRILLS if drill == name), None)
    steps = tuple(step for step in whole.steps if drill in (step.stage, "probes"))
    if drill is None or not steps:
        raise UnknownFramework(id, load_frameworks())
    called = "questions" if drill == "probes" else steps[0].name
    minutes = sum(step.minutes for step in steps)
    return replace(whole, id=id, name=f"{whole.name}: {called}", reference_minutes=minutes, steps=steps, drill=drill)


def _framework(table: Table) -> Framework:
    table.only("id", "name", "source", "reference_minutes", "steps", "expects", "note")
    reference_minutes = table.number("reference_minutes", above=0)
    steps = tuple(_step(step) for step in table.tables("steps"))
    total = sum(step.minutes for step in steps)
    if not math.isclose(total, reference_minutes):
        raise table.broken("reference_minutes", f"is {reference_minutes:g}, but the steps add up to {total:g}")
    return Framework(
        id=table.text("id"),
        name=table.text("name"),
        source=table.text("source"),
        reference_minutes=reference_minutes,
        steps=steps,
        expects=_expects(table.table("expects")),
        note=table.text("note"),
    )


def _step(table: Table) -> Step:
    table.only("name", "stage", "minutes", "covers")
    return Step(
        name=table.text("name"),
        stage=table.choice("stage", STAGES),
        minutes=table.number("minutes", above=0),
        covers=table.texts("covers"),
    )


def _expects(table: Table) -> Mapping[Level, tuple[Topic, ...]]:
    table.only(*LEVELS)
    return {level: table.choices(level, TOPICS) for level in LEVELS}
