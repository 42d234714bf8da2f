"""A transcript without a report: what `viva transcribe` gives, and `viva analyze` reads again."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

from analysis.render.subtitles import srt, vtt
from analysis.render.wording import clean
from speech.transcript import Utterance

TranscriptFormat = Literal["text", "json", "srt", "vtt"]


def render_transcript(utterances: Sequence[Utterance], format: TranscriptFormat) -> str:
    """The utterances; as text one a line and without times, as JSON with every word's time."""
    match format:
        case "text":
            return "".join(f"{_name(utterance)}{clean(utterance.text)}\n" for utterance in utterances)
        case "json":
            rows = [asdict(utterance) for utterance in utterances]
            return json.dumps({"utterances": rows}, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
        case "srt":
            return srt(utterances)
        case "vtt":
            return vtt(utterances)


def _name(utterance: Utterance) -> str:
    return "Interviewer: " if utterance.speaker == "interviewer" else ""
