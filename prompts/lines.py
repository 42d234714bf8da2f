"""What the interviewer says besides the problem itself: several wordings for each occasion.

The wordings are `str.format` templates. Fields: {minutes} whole minutes, {prompt} the problem as read out,
{stage} the name of a step as its framework calls it, {fact} what the interviewer has said already.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter

from prompts.reader import Table, read_toml

FILE = Path(__file__).parent / "lines.toml"

FIELDS: Mapping[str, frozenset[str]] = {
    "greeting": frozenset({"minutes", "prompt"}),
    "greeting_stage": frozenset({"minutes", "prompt", "stage"}),
    "greeting_probes": frozenset({"minutes", "prompt"}),
    "next_question": frozenset(),
    "out_of_time": frozenset(),
    "premature_modeling": frozenset({"stage"}),
    "stage_ending": frozenset({"stage"}),
    "five_minutes": frozenset(),
    "one_minute": frozenset(),
    "time_up": frozenset(),
    "monologue": frozenset(),
    "stuck": frozenset(),
    "still_there": frozenset(),
    "early": frozenset({"minutes"}),
    "your_call": frozenset(),
    "the_other": frozenset(),
    "again": frozenset({"fact"}),
    "assume": frozenset(),
    "go_on": frozenset(),
    "about_work": frozenset(),
    "wrap_up": frozenset(),
}
"""The occasions, and the fields that every wording for one must hold.

`premature_modeling` names the step to return to, `stage_ending` the step to go on to.
"""


@cache
def load_lines(file: Path = FILE) -> Mapping[str, tuple[str, ...]]:
    """The wordings for each occasion. Raises `BrokenFile`, also for a missing or unknown template field."""
    table = read_toml(file)
    table.only(*FIELDS)
    return {occasion: _wordings(table, occasion, fields) for occasion, fields in FIELDS.items()}


def _wordings(table: Table, occasion: str, fields: frozenset[str]) -> tuple[str, ...]:
    wordings = table.texts(occasion)
    for position, wording in enumerate(wordings):
        try:
            used = {field for _, field, _, _ in Formatter().parse(wording) if field is not None}
        except ValueError as error:
            raise table.broken(f"{occasion}[{position}]", f"is not a template: {error}") from error
        if used != fields:
            expected = ", ".join(f"{{{field}}}" for field in sorted(fields)) or "none"
            raise table.broken(f"{occasion}[{position}]", f"must hold exactly these fields: {expected}")
    return wordings
