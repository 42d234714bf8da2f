"""Ids of sessions and analyses: they sort by time, fit into a path and a URL, and nobody can guess them."""

import re
import secrets
from datetime import datetime

from prompts.errors import UserError

_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4,16}")
_RANDOM_BYTES = 8
"""What cannot be guessed has 64 random bits (OWASP, Session Management)."""


class UnknownSession(UserError):
    """A session that does not exist, or an id that is none."""

    _what = "session"
    _fix = "`viva sessions` lists them all"

    def __init__(self, id: str) -> None:
        super().__init__(f"There is no {self._what} {id[:40]!r}", self._fix)


class UnknownAnalysis(UnknownSession):
    """The same of an analysis."""

    _what = "analysis"
    _fix = "It may have been deleted; send the recording or transcript again"


def make_id() -> str:
    """An id that in all likelihood nobody has."""
    return f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(_RANDOM_BYTES)}"


def is_id(text: str) -> bool:
    """Whether a text is an id, so that nothing else ever becomes part of a path."""
    return _ID.fullmatch(text) is not None


def checked(id: str, unknown: type[UnknownSession] = UnknownSession) -> str:
    """The id. Raises `unknown` for what is none."""
    if not is_id(id):
        raise unknown(id)
    return id
