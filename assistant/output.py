"""Where a command's result goes: standard output, or a file that is there whole or not at all."""

import os
import sys
from pathlib import Path

from prompts.errors import UserError


class OutputUnwritable(UserError):
    """A file or stream that cannot be written."""

    def __init__(self, where: str, error: OSError) -> None:
        super().__init__(
            f"{where} cannot be written ({error.strerror or error})", "Free some space or choose another place"
        )


def check_writable(path: Path) -> None:
    """Refuse a hopeless path before the work whose result it is for. Raises OutputUnwritable."""
    if path.is_dir():
        raise OutputUnwritable(str(path), IsADirectoryError(0, "it is a folder"))
    if not path.parent.is_dir():
        raise OutputUnwritable(str(path), FileNotFoundError(0, "its folder does not exist"))
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise OutputUnwritable(str(path), PermissionError(0, "no permission"))


def write_file(path: Path, text: str) -> None:
    """Write a file; a failure leaves what was there before. Raises OutputUnwritable."""
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            # A device or pipe cannot be replaced, only written to.
            target.write_text(text, encoding="utf-8")
            return
        new = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with new.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            new.replace(target)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise OutputUnwritable(str(path), error) from error


def write_standard(text: str) -> None:
    """Write to standard output, at once. Raises OutputUnwritable; BrokenPipeError when nobody reads any more."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputUnwritable("Standard output", error) from error
