"""What a user chose once and for all: voice, microphone and loudspeaker, in `settings.toml` in the data folder."""

import json
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from assistant.output import write_file
from prompts.errors import UserError

NAME = "settings.toml"


class BadSettings(UserError):
    """A settings file that is not as it should be."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(f"The settings in {path} cannot be read ({why})", "Correct them, or delete the file")


@dataclass(frozen=True, slots=True)
class Preferences:
    """voice: as for `speech.voice.choose_voices`. microphone, loudspeaker: as devices are named; None: the system's default."""

    voice: str = "auto"
    microphone: str | None = None
    loudspeaker: str | None = None


def load_preferences(folder: Path) -> Preferences:
    """The choices kept in a data folder; the defaults where there are none. Raises BadSettings."""
    path = folder / NAME
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValueError) as error:
        raise BadSettings(path, error) from error
    known = {field.name for field in fields(Preferences)}
    for name, value in found.items():
        if name not in known:
            raise BadSettings(path, f"{name} is none of {', '.join(sorted(known))}")
        if not isinstance(value, str) or not value:
            raise BadSettings(path, f"{name} is not a name in quotes")
    return Preferences(**found)


def save_preferences(folder: Path, preferences: Preferences) -> None:
    """Keep choices; those that are None are the default. Raises OutputUnwritable."""
    lines = [f"{name} = {_quoted(value)}\n" for name, value in asdict(preferences).items() if value is not None]
    write_file(folder / NAME, "".join(lines))


def _quoted(text: str) -> str:
    """A string of JSON is one of TOML, but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
