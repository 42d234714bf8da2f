"""Speaks script.txt into answer.opus and writes down when each sentence is said.

    python demo/make_recording.py

Needs hibari-tts (`pip install vivavoce[voice]`). The same script gives the same sound every time: the voice's noise is
seeded. answer.json is the ground truth: start and end of every sentence in seconds, its stage, and the findings.
"""

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from hibari import Hibari

from speech.lexicon import spoken_form

FOLDER = Path(__file__).parent
OPUS_RATE = 48_000
BIT_RATE = 24_000
SPEED = 0.83
BREATH_SECONDS = 0.35
LEAD_SECONDS = 0.5
LOUDEST = 0.5
FLOOR = 0.01


@dataclass(slots=True)
class Sentence:
    """One line of the script and where it is heard; start, end: seconds."""

    start: float
    end: float
    stage: str
    text: str
    findings: list[str] = field(default_factory=list)


def heard(sound: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The sound without the near-silence before its first and after its last audible sample."""
    audible = np.flatnonzero(np.abs(sound) > FLOOR * np.abs(sound).max())
    return sound[audible[0] : audible[-1] + 1]


def speak(script: str) -> tuple[npt.NDArray[np.float32], int, list[Sentence]]:
    """The whole talk as float32 mono, its sample rate, and its sentences."""
    voice = Hibari()
    rate: int = voice.sample_rate
    pieces = [np.zeros(int(LEAD_SECONDS * rate), np.float32)]
    clock = len(pieces[0])
    sentences: list[Sentence] = []
    stage = "other"
    for line in script.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("== "):
            stage = line.removeprefix("== ").strip()
            continue
        if pause := re.fullmatch(r"\(pause ([\d.]+)\)", line.strip()):
            # The breath after every sentence is part of the pause.
            silence = int((float(pause[1]) - BREATH_SECONDS) * rate)
            pieces.append(np.zeros(silence, np.float32))
            clock += silence
            continue
        *codes, text = re.fullmatch(r"(?:!(\w+) )?(.+)", line.strip()).groups()  # type: ignore[union-attr]
        sound = heard(voice(spoken_form(text), speed=SPEED, seed=len(sentences)))
        sound *= LOUDEST / np.abs(sound).max()
        found = [code for code in codes if code]
        sentences.append(Sentence(round(clock / rate, 2), round((clock + len(sound)) / rate, 2), stage, text, found))
        pieces += [sound, np.zeros(int(BREATH_SECONDS * rate), np.float32)]
        clock += len(sound) + len(pieces[-1])
    return np.concatenate(pieces), rate, sentences


def write_opus(sound: npt.NDArray[np.float32], rate: int, path: Path) -> None:
    """Encode float32 mono as Opus in an Ogg file."""
    with av.open(str(path), "w", format="ogg", options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream("libopus", rate=OPUS_RATE, layout="mono", bit_rate=BIT_RATE)
        stream.codec_context.options = {"application": "voip"}
        resampler = av.AudioResampler(format=stream.codec_context.format or "flt", layout="mono", rate=OPUS_RATE)
        whole = av.AudioFrame.from_ndarray(sound[np.newaxis, :], "flt", "mono")
        whole.sample_rate = rate
        for frame in [*resampler.resample(whole), *resampler.resample(None)]:
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def main() -> None:
    """Write answer.opus and answer.json beside the script."""
    sound, rate, sentences = speak((FOLDER / "script.txt").read_text(encoding="utf-8"))
    write_opus(sound, rate, FOLDER / "answer.opus")
    truth = {
        "problem": "feed",
        "framework": "six-stage",
        "level": "senior",
        "planned_seconds": 240,
        "seconds": round(len(sound) / rate, 2),
        "findings": {
            "premature_modeling": next(s.start for s in sentences if "premature_modeling" in s.findings),
            "missed_stage": ["production"],
            "stage_overrun": ["data"],
            "session_overrun": True,
            "long_silence": 1,
        },
        "sentences": [asdict(sentence) for sentence in sentences],
    }
    (FOLDER / "answer.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    minutes, seconds = divmod(round(len(sound) / rate), 60)
    print(f"answer.opus: {minutes} min {seconds} s, {len(sentences)} sentences")


if __name__ == "__main__":
    main()
