"""What was said: the types that speech produces and analysis reads. Imports nothing heavy."""

from dataclasses import dataclass
from typing import Literal

Speaker = Literal["candidate", "interviewer"]


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word.

    start, end: seconds since the session's start. probability: the recogniser's, 0 to 1.
    """

    start: float
    end: float
    text: str
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """One sentence-like stretch of one speaker.

    id: position in the session. start, end: seconds since the session's start.
    words: word timestamps, empty where the source has none.
    """

    id: int
    start: float
    end: float
    speaker: Speaker
    text: str
    words: tuple[Word, ...] = ()
