"""What people hand over to be judged: a recording or a transcript, told apart by what is in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from analysis.report import Report, SessionFacts
from prompts.errors import UserError
from prompts.vocabulary import Level
from speech.transcript import Utterance

Progress = Callable[[float, float | None], None]
"""Told the seconds of sound that are done, and the recording's length where the file claims one."""

_TRANSCRIPT_ENDINGS = frozenset({".json", ".srt", ".txt", ".vtt"})
_SOUND_ENDINGS = frozenset(
    [
        ".aac",
        ".aif",
        ".aiff",
        ".au",
        ".caf",
        ".flac",
        ".m4a",
        ".mkv",
        ".mov",
        ".mp3",
        ".mp4",
        ".oga",
        ".ogg",
        ".opus",
        ".wav",
        ".webm",
        ".wma",
    ]
)
_HEAD_BYTES = 4096


class FileUnreadable(UserError):
    """A path that is no readable file."""


class NoSpeech(UserError):
    """A file in which nobody says anything, so that there is nothing to judge."""


class NotARecogniser(UserError):
    """Weights that exist but do not recognise speech."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A file's utterances, its length in seconds, and remarks about it."""

    utterances: tuple[Utterance, ...]
    seconds: float
    notes: tuple[str, ...]


def analyze_file(
    path: Path,
    problem: str | None,
    framework: str,
    level: Level,
    planned_seconds: float,
    model_id: str,
    progress: Progress,
) -> Report:
    """Judge a recording or a transcript.

    problem, framework: ids. planned_seconds: what the talk is judged by. model_id: the recogniser's, for recordings.
    Raises UserError: for the file, unknown ids, weights that are missing, and a file without speech (NoSpeech).
    """
    from analysis.analyzer import analyze
    from models.store import locate
    from prompts.frameworks import get_framework
    from prompts.problems import get_problem

    # All that can be wrong is looked at before minutes are spent on listening.
    get_framework(framework).plan(planned_seconds)
    hotwords = get_problem(problem).vocabulary if problem else ()
    transcript = is_transcript(path)
    locate("minilm")
    heard = read_transcript(path) if transcript else transcribe(path, model_id, hotwords, progress)
    if not heard.utterances:
        fix = (
            "Give one with utterances in it"
            if transcript
            else "Listen to it, and try the microphone with `viva doctor`"
        )
        raise NoSpeech(f"Nobody says anything in {path.name}", fix)
    facts = SessionFacts(path.name, problem, framework, level, planned_seconds, heard.seconds)
    return analyze(heard.utterances, facts, heard.notes)


def is_transcript(path: Path) -> bool:
    """Whether a file holds text rather than sound; its name only decides what its content leaves open.

    Raises FileUnreadable.
    """
    head = _read(path, _HEAD_BYTES)
    ending = path.suffix.lower()
    if _is_text(head):
        # Text that is called a recording is a broken recording, such as an error page saved as one.
        return ending not in _SOUND_ENDINGS
    # Text in another encoding is better refused as a transcript than as a recording.
    return ending in _TRANSCRIPT_ENDINGS and not _is_audio(path)


def read_transcript(path: Path) -> Heard:
    """Read a transcript in any known format. Raises FileUnreadable, BadTranscript."""
    from analysis.transcript_formats import LONGEST_TRANSCRIPT_BYTES, parse_transcript

    transcript = parse_transcript(_read(path, LONGEST_TRANSCRIPT_BYTES + 1), path.name)
    seconds = max((utterance.end for utterance in transcript.utterances), default=0.0)
    return Heard(transcript.utterances, seconds, transcript.notes)


def transcribe(path: Path, model_id: str, hotwords: Sequence[str], progress: Progress) -> Heard:
    """Recognise the speech in a recording, piece by piece, so that its length costs no memory.

    model_id: weights of kind whisper. hotwords: terms likely to be said.
    Raises FileUnreadable, UndecodableAudio, UnknownWeight, NotARecogniser, WeightsMissing, WeightsDamaged.
    """
    from analysis.utterances import utterances_from_words
    from speech.decode import Decoding, iter_frames
    from speech.transcriber import Transcriber, transcribe_file

    check_recogniser(model_id)
    found = Decoding()
    frames = iter_frames(path, found=found)
    # A file that cannot be decoded shows before seconds are spent on loading the recogniser.
    first = next(frames)
    transcriber = Transcriber(model_id, hotwords)
    said: list[Utterance] = []
    for segment in transcribe_file(
        chain([first], frames), transcriber, lambda seconds: progress(seconds, found.declared_seconds)
    ):
        said += utterances_from_words(segment.words, first_id=len(said))
    return Heard(tuple(said), found.seconds, found.notes)


def check_recogniser(model_id: str) -> None:
    """Raises UnknownWeight, NotARecogniser."""
    from models.manifest import load_manifest
    from models.store import default_store

    if default_store().weight(model_id).kind != "whisper":
        choices = ", ".join(weight.id for weight in load_manifest().values() if weight.kind == "whisper")
        raise NotARecogniser(f"The weights of {model_id} do not recognise speech", f"Choose one of: {choices}")


def _read(path: Path, most: int) -> bytes:
    try:
        if path.exists() and not path.is_file():
            # Opening a pipe or a device would wait for ever.
            raise FileUnreadable(f"{path} is not a file", "Give the path of a recording or a transcript")
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError as error:
        raise FileUnreadable(f"There is no file {path}", "Check the path") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise FileUnreadable(f"{path} cannot be read ({why})", "Check the path and the file's permissions") from error


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or len(head) < _HEAD_BYTES:
            return False
        # Only the last character is cut in two.
        text = head[: error.start].decode("utf-8-sig")
    return bool(text) and all(character >= " " or character.isspace() for character in text)


def _is_audio(path: Path) -> bool:
    from speech.decode import UndecodableAudio, iter_frames

    try:
        next(iter_frames(path))
    except UndecodableAudio:
        return False
    return True
