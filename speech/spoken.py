"""What a voice returns and what every voice has in common."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from prompts.errors import UserError

_QUIETEST_PEAK = 500
_SHORTEST_SECONDS_A_WORD = 0.02
_LONGEST_SECONDS = 2.0
_LONGEST_SECONDS_A_LETTER = 0.4


class VoiceFailed(UserError):
    """A voice that could not say a text, or said nothing while claiming success."""


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """A prompt as sound.

    samples: int16 mono. sample_rate: samples per second, whatever the voice makes.
    """

    samples: npt.NDArray[np.int16]
    sample_rate: int

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.samples) / self.sample_rate


class Voice(Protocol):
    """Something that turns text into sound.

    name: what a person selects it by. identity: everything besides the text that decides the sound (engine,
    version, voice, speed), the key under which the sound may be kept.
    """

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str: ...

    def render(self, text: str) -> Spoken:
        """The text as sound. Raises VoiceFailed."""
        ...


def flaw_of(spoken: Spoken, text: str) -> str | None:
    """Why a rendering cannot be the whole text, or None.

    Engines report success for files that are empty, cut short, silent or at a wrong rate, so the sound itself is looked
    at: no speech is shorter than 20 ms a word or longer than 0.4 s a letter, and none stays under 1.5 % of full scale.
    """
    shortest = _SHORTEST_SECONDS_A_WORD * max(1, len(text.split()))
    if spoken.sample_rate <= 0 or spoken.seconds < shortest:
        return f"only {len(spoken.samples)} samples came back"
    if spoken.seconds > _LONGEST_SECONDS + _LONGEST_SECONDS_A_LETTER * len(text):
        return f"{spoken.seconds:.0f} s of sound came back"
    if int(np.abs(spoken.samples.astype(np.int32)).max()) < _QUIETEST_PEAK:
        return "the sound is silent"
    return None


def joined(pieces: list[Spoken], pause_seconds: float = 0.15) -> Spoken:
    """Pieces of one prompt one after the other, all at the first one's rate, with a short pause between them."""
    rate = pieces[0].sample_rate
    pause = np.zeros(int(pause_seconds * rate), np.int16)
    parts = [part for piece in pieces for part in (piece.samples, pause)]
    return Spoken(np.concatenate(parts[:-1]), rate)
