"""Reads the transcripts people already have: our JSON, Whisper-family JSON, SRT, WebVTT and plain text."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from prompts.errors import UserError
from speech.transcript import Speaker, Utterance, Word

PLAIN_TEXT_WORDS_PER_MINUTE = 150
"""Pace assumed for text without times; conversational English runs at about this rate (Tauroza and Allison 1990)."""

LONGEST_TRANSCRIPT_BYTES = 20_000_000
LONGEST_SECONDS = 24 * 3600
MOST_WORDS = 100_000
"""Eleven hours of talk at that pace; judging them takes a minute or two."""


class BadTranscript(UserError):
    """A transcript that cannot be read."""

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(
            what, fix or "Give JSON with 'utterances' or Whisper 'segments', SRT, WebVTT or plain text, in UTF-8"
        )


@dataclass(frozen=True, slots=True)
class Transcript:
    """Utterances in the order of time, and remarks a reader must know (such as estimated times)."""

    utterances: tuple[Utterance, ...]
    notes: tuple[str, ...] = ()


def parse_transcript(content: bytes, name: str = "") -> Transcript:
    """Read a transcript in any known format.

    content: the file's bytes. name: its name, whose ending decides between the text formats.
    Raises BadTranscript, saying what is wrong and where.
    """
    if len(content) > LONGEST_TRANSCRIPT_BYTES:
        raise BadTranscript(f"The transcript is over {LONGEST_TRANSCRIPT_BYTES // 1_000_000} MB", "Give a smaller one")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTranscript("The transcript is not UTF-8 text") from error
    if not text.strip():
        raise BadTranscript("The transcript is empty")
    ending = name.lower().rpartition(".")[2]
    first = text.lstrip()[0]
    # Plain text often starts with a time in brackets.
    if ending == "json" or first == "{" or (first == "[" and ending != "txt"):
        return parse_transcript_json(_load_json(text))
    if ending == "vtt" or text.lstrip().startswith("WEBVTT"):
        return _parse_subtitles(text, "vtt")
    if ending == "srt" or re.match(r"\s*\d+\s*\n\s*\d+:\d\d:\d\d[,.]\d+ *-->", text):
        return _parse_subtitles(text, "srt")
    return _parse_text(text)


def _load_json(text: str) -> object:
    try:
        loaded: object = json.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError alone: a number of thousands of digits
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadTranscript(f"The transcript is not valid JSON{where}") from error
    return loaded


def parse_transcript_json(document: object) -> Transcript:
    """Read a decoded JSON document: our `utterances` or the `segments` of the Whisper family."""
    if isinstance(document, list):
        document = {"segments": document}
    if not isinstance(document, Mapping):
        raise BadTranscript("The transcript's JSON is not an object")
    for key in ("utterances", "segments"):
        if isinstance(rows := document.get(key), list):
            return _ordered([_json_utterance(row, f"{key}[{index}]") for index, row in enumerate(rows)])
    raise BadTranscript("The transcript's JSON has neither 'utterances' nor 'segments'")


def _number(row: Mapping[str, Any], key: str, where: str) -> float:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadTranscript(f"{where}.{key} is not a number of seconds")
    try:
        seconds = float(value)
    except OverflowError:
        seconds = math.inf
    if not math.isfinite(seconds) or not 0 <= seconds <= LONGEST_SECONDS:
        raise BadTranscript(f"{where}.{key} is not between 0 and {LONGEST_SECONDS} seconds")
    return seconds


def _times(row: Mapping[str, Any], where: str) -> tuple[float, float]:
    start, end = _number(row, "start", where), _number(row, "end", where)
    if end < start:
        raise BadTranscript(f"{where} ends before it starts")
    return start, end


def _spoken(text: object, where: str) -> str:
    if not isinstance(text, str):
        raise BadTranscript(f"{where}.text is not a string")
    if any("\ud800" <= character <= "\udfff" for character in text):
        # JSON can escape half a character; UTF-8 cannot write it down again.
        raise BadTranscript(f"{where}.text holds half a surrogate pair, which is no character")
    return text


def _json_utterance(row: object, where: str) -> Utterance:
    if not isinstance(row, Mapping):
        raise BadTranscript(f"{where} is not an object")
    text = _spoken(row.get("text"), where)
    start, end = _times(row, where)
    rows = row.get("words") or []
    if not isinstance(rows, list):
        raise BadTranscript(f"{where}.words is not a list")
    words = [_json_word(word, f"{where}.words[{index}]") for index, word in enumerate(rows)]
    return Utterance(
        0, start, end, _speaker(row.get("speaker"), where), " ".join(text.split()), tuple(w for w in words if w)
    )


def _speaker(name: object, where: str) -> Speaker:
    if name is None:
        return "candidate"
    if not isinstance(name, str):
        raise BadTranscript(f"{where}.speaker is not a string")
    # Diarised transcripts (whisperX) carry labels such as SPEAKER_00, which say nothing of the role.
    return "interviewer" if name.strip().lower() == "interviewer" else "candidate"


def _json_word(row: object, where: str) -> Word | None:
    if not isinstance(row, Mapping):
        raise BadTranscript(f"{where} is not an object")
    text = _spoken(row.get("text", row.get("word")), where)
    if row.get("start") is None or row.get("end") is None:
        return None  # whisperX leaves numbers it could not align without times
    probability = row.get("probability", row.get("score", 1.0))
    if isinstance(probability, bool) or not isinstance(probability, int | float) or not 0 <= probability <= 1:
        probability = 1.0
    return Word(*_times(row, where), text.strip(), float(probability))


_NAMED_LINE = re.compile(r"\s*(?:-\s*)?(interviewer|candidate)\s*[:>]\s*", re.IGNORECASE)


_TIME = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"
_STAMP = re.compile(
    rf"\s*(?P<open>[\[(])?(?P<start>{_TIME})(?:\s*(?:-->|[-–—])\s*(?P<end>{_TIME}))?(?(open)[\])])(?=[\s:–—-]|$)[\s:–—-]*"
)
_STAMPED_SHARE = 0.5
"""Of a text's lines that begin with a time, from which these are the times they were said at."""


