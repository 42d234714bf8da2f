"""Everything that is wrong with a problem file, at once, and what would make a usable one better."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from prompts.problems import FACT_KEYS, FOLDER, KEYS, Problem, check_own_name, read_problem
from prompts.reader import BrokenFile, Table, read_toml
from prompts.vocabulary import LEVELS, STAGES

_FACTS = 15
_WORDINGS = 3
_PROBES = 3
_MISTAKES = 4
_TERMS = 15
_PROMPT_WORDS = 45
_PROMPT_SENTENCES = 3
_SPOKEN_WORDS = 50
_NOT_FOR_THE_EAR = re.compile(r"[%$/&<>#*_(){}\[\]]|\b\d+\b")


@dataclass(frozen=True, slots=True)
class Checked:
    """mistakes: why the file cannot be used, each with line and key. advice: what it lacks beside the bank's problems."""

    mistakes: tuple[str, ...]
    advice: tuple[str, ...]


def check_problem(file: Path) -> Checked:
    """Check one file. Never raises."""
    try:
        table = read_toml(file)
    except BrokenFile as error:
        return Checked((error.mistake,), ())
    mistakes = tuple(dict.fromkeys(error.mistake for error in _mistakes(table)))
    return Checked(mistakes, () if mistakes else tuple(_advice(read_problem(table))))


def _mistakes(table: Table) -> Iterator[BrokenFile]:
    yield from table.unknown(*KEYS)
    if table.file.parent != FOLDER:
        yield from _failing(check_own_name, table)
    for name in ("id", "title", "family", "prompt", "change"):
        yield from _failing(table.text, name)
    for name in ("mistakes", "vocabulary"):
        yield from _failing(table.texts, name)
    yield from _failing(table.tables, "facts")
    yield from _in_facts(table)
    yield from _in_table(table, "probes", STAGES, Table.texts, optional="wrap_up")
    yield from _in_table(table, "strong", LEVELS, Table.text)
    # Whatever reading minds and was not looked at above.
    yield from _failing(read_problem, table)


def _in_facts(table: Table) -> Iterator[BrokenFile]:
    written = table.entries.get("facts")
    for position, entry in enumerate(written if isinstance(written, list) else ()):
        if not isinstance(entry, dict):
            yield table.broken(f"facts[{position}]", "must be a table")
            continue
        fact = Table(table.file, table.source, f"facts[{position}]", entry)
        yield from fact.unknown(*FACT_KEYS)
        yield from _failing(fact.text, "id")
        yield from _failing(fact.texts, "ask")
        yield from _failing(fact.text, "answer")


def _in_table(
    table: Table, name: str, keys: tuple[str, ...], read: Callable[[Table, str], object], optional: str = ""
) -> Iterator[BrokenFile]:
    if not isinstance(table.entries.get(name), dict):
        yield from _failing(table.table, name)
        return
    inner = table.table(name)
    yield from inner.unknown(*keys)
    for key in keys:
        if key != optional or key in inner.entries:
            yield from _failing(read, inner, key)


def _failing(step: Callable[..., object], *given: object) -> Iterator[BrokenFile]:
    try:
        step(*given)
    except BrokenFile as error:
        yield error


def _advice(problem: Problem) -> Iterator[str]:
    words, sentences = len(problem.prompt.split()), len(re.findall(r"[.!?]+(?:\s|$)", problem.prompt))
    if words > _PROMPT_WORDS or sentences > _PROMPT_SENTENCES:
        yield f"prompt: {words} words in {sentences} sentences; at most {_PROMPT_WORDS} in {_PROMPT_SENTENCES} can be kept in mind"
    yield from _about_facts(problem)
    for stage in STAGES:
        if stage != "wrap_up" and len(problem.probes[stage]) < _PROBES:
            yield f"probes.{stage}: {len(problem.probes[stage])}; with {_PROBES} the interviewer need not repeat himself"
    if len({problem.strong[level] for level in LEVELS}) < len(LEVELS):
        yield "strong: two levels are described by the same text"
    if len(problem.mistakes) < _MISTAKES:
        yield f"mistakes: {len(problem.mistakes)}; most problems have {_MISTAKES} and more"
    if len(problem.vocabulary) < _TERMS:
        yield f"vocabulary: {len(problem.vocabulary)} terms; with {_TERMS} and more, more of them are recognised"
    for term in _twice(term.lower() for term in problem.vocabulary):
        yield f"vocabulary: {term!r} is there more than once"
    yield from _about_speech(problem)


def _about_facts(problem: Problem) -> Iterator[str]:
    if len(problem.facts) < _FACTS:
        yield f"facts: {len(problem.facts)}; with {_FACTS} and more, few questions are handed back"
    if "goal" not in {fact.id for fact in problem.facts}:
        yield "facts: none is called goal, and everybody asks for the goal"
    for fact in problem.facts:
        if len(fact.ask) < _WORDINGS:
            yield f"facts, {fact.id}: {len(fact.ask)} wordings in ask; with {_WORDINGS} and more it is found more surely"
    for question in _twice(wording.lower() for fact in problem.facts for wording in fact.ask):
        yield f"facts: {question!r} is asked for by two of them, and answered by neither"


def _about_speech(problem: Problem) -> Iterator[str]:
    spoken = [("prompt", problem.prompt), ("change", problem.change)]
    spoken += [(f"facts, {fact.id}", fact.answer) for fact in problem.facts]
    spoken += [(f"probes.{stage}", probe) for stage, probes in problem.probes.items() for probe in probes]
    for where, text in spoken:
        if len(text.split()) > _SPOKEN_WORDS:
            yield f"{where}: {len(text.split())} words are long to listen to"
        if text[-1] not in ".?!":
            yield f"{where}: ends without a full stop or question mark, and is spoken as if it went on"
        if found := _NOT_FOR_THE_EAR.search(text):
            yield f"{where}: {found.group()!r} is for the eye; write it as it is said"


def _twice(texts: Iterator[str]) -> list[str]:
    return [text for text, times in Counter(texts).items() if times > 1]
