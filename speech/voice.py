"""The interviewer's voice: which engine speaks, and what happens when it does not.

No engine is needed: a prompt that cannot be spoken is shown, and the session goes on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prompts.errors import UserError
from speech.spoken import Spoken, Voice, VoiceFailed
from speech.voice_cache import CachedVoice
from speech.voice_engines import EspeakCommandVoice, HibariVoice, Pyttsx3Voice, installed

__all__ = [
    "NO_VOICE",
    "CachedVoice",
    "EspeakCommandVoice",
    "HibariVoice",
    "Pyttsx3Voice",
    "Rendering",
    "Spoken",
    "Voice",
    "VoiceFailed",
    "choose_voice",
    "choose_voices",
    "render_with_fallback",
]

NO_VOICE = "No voice is installed, so prompts are shown, not spoken. To hear them: apt install espeak-ng"

_ENGINES: dict[str, Callable[[], Voice]] = {
    "hibari": HibariVoice,
    "pyttsx3": Pyttsx3Voice,
    "espeak-ng": EspeakCommandVoice,
}
_OF_THE_SYSTEM = "pyttsx3:"


@dataclass(frozen=True, slots=True)
class Rendering:
    """A prompt as sound, or the reason why there is none.

    spoken: None when every voice failed. voice: name of the one that spoke. reason: for the screen, whenever the
    preferred voice did not speak.
    """

    spoken: Spoken | None
    voice: str | None
    reason: str | None


def choose_voices(preference: str = "auto") -> tuple[Voice, ...]:
    """The installed voices in the order to try them; empty when none is (say NO_VOICE).

    preference: `auto` (a natural voice if installed, else pyttsx3, else espeak-ng), a voice's name, which then comes
    first, or `pyttsx3:` and the id of one of the system's voices. Raises UserError for a name that does not exist or is not
    installed.
    """
    present = installed()
    if preference.startswith(_OF_THE_SYSTEM) and "pyttsx3" in present:
        one = CachedVoice(Pyttsx3Voice(voice=preference.removeprefix(_OF_THE_SYSTEM)))
        return (one, *choose_voices())
    if preference != "auto" and preference not in present:
        known = preference in _ENGINES
        what = f"The voice '{preference}' is {'not installed' if known else 'unknown'}"
        raise UserError(what, f"Choose one of: {', '.join(['auto', *present])}")
    ordered = sorted(present, key=lambda name: name != preference)
    return tuple(CachedVoice(_ENGINES[name]()) for name in ordered)


def choose_voice(preference: str = "auto") -> Voice | None:
    """The voice to speak with, or None when none is installed; arguments and errors as for choose_voices."""
    return next(iter(choose_voices(preference)), None)


def render_with_fallback(voices: Sequence[Voice], text: str) -> Rendering:
    """The text by the first voice that manages; never raises, because a session must go on without sound."""
    failures: list[str] = []
    for voice in voices:
        try:
            spoken = voice.render(text)
        except VoiceFailed as error:
            failures.append(error.what)
        else:
            reason = f"{'; '.join(failures)}. Speaking with {voice.name}." if failures else None
            return Rendering(spoken, voice.name, reason)
    return Rendering(None, None, f"{'; '.join(failures)}. The prompt is shown instead." if failures else f"{NO_VOICE}.")