def _named(text: str) -> tuple[Speaker, str]:
    """Split a leading "Interviewer:" from a line."""
    match = _NAMED_LINE.match(text)
    if match is None:
        return "candidate", text
    return "interviewer" if match[1].lower() == "interviewer" else "candidate", text[match.end() :]


def _parse_subtitles(text: str, kind: str) -> Transcript:
    import pysubs2

    # WebVTT names the speaker in a voice tag, which the library drops with all markup.
    text = re.sub(r"<v(?:\.[\w.]+)?\s+(interviewer|candidate)\s*>", r"\1: ", text, flags=re.IGNORECASE)
    # It looks for the end of every tag through the whole rest: many that never end would take minutes.
    text = re.sub(r"<(?![^<>\n]*>)", "", text)
    try:
        subtitles = pysubs2.SSAFile.from_string(text, format_=kind)
    except (pysubs2.Pysubs2Error, ValueError, IndexError) as error:
        raise BadTranscript(f"The {kind.upper()} file cannot be read") from error
    utterances = []
    for event in subtitles:
        speaker, spoken = _named(event.plaintext)
        spoken = " ".join(spoken.split())
        if spoken and not event.is_comment:
            start, end = event.start / 1000, max(event.start, event.end) / 1000
            utterances.append(Utterance(0, start, end, speaker, spoken))
    if not utterances:
        raise BadTranscript(f"The {kind.upper()} file holds no captions")
    if max(utterance.end for utterance in utterances) > LONGEST_SECONDS:
        raise BadTranscript("The captions run for more than a day")
    return _ordered(utterances)


def _parse_text(text: str) -> Transcript:
    if any(ord(character) < 32 and character not in "\n\r\t\f\v" for character in text):
        raise BadTranscript("The file holds control characters, so it is not a transcript")
    lines = [line for line in text.splitlines() if line.strip()]
    stamps = [_STAMP.match(line) for line in lines]
    if sum(stamp is not None for stamp in stamps) >= _STAMPED_SHARE * len(lines):
        return _parse_stamped(lines, stamps)
    clock, utterances = 0.0, []
    for paragraph in lines:
        speaker, spoken = _named(paragraph)
        utterances += _sentences(spoken, speaker, clock)
        clock = utterances[-1].end if utterances else clock
    note = f"The text has no times: they are estimated at {PLAIN_TEXT_WORDS_PER_MINUTE} words per minute."
    return Transcript(_ordered(utterances).utterances, (note,))


def _parse_stamped(lines: list[str], stamps: list[re.Match[str] | None]) -> Transcript:
    """Text whose lines begin with a time, as Whisper prints it or people write it; other lines go on with the last one."""
    said: list[tuple[float, float | None, str]] = []
    for line, stamp in zip(lines, stamps, strict=True):
        if stamp is not None:
            last = _clock(stamp["end"]) if stamp["end"] else None
            said.append((_clock(stamp["start"]), last, line[stamp.end() :]))
        elif said:
            said[-1] = (*said[-1][:2], f"{said[-1][2]} {line}")
    utterances: list[Utterance] = []
    for place, (start, end, line) in enumerate(said):
        speaker, spoken = _named(line)
        following = said[place + 1][0] if place + 1 < len(said) else math.inf
        latest = end if end is not None else following
        utterances += _sentences(spoken, speaker, start, max(latest, start))
    if max((utterance.end for utterance in utterances), default=0.0) > LONGEST_SECONDS:
        raise BadTranscript("The times run for more than a day")
    return _ordered(utterances)


def _clock(written: str) -> float:
    seconds = 0.0
    for part in written.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _sentences(spoken: str, speaker: Speaker, start: float, latest: float = math.inf) -> list[Utterance]:
    """A line cut into sentences, at the pace assumed or faster where it must be over by `latest`."""
    from analysis.language import sentences

    spoken = " ".join(spoken.split())
    words = len(spoken.split())
    seconds_a_word = min(60 / PLAIN_TEXT_WORDS_PER_MINUTE, (latest - start) / max(words, 1))
    found = []
    for sentence in sentences(spoken):
        end = start + len(sentence.split()) * seconds_a_word
        found.append(Utterance(0, round(start, 2), round(end, 2), speaker, sentence))
        start = end
    return found


def _ordered(utterances: list[Utterance]) -> Transcript:
    """Number the utterances by time, leaving out empty ones. Raises BadTranscript for more than anybody says."""
    spoken = [utterance for utterance in utterances if utterance.text]
    if sum(len(utterance.text.split()) for utterance in spoken) > MOST_WORDS:
        raise BadTranscript(f"The transcript has over {MOST_WORDS:,} words", "Give one talk at a time")
    by_time = sorted(spoken, key=lambda utterance: (utterance.start, utterance.end))
    notes = [] if by_time == spoken else ["Utterances were out of order; they are sorted by their start."]
    if any(later.start < earlier.end - 1 for earlier, later in pairwise(by_time) if later.speaker == earlier.speaker):
        notes.append("Some utterances of one speaker overlap in time.")
    numbered = tuple(Utterance(index, u.start, u.end, u.speaker, u.text, u.words) for index, u in enumerate(by_time))
    return Transcript(numbered, tuple(notes))
