"""Prompts that were spoken before, kept as WAV files so that the next time is instant."""

import contextlib
import hashlib
import io
import wave
from pathlib import Path

import platformdirs

from models.whole_file import write_whole
from speech.lexicon import spoken_form
from speech.spoken import Spoken, Voice, flaw_of
from speech.voice_engines import read_wav


class CachedVoice:
    """A voice that renders each text once.

    The file's name is a hash of the voice's identity and the text as spoken, so a changed lexicon, engine version or
    speed makes a new file. A cache that cannot be read or written only costs time.
    voice: the one that renders. folder: where the files go; default: the platform's cache folder.
    """

    def __init__(self, voice: Voice, folder: Path | None = None) -> None:
        self._voice = voice
        self._folder = folder or Path(platformdirs.user_cache_dir("vivavoce", appauthor=False), "voice")

    @property
    def name(self) -> str:
        """The rendering voice's name."""
        return self._voice.name

    @property
    def identity(self) -> str:
        """The rendering voice's identity."""
        return self._voice.identity

    def render(self, text: str) -> Spoken:
        """The text as sound. Raises VoiceFailed."""
        said = spoken_form(text)
        key = hashlib.sha256(f"{self.identity}\n{said}".encode()).hexdigest()
        path = self._folder / f"{key}.wav"
        with contextlib.suppress(OSError, EOFError, wave.Error):
            kept = read_wav(path)
            if flaw_of(kept, said) is None:
                return kept
        spoken = self._voice.render(text)
        with contextlib.suppress(OSError):
            self._keep(spoken, path)
        return spoken

    def _keep(self, spoken: Spoken, path: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        data = io.BytesIO()
        with wave.open(data, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(spoken.sample_rate)
            file.writeframes(spoken.samples.astype("<i2").tobytes())
        write_whole(path, data.getvalue())
