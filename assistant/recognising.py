"""One stretch of speech into events, whatever the recogniser does."""

import numpy as np

from assistant.events import Noted, WordsHeard
from prompts.errors import UserError
from speech.frames import SAMPLE_RATE, Float32, Segment
from speech.transcriber import Recogniser, RecogniserFailed, Transcribed

RECORDED_TO_ITS_END = "There was no recogniser while you spoke; the session was recorded to its end."


class Later:
    """Stands in for a recogniser that cannot be had: what is said is recorded, and written down by `recovery.recover`.

    model_id: the recogniser's. why: what keeps it from being loaded.
    """

    def __init__(self, model_id: str, why: UserError) -> None:
        self.model_id = model_id
        self.why = why
        self.remark = (
            f"Recorded, but not written down yet. {why} The next start after that writes down and judges this session."
        )

    def cpu_seconds(self) -> float:
        """None are used."""
        return 0.0

    def transcribe(self, segment: Segment) -> Transcribed:
        """Nothing, and no reason to note that."""
        return Transcribed(segment.start, segment.end, (), "", 0.0)

    def write_roughly(self, samples: Float32) -> str:
        """Nothing."""
        return ""


def recognise(segment: Segment, recogniser: Recogniser) -> tuple[WordsHeard | Noted, ...]:
    """The segment's words, if there are any, and a note for what cannot be recognised, not even in halves. Never raises."""
    found = _try(segment, recogniser)
    if not isinstance(found, Noted):
        return (found,) if found else ()
    # Half of it takes half the memory, and what upsets the recogniser is only in one of the halves.
    return tuple(event for half in _halves(segment) if (event := _try(half, recogniser)))


def _try(segment: Segment, recogniser: Recogniser) -> WordsHeard | Noted | None:
    try:
        found = recogniser.transcribe(segment)
    except Exception as error:  # one bad stretch must not end the session
        why = error.what if isinstance(error, RecogniserFailed) else str(error) or type(error).__name__
        where = f"{int(segment.start) // 60}:{int(segment.start) % 60:02d}"
        lost = f"{segment.end - segment.start:.0f} s from {where}"
        return Noted(segment.end, f"{lost} could not be written down: {why}.")
    return WordsHeard(found.start, found.end, found.words, found.text) if found.text else None


def _halves(segment: Segment) -> tuple[Segment, Segment]:
    """Cut where it is quietest, somewhere in the middle."""
    samples = segment.samples
    step = SAMPLE_RATE // 50
    steps = len(samples) // step
    first, last = steps // 3, max(steps // 3 + 1, 2 * steps // 3)
    power = [float(np.square(samples[n * step : (n + 1) * step]).sum()) for n in range(first, last)]
    at = (first + int(np.argmin(power))) * step + step // 2
    middle = segment.start + at / SAMPLE_RATE
    return Segment(segment.start, middle, samples[:at]), Segment(middle, segment.end, samples[at:])
