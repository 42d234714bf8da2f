"""SubRip and WebVTT: the transcript as captions, stages as chapters, findings as metadata cues.

WebVTT: https://www.w3.org/TR/webvtt1/. A track has one kind, so chapters and metadata are files of their own.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Protocol

from analysis.render.spans import actual_spans
from analysis.render.wording import STAGE_NAMES, clean
from analysis.report import Report
from speech.transcript import Speaker


class Caption(Protocol):
    """Anything said by somebody at some time, in seconds."""

    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def speaker(self) -> Speaker: ...
    @property
    def text(self) -> str: ...


_SHORTEST_CUE_MS = 1


def srt(captions: Sequence[Caption]) -> str:
    """The transcript as SubRip; the interviewer's lines are named, the candidate's are not."""
    blocks = []
    for number, caption in enumerate(captions, start=1):
        name = "Interviewer: " if caption.speaker == "interviewer" else ""
        text = clean(caption.text).replace("-->", "->")
        blocks.append(f"{number}\n{_times(caption.start, caption.end, ',')}\n{name}{text}\n")
    return "\n".join(blocks)


def vtt(captions: Sequence[Caption]) -> str:
    """The transcript as WebVTT captions, each with its speaker."""
    return _webvtt(
        # Without names: common readers take a cue's name for the last words of the cue before it.
        ("", caption.start, caption.end, f"<v {caption.speaker.title()}>{_escaped(clean(caption.text))}")
        for caption in captions
    )


def chapters(report: Report) -> str:
    """The stages as WebVTT chapters."""
    return _webvtt(
        (f"stage-{number}", span.start, span.end, STAGE_NAMES[span.stage])
        for number, span in enumerate(actual_spans(report), start=1)
    )


def metadata(report: Report) -> str:
    """The findings as WebVTT metadata cues, each a JSON object on one line."""
    by_time = sorted(enumerate(report.findings, start=1), key=lambda numbered: numbered[1].start)
    return _webvtt(
        (
            f"finding-{number}",
            finding.start,
            finding.end,
            # The arrow would end the cue's text; within a JSON string this is the same character.
            json.dumps(
                {
                    "code": finding.code,
                    "severity": finding.severity,
                    "stage": finding.stage,
                    "topic": finding.topic,
                    "utterances": finding.utterances,
                    "quote": finding.quote,
                    "message": finding.message,
                    "advice": finding.advice,
                    "source": finding.source,
                }
            ).replace(">", "\\u003e"),
        )
        for number, finding in by_time
    )


def _webvtt(cues: Iterable[tuple[str, float, float, str]]) -> str:
    blocks = [
        "\n".join([*([name] if name else []), _times(start, end, "."), text, ""]) for name, start, end, text in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _times(start: float, end: float, point: str) -> str:
    first = round(start * 1000)
    # Players drop a cue that ends no later than it starts.
    last = max(round(end * 1000), first + _SHORTEST_CUE_MS)
    return f"{_time(first, point)} --> {_time(last, point)}"


def _time(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{rest:03d}"
