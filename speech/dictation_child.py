"""A talk spoken by the natural voice and written down by the recogniser, in a process that exists for nothing else.

Run as `python -m speech.dictation_child` with a JSON object on standard input: lines (each with start and end in
seconds, and a text, or null for silence of that length), speed (1.0 is the voice's own pace), model, and hotwords.
Writes a JSON object: spans, the [start, end] of every line on the clock of the sound; segments, the words of every
stretch of speech as [start, end, text, probability]. Ends with 1 and one line on standard error when it cannot.
"""

import json
import sys
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from prompts.errors import UserError
from speech.decode import iter_frames
from speech.spoken import Spoken
from speech.transcriber import Transcriber, transcribe_file
from speech.transcript import Word
from speech.voice_engines import HibariVoice


def timetable(planned: Sequence[tuple[float, float]], seconds: Sequence[float]) -> list[tuple[float, float]]:
    """When each line is really said: at its planned start, or later, so that no pause before it gets shorter.

    planned: start and end of each line, in seconds. seconds: how long each takes.
    """
    spans: list[tuple[float, float]] = []
    planned_end = clock = 0.0
    for (start, end), length in zip(planned, seconds, strict=True):
        begin = max(start, clock + start - planned_end)
        clock, planned_end = begin + length, end
        spans.append((begin, clock))
    return spans


def write_wav(spans: Sequence[tuple[float, float]], sounds: Sequence[Spoken | None], path: Path) -> None:
    """Each sound at its start, digital silence between them, as a WAV file at the sounds' own rate."""
    rate = next((sound.sample_rate for sound in sounds if sound), 16_000)
    whole = np.zeros(round(spans[-1][1] * rate) + 1, "<i2")
    for (start, _), sound in zip(spans, sounds, strict=True):
        if sound:
            first = round(start * rate)
            whole[first : first + len(sound.samples)] = sound.samples[: len(whole) - first]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(whole.tobytes())


def heard(path: Path, model: str, hotwords: Sequence[str]) -> list[tuple[Word, ...]]:
    """The words of each stretch of speech in a recording, as every recording is written down."""
    # One thread: this takes minutes beside other work.
    transcriber = Transcriber(model, hotwords)
    return [segment.words for segment in transcribe_file(iter_frames(path), transcriber)]


def main() -> int:
    """Read the request, speak, listen, write the answer."""
    request = json.load(sys.stdin)
    lines = request["lines"]
    voice = HibariVoice(request["speed"])
    try:
        sounds = [voice.render(line["text"]) if line["text"] else None for line in lines]
        planned = [(float(line["start"]), float(line["end"])) for line in lines]
        spans = timetable(
            planned, [s.seconds if s else end - start for s, (start, end) in zip(sounds, planned, strict=True)]
        )
        with tempfile.TemporaryDirectory(prefix="viva-dictation-") as folder:
            recording = Path(folder, "talk.wav")
            write_wav(spans, sounds, recording)
            segments = heard(recording, request["model"], request["hotwords"])
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    words = [[[word.start, word.end, word.text, word.probability] for word in segment] for segment in segments]
    json.dump({"spans": spans, "segments": words}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
