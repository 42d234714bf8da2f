"""The engines that can speak: pyttsx3 in a child process, the espeak-ng command, and hibari where installed."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import wave
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from speech.lexicon import split_for_voice, spoken_form
from speech.spoken import Spoken, VoiceFailed, flaw_of, joined

_ENGLISH = re.compile(r"^\W*en(?![a-z])", re.IGNORECASE)
_INSTALL = "Install espeak-ng (Debian and Ubuntu: apt install espeak-ng), or go on with prompts on the screen"


def read_wav(path: Path) -> Spoken:
    """A 16-bit mono WAV file as sound. Raises wave.Error, EOFError or OSError for anything else."""
    with wave.open(str(path)) as file:
        if file.getsampwidth() != 2 or file.getnchannels() != 1:
            raise wave.Error("not 16-bit mono")
        data = file.readframes(file.getnframes())
    return Spoken(np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16), file.getframerate())


def _render_by_process(engine: str, text: str, start: Callable[[str, Path], None], attempts: int) -> Spoken:
    """Have each piece of the text written to a private file by `start(piece, file)`, check it, join the pieces."""
    pieces = split_for_voice(spoken_form(text))
    if not pieces:
        raise VoiceFailed(f"{engine} was given nothing to say", "Give it a text")
    done: list[Spoken] = []
    for piece in pieces:
        why = "it was not started"
        for _ in range(attempts):
            with tempfile.TemporaryDirectory(prefix="viva-voice-") as folder:
                file = Path(folder, "prompt.wav")
                try:
                    start(piece, file)
                    spoken = read_wav(file)
                except subprocess.TimeoutExpired as error:
                    # Who once says nothing is not waited for twice.
                    raise VoiceFailed(
                        f"The voice {engine} failed: no answer in {error.timeout:g} s", _INSTALL
                    ) from error
                except subprocess.CalledProcessError as error:
                    # A library that ends the process leaves nothing but its last words.
                    last_words = str(error.stderr or "").strip().splitlines()[-1:]
                    why = last_words[0][:200] if last_words else f"it ended with status {error.returncode}"
                except (OSError, EOFError, wave.Error) as error:
                    why = str(error) or type(error).__name__
                else:
                    flaw = flaw_of(spoken, piece)
                    if flaw is None:
                        done.append(spoken)
                        break
                    why = flaw
        else:
            raise VoiceFailed(f"The voice {engine} failed: {why.rstrip('.! ')}", _INSTALL)
    return joined(done)


class Pyttsx3Voice:
    """The system's voice by way of pyttsx3, rendered in a child process for each piece of text.

    words_per_minute: speaking rate. voice: the engine's voice id; None takes American English on espeak and the
    system's own elsewhere. seconds: patience with one child before it is killed. command: what to start as child.
    """

    name = "pyttsx3"

    def __init__(
        self,
        words_per_minute: int = 170,
        voice: str | None = None,
        seconds: float = 10.0,
        command: Sequence[str] = (sys.executable, "-P", str(Path(__file__).with_name("voice_child.py"))),
    ) -> None:
        self._rate = words_per_minute
        self._voice = voice or ("gmw/en-us" if sys.platform.startswith("linux") else None)
        self._seconds = seconds
        self._command = tuple(command)

    @property
    def identity(self) -> str:
        """Engine, version, voice and speed."""
        return f"pyttsx3 {metadata.version('pyttsx3')} {sys.platform} {self._voice} {self._rate}"

    def render(self, text: str) -> Spoken:
        """The text as sound; a child that crashes or writes silence gets one more try. Raises VoiceFailed."""
        return _render_by_process(self.name, text, self._render_piece, attempts=2)

    def _render_piece(self, piece: str, file: Path) -> None:
        request = {"text": piece, "file": str(file), "seconds": self._seconds, "voice": self._voice, "rate": self._rate}
        subprocess.run(
            self._command, input=json.dumps(request), capture_output=True, text=True, timeout=self._seconds, check=True
        )


class EspeakCommandVoice:
    """The espeak-ng program, for when pyttsx3 fails.

    words_per_minute, seconds: as for Pyttsx3Voice. program: name or path.
    """

    name = "espeak-ng"

    def __init__(self, words_per_minute: int = 170, seconds: float = 10.0, program: str = "espeak-ng") -> None:
        self._rate = words_per_minute
        self._seconds = seconds
        self._program = program

    @property
    def identity(self) -> str:
        """Engine, voice and speed."""
        return f"espeak-ng {self._program} en-us {self._rate}"

    def render(self, text: str) -> Spoken:
        """The text as sound. Raises VoiceFailed."""
        return _render_by_process(self.name, text, self._render_piece, attempts=2)

    def _render_piece(self, piece: str, file: Path) -> None:
        # A file, not --stdout, whose header lies about the length; and text on stdin, which cannot look like an option.
        subprocess.run(
            [self._program, "--stdin", "-v", "en-us", "-s", str(self._rate), "-w", str(file)],
            input=piece,
            capture_output=True,
            text=True,
            timeout=self._seconds,
            check=True,
        )


class HibariVoice:
    """A natural voice, in this process, where the package hibari-tts is installed (`pip install vivavoce[voice]`).

    speed: 1.0 is the voice's own pace. seed: fixes its noise, so that one text is always the same sound.
    """

    name = "hibari"

    def __init__(self, speed: float = 1.0, seed: int = 0) -> None:
        self._speed = speed
        self._seed = seed
        self._engine: Any = None
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        """Engine, version, voice and speed."""
        return f"hibari {metadata.version('hibari-tts')} heart {self._speed} {self._seed}"

    def render(self, text: str) -> Spoken:
        """The text as sound at 24 kHz. Raises VoiceFailed."""
        said = spoken_form(text)
        try:
            with self._lock:
                if self._engine is None:
                    from hibari import Hibari  # type: ignore[import-untyped,import-not-found,unused-ignore]

                    # The one voice inside the package; any other would be downloaded.
                    self._engine = Hibari(voice="heart")
                sound = self._engine(said, speed=self._speed, seed=self._seed)
        except Exception as error:
            raise VoiceFailed(f"The voice hibari failed: {type(error).__name__}: {error}", _INSTALL) from error
        spoken = Spoken((np.clip(sound, -1, 1) * 32767).astype(np.int16), self._engine.sample_rate)
        flaw = flaw_of(spoken, said)
        if flaw:
            raise VoiceFailed(f"The voice hibari failed: {flaw}", _INSTALL)
        return spoken


def installed() -> list[str]:
    """Names of the engines this machine has, best first."""
    present = {
        HibariVoice.name: importlib.util.find_spec("hibari") is not None,
        Pyttsx3Voice.name: importlib.util.find_spec("pyttsx3") is not None,
        EspeakCommandVoice.name: shutil.which("espeak-ng") is not None,
    }
    return [name for name, there in present.items() if there]


def voice_names() -> list[str]:
    """What `speech.voice.choose_voices` knows on this machine: engines, and those of the system's voices that speak English."""
    names: list[str] = []
    for engine in installed():
        if engine == Pyttsx3Voice.name and (voices := _english_voices()):
            names += [f"{engine}:{voice}" for voice in voices]
        else:
            names.append(engine)
    return names


def _english_voices() -> list[str]:
    """Ids of pyttsx3's voices that speak English, or do not say what they speak; none where it cannot be asked."""
    child = [sys.executable, "-P", str(Path(__file__).with_name("voice_child.py"))]
    try:
        done = subprocess.run(
            child, input=json.dumps({"list": True}), capture_output=True, text=True, timeout=10.0, check=True
        )
        voices = json.loads(done.stdout.strip().splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return []
    return [id for id, languages in voices if not languages or any(map(_ENGLISH.search, languages))]
