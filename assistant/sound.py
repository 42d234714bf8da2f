"""The sound of a talk, small enough to be carried in the page of its report."""

from pathlib import Path

from analysis.render.html import Sound
from assistant import replay
from assistant.files import is_transcript
from assistant.store import Store
from prompts.errors import UserError
from speech.recording import Recording


class NoSound(UserError):
    """A talk of which there is only text."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} has no recording that the page could carry", "Leave out `audio`")


def of_session(store: Store, id: str) -> Sound:
    """What was recorded of a session. Raises UnknownSession, RecordingUnreadable, NoSound."""
    recording = store.recording(id)
    if recording is None:
        raise NoSound(f"Session {id}")
    return of_recording(recording, replay.recorded_from(store.events(id)))


def of_recording(recording: Recording, start: float) -> Sound:
    """A recording; start: second of the talk at which it begins. Raises RecordingUnreadable."""
    from speech.opus import to_opus

    return Sound(to_opus(recording.pieces()), start)


def of_file(path: Path) -> Sound:
    """The sound of a recording that was handed over. Raises FileUnreadable, UndecodableAudio, NoSound."""
    from speech.decode import iter_frames
    from speech.frames import to_pcm16
    from speech.opus import to_opus

    if is_transcript(path):
        raise NoSound(path.name)
    return Sound(to_opus(to_pcm16(frame.samples) for frame in iter_frames(path)), 0.0)
