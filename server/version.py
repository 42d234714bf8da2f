"""The version of the installed program."""

from functools import cache
from importlib import metadata


@cache
def version() -> str:
    """As in pyproject.toml; `0+source` where the program runs without being installed."""
    try:
        return metadata.version("vivavoce")
    except metadata.PackageNotFoundError:
        return "0+source"
