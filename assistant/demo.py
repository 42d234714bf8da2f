"""The whole way on a recorded answer, unattended: `make demo`, or `python -m assistant.demo`.

The prompt is synthesized by pyttsx3 and, where there is a loudspeaker, played; the recording goes the way a
microphone's sound goes; Whisper writes it down; the report is printed and kept in demo-report/.
"""

import re
import sys
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path

from analysis.render import Format, render
from analysis.report import Report
from assistant.live_state import LiveState, View
from assistant.practice import ending_gracefully, load_recogniser
from assistant.runner import SessionRunner
from assistant.session_setup import SessionSetup
from assistant.sources import FileSource
from assistant.store import Store
from prompts.errors import UserError
from prompts.vocabulary import LEVELS
from speech.spoken import Spoken, Voice
from speech.voice import choose_voices

RECORDING = Path(__file__).parents[1] / "demo" / "answer.opus"
FOLDER = Path("demo-report")
_ENDINGS: dict[Format, str] = {"html": "html", "markdown": "md", "json": "json", "text": "txt"}


class KeepingVoice:
    """A voice whose last line is kept as a WAV file. voice: the one that speaks. path: the file."""

    def __init__(self, voice: Voice, path: Path) -> None:
        self._voice = voice
        self._path = path

    @property
    def name(self) -> str:
        """The speaking voice's name."""
        return self._voice.name

    @property
    def identity(self) -> str:
        """The speaking voice's identity."""
        return self._voice.identity

    def render(self, text: str) -> Spoken:
        """The text as sound, now also in the file. Raises VoiceFailed."""
        spoken = self._voice.render(text)
        with wave.open(str(self._path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(spoken.sample_rate)
            file.writeframes(spoken.samples.astype("<i2").tobytes())
        return spoken


class _Lines:
    """Shows the session as lines: what the interviewer says, and, behind a mark, every stretch of what is heard."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._shown = ""

    def tick(self, state: LiveState) -> None:
        if state.last_words != self._shown:
            self._shown = state.last_words
            self._say(f"> {state.last_words}")

    def line(self, text: str) -> None:
        self._say(text)


def setup_of(script: Path) -> SessionSetup:
    """What the recording's script says, in the comment it begins with, about problem, framework, minutes and level."""
    lines = script.read_text(encoding="utf-8").splitlines()
    header = " ".join(line.removeprefix("#").strip() for line in lines if line.startswith("#"))
    found = re.search(r"Problem: (\S+).*?Framework: ([\w-]+).*?Planned: ([\d.]+) minutes, level (\w+)", header)
    level = next((level for level in LEVELS if found and level == found[4]), None)
    if found is None or level is None:
        raise UserError(f"{script} does not say what is practised in the recording", "Restore the file")
    return SessionSetup(found[1], found[2], level, 60 * float(found[3]))


def run(folder: Path = FOLDER, say: Callable[[str], None] = print, view: View | None = None) -> Report:
    """Run the demonstration and keep its report.

    folder: for the report, made if needed. say: takes what is printed. view: shows the session; default: as lines.
    Raises UserError.
    """
    if not RECORDING.is_file():
        raise UserError(f"The demonstration's recording {RECORDING} is missing", "Run it from a copy of the repository")
    setup = setup_of(RECORDING.with_name("script.txt"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be made ({error.strerror})", "Run it in a folder you may write") from error
    try:
        voices = choose_voices("pyttsx3")
    except UserError:
        voices = choose_voices()
    say("Loading the speech recogniser")
    transcriber = load_recogniser(setup.problem)
    with tempfile.TemporaryDirectory(prefix="viva-demo-") as data:
        runner = SessionRunner(
            Store(Path(data)),
            setup,
            FileSource(RECORDING, fast=True),
            transcriber,
            [KeepingVoice(voice, folder / "prompt.wav") for voice in voices],
            view or _Lines(say),
        )
        with ending_gracefully(runner):
            report = runner.run()
    try:
        for form, ending in _ENDINGS.items():
            (folder / f"report.{ending}").write_text(render(report, form), encoding="utf-8")
    except OSError as error:
        raise UserError(f"The report cannot be written to {folder} ({error.strerror})", "Free some space") from error
    say("")
    say(render(report, "text"))
    say(f"The report is in {folder}/report.html (also .md, .json, .txt), the prompt as spoken in {folder}/prompt.wav")
    return report


def main() -> int:
    """Run the demonstration; 0 done, 1 failed with one line on stderr, 130 interrupted."""
    try:
        run(say=lambda text: print(text, flush=True))
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
