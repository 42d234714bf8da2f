"""Whether a practice session would work on this machine, and what to do where it would not."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speech.devices import Check

_ESSENTIAL = ("data folder", "disk space", "weights base", "weights minilm")
"""Without these no session runs. Without microphone, loudspeaker, voice or grammar it runs in a lesser way."""


def examine(data_dir: Path | None) -> Iterator["Check"]:
    """All checks, one after the other; those of the sound make sound and take seconds.

    data_dir: the user's own choice of folder, as for `assistant.settings.data_dir`.
    """
    from assistant import settings
    from assistant.preferences import Preferences, load_preferences
    from models.manifest import default_weights
    from prompts.errors import UserError
    from speech.devices import Check, check_loudspeaker, check_microphone, check_voice

    yield from _check_data(data_dir)
    for id in default_weights():
        yield _check_weights(id)
    preferences = Preferences()
    try:
        preferences = load_preferences(settings.data_dir(data_dir))
    except UserError as error:
        if not isinstance(error, settings.DataFolderUnusable):
            yield Check("settings", False, error.what, error.fix)
    yield check_voice(preferences.voice)
    yield check_loudspeaker(preferences.loudspeaker)
    yield check_microphone(device=preferences.microphone)


def can_practice(checks: list["Check"]) -> bool:
    """Whether a session can run at all, be it typed and silent."""
    return all(check.ok for check in checks if check.name in _ESSENTIAL)


def _check_data(chosen: Path | None) -> Iterator["Check"]:
    from assistant.settings import DataFolderUnusable, data_dir
    from speech.devices import Check
    from speech.recorder import MIN_FREE_BYTES

    try:
        folder = data_dir(chosen)
    except DataFolderUnusable as error:
        yield Check("data folder", False, error.what, error.fix)
        return
    yield Check("data folder", True, str(folder))
    free = shutil.disk_usage(folder).free
    room = f"{free / 1e9:,.1f} GB free"
    if free < MIN_FREE_BYTES:
        yield Check("disk space", False, room, f"Free {MIN_FREE_BYTES / 1e6:.0f} MB: no session begins with less")
    else:
        yield Check("disk space", True, room)


def _check_weights(id: str) -> "Check":
    from models.store import WeightsDamaged, WeightsMissing, locate
    from speech.devices import Check

    try:
        return Check(f"weights {id}", True, str(locate(id)))
    except (WeightsMissing, WeightsDamaged) as error:
        return Check(f"weights {id}", False, error.what, error.fix)
