"""What `POST analyses` takes, as the OpenAPI document tells it: a form, JSON or subtitles at one address."""

from typing import Any

_TERMS = {
    "problem": {"type": "string", "description": "Id of a problem in the bank", "examples": ["video-recommendation"]},
    "framework": {"type": "string", "default": "six-stage"},
    "level": {"type": "string", "enum": ["junior", "mid", "senior", "staff"], "default": "senior"},
    "minutes": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 240,
        "description": "45 if not given; of a drill 10",
    },
}
_SAID: dict[str, Any] = {
    "start": {"type": "number", "description": "Seconds since the session's start"},
    "end": {"type": "number"},
    "text": {"type": "string"},
}
_WORD = {
    "type": "object",
    "properties": {**_SAID, "probability": {"type": "number", "minimum": 0, "maximum": 1}},
    "required": ["start", "end", "text"],
}
_UTTERANCE = {
    "type": "object",
    "properties": {
        **_SAID,
        "speaker": {"type": "string", "enum": ["candidate", "interviewer"], "default": "candidate"},
        "words": {"type": "array", "items": _WORD},
    },
    "required": ["start", "end", "text"],
}
_TEXT = {"schema": {"type": "string"}}
OPENAPI: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "A recording, or a transcript (.json .srt .vtt .txt)",
                        },
                        **_TERMS,
                    },
                    "required": ["file"],
                }
            },
            "application/json": {
                "schema": {
                    "type": "object",
                    "description": "`utterances`, or the `segments` of whisper, faster-whisper or whisperX",
                    "properties": {
                        "utterances": {"type": "array", "items": _UTTERANCE},
                        "segments": {"type": "array", "items": _UTTERANCE},
                        **_TERMS,
                    },
                }
            },
            "text/plain": _TEXT,
            "text/vtt": _TEXT,
            "application/x-subrip": _TEXT,
        },
    },
    "parameters": [
        {
            "name": name,
            "in": "query",
            "schema": schema,
            "description": "For a body that does not say it; where both do, this counts",
        }
        for name, schema in _TERMS.items()
    ],
}
