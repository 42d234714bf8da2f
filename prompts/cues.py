"""What the candidate says that the interviewer goes by, as phrases."""

import re
from functools import cache
from pathlib import Path

from prompts.reader import read_toml

FILE = Path(__file__).parent / "cues.toml"


def says_closing(text: str) -> bool:
    """Whether somebody comes to the end of the design."""
    return _closing().search(_plain(text)) is not None


@cache
def _closing(file: Path = FILE) -> re.Pattern[str]:
    """Raises `BrokenFile`."""
    table = read_toml(file)
    table.only("closing")
    # "I think that's it for the data" ends a part, not the design.
    return re.compile(rf" (?:{'|'.join(map(re.escape, table.texts('closing')))}) (?!for )")


def _plain(text: str) -> str:
    """The words alone, one space around each; apostrophes within words stay."""
    words = re.findall(r"[\w']+", text.lower().replace("’", "'"))
    return f" {' '.join(words)} "
