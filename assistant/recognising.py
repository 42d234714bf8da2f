"""One stretch of speech into one event, whatever the recogniser does."""

from typing import Protocol

from assistant.events import Noted, WordsHeard
from speech.frames import Float32, Segment
from speech.transcriber import RecogniserFailed, Transcribed


class Recogniser(Protocol):
    """What writes speech down: `speech.transcriber.Transcriber`. model_id: for the log."""

    model_id: str

    def transcribe(self, segment: Segment) -> Transcribed:
        """The segment's words. Raises RecogniserFailed."""
        ...

    def write_roughly(self, samples: Float32) -> str:
        """Rough text of a few seconds of speech that goes on (float32 mono, 16 kHz). Raises RecogniserFailed."""
        ...


def recognise(segment: Segment, recogniser: Recogniser) -> WordsHeard | Noted | None:
    """The segment's words; None when there are none; a note for a stretch that cannot be recognised. Never raises."""
    try:
        found = recogniser.transcribe(segment)
    except Exception as error:  # one bad stretch must not end the session
        why = error.what if isinstance(error, RecogniserFailed) else str(error) or type(error).__name__
        where = f"{int(segment.start) // 60}:{int(segment.start) % 60:02d}"
        return Noted(segment.end, f"{segment.end - segment.start:.0f} s from {where} could not be written down: {why}.")
    return WordsHeard(found.start, found.end, found.words, found.text) if found.text else None
