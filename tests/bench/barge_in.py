"""Prints how the candidate is noticed who talks over the interviewer, in simulated rooms.

    python tests/bench/barge_in.py [RECORDING ...]

Lines of the interviewer in both voices are played in every room of `tests/speech/test_barge_in.py`: alone, and with somebody
(default: the bundled answer) who begins to speak three seconds later, at several levels against the line.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from prompts.problems import get_problem
from speech.decode import decode
from speech.endpointer import Endpointer
from speech.frames import SAMPLE_RATE, Frame
from speech.track import To16k
from speech.voice import HibariVoice, Pyttsx3Voice
from tests.speech.conftest import Samples
from tests.speech.test_barge_in import LINE, ROOMS, TALKS_AFTER, listen, loudness, over

BUNDLED = Path(__file__).parents[2] / "demo" / "answer.opus"
LEVELS_DB = (-6, 0, 6, 12)
_STRETCHES = 3


def lines() -> list[Samples]:
    texts = (LINE, *(get_problem(id).prompt for id in ("feed", "video-recommendation")))
    spoken = [voice.render(text) for voice in (Pyttsx3Voice(), HibariVoice()) for text in texts]
    return [To16k(each.sample_rate, 1).convert(each.samples) for each in spoken]


def stretches(file: Path) -> Iterator[Samples]:
    """The first few segments of speech in a recording, each from its first word on."""
    endpointer = Endpointer()
    found = [*endpointer.feed(Frame(0.0, decode(file).samples[: 120 * SAMPLE_RATE])), *endpointer.flush()]
    for segment in found[:_STRETCHES]:
        yield segment.samples[np.argmax(np.abs(segment.samples) > 0.1 * np.abs(segment.samples).max()) :]


def main(files: list[Path]) -> None:
    candidates = [sound for file in files for sound in stretches(file)]
    said = lines()
    print(
        f"{'room':24} {'lines':>6} {'stopped themselves':>19}  "
        + "  ".join(f"{db:+d} dB: missed, s" for db in LEVELS_DB)
    )
    spent = heard = 0.0
    for name, room in ROOMS.items():
        stopped = 0
        delays: dict[int, list[float | None]] = {db: [] for db in LEVELS_DB}
        for line in said:
            alone = room.hears(line)
            began = time.process_time()
            stopped += listen(alone, line)[1] is not None
            spent, heard = spent + time.process_time() - began, heard + len(alone) / SAMPLE_RATE
            for db in LEVELS_DB if room.echo else (0,):
                for own in candidates:
                    loud = own * (room.echo or 0.05) * 10 ** (db / 20) / loudness(own)
                    when = listen(over(alone, loud, TALKS_AFTER), line)[1]
                    delays[db].append(None if when is None else when - TALKS_AFTER)
        columns = []
        for found in delays.values():
            noticed = [delay for delay in found if delay is not None]
            shown = f"{len(found) - len(noticed)}/{len(found)} {np.median(noticed):.2f}" if noticed else "-"
            columns.append(f"{shown:>16}")
        print(f"{name:24} {len(said):6} {stopped:19}  " + "  ".join(columns), flush=True)
    print(f"CPU while a line plays: {spent / heard:.2f} s a second")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [BUNDLED])
