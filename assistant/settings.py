"""Where a user's sessions are kept."""

import os
from pathlib import Path

from prompts.errors import UserError

VARIABLE = "VIVA_DATA_DIR"


class DataFolderUnusable(UserError):
    """The folder for sessions cannot be made or written."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"Sessions cannot be kept in {folder} ({why})",
            f"Choose a folder you may write with --data-dir or {VARIABLE}",
        )


def data_dir(override: Path | None = None) -> Path:
    """The folder for sessions, made readable by its owner alone when it is not there.

    override: the user's own choice; else the environment variable VIVA_DATA_DIR, else the platform's user data folder.
    Raises DataFolderUnusable, also for a folder that exists but cannot be written.
    """
    folder = chosen_folder(override)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Permission bits do not tell about read-only disks; only writing does.
        probe = folder / f".writable-{os.getpid()}"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as error:
        raise DataFolderUnusable(folder, error.strerror or "unknown error") from error
    return folder


def chosen_folder(override: Path | None = None) -> Path:
    """The same folder, whether it is there or not."""
    return (override or _default()).expanduser().absolute()


def _default() -> Path:
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen)
    import platformdirs

    return platformdirs.user_data_path("vivavoce", appauthor=False)
