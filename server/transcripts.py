"""Transcripts as requests bring them: a file of a form, or the body itself."""

from collections.abc import Mapping

from pydantic_core import from_json

from analysis.transcript_formats import (
    LONGEST_TRANSCRIPT_BYTES,
    BadTranscript,
    Transcript,
    parse_transcript,
    parse_transcript_json,
)
from server.problem_details import Refused
from server.terms import NAMES, Terms, read_terms

ENDINGS = {
    "application/json": "json",
    "text/plain": "txt",
    "text/vtt": "vtt",
    "text/srt": "srt",
    "application/x-subrip": "srt",
}
"""What a body of each media type would be called as a file."""


class TranscriptTooLarge(Refused):
    """The same as for a body that is too large, whatever the transcript came in."""

    def __init__(self) -> None:
        super().__init__(
            413, "too-large", f"The transcript is over {LONGEST_TRANSCRIPT_BYTES:,} bytes", "Send a part of it"
        )


def is_transcript(name: str, content_type: str) -> bool:
    """Whether an uploaded file is meant to be a transcript rather than a recording."""
    return name.lower().rpartition(".")[2] in ENDINGS.values() or content_type.partition(";")[0].lower() in ENDINGS


def parse_with_terms(content: bytes, over: Mapping[str, str] | None = None) -> tuple[Transcript, Terms]:
    """A JSON document that has the terms beside what was said. over: terms that count instead.

    Raises BadTranscript and Refused.
    """
    document = _json(content)
    # Whisper's own JSON has keys of other meanings beside the segments; only ours are looked at.
    given = {name: document.get(name) for name in NAMES} if isinstance(document, dict) else {}
    if over:
        asked = read_terms(over)
        given |= {name: getattr(asked, name) for name, value in over.items() if value}
    return parse_transcript_json(document), read_terms(given, typed=True)


def parse_file(content: bytes, name: str) -> Transcript:
    """A transcript file; name: decides between the text formats. Raises TranscriptTooLarge, BadTranscript."""
    if len(content) > LONGEST_TRANSCRIPT_BYTES:
        raise TranscriptTooLarge
    # Plain text often starts with a time in brackets.
    json = (b"{",) if name.lower().endswith(".txt") else (b"{", b"[")
    if name.lower().endswith(".json") or content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(json):
        return parse_transcript_json(_json(content))
    return parse_transcript(content, name)


def _json(content: bytes) -> object:
    # Unlike the standard library's, this parser takes neither endless nesting nor half characters ("\ud800"), which
    # could not be written out again.
    try:
        document: object = from_json(content.removeprefix(b"\xef\xbb\xbf"), allow_inf_nan=False)
    except ValueError as error:
        raise BadTranscript(f"The transcript is not valid JSON ({error})") from None
    return document
