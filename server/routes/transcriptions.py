"""`POST /v1/audio/transcriptions` as OpenAI has it, so that existing clients work with this server.

https://platform.openai.com/docs/api-reference/audio/createTranscription
"""

import math
import zlib
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response

from analysis.render.subtitles import srt, vtt
from server.forms import media_type, read_form
from server.problem_details import InputError, Refused
from server.recognition import Heard, listen, measure
from server.services import Here
from server.transcript_stream import Said, stream
from server.work import Job, outcome
from speech.transcript import Utterance

router = APIRouter(tags=["transcriptions"])

_FORMATS = ("json", "text", "srt", "vtt", "verbose_json")
_GRANULARITIES = ("segment", "word")
_LANGUAGES = ("", "en", "english")
_NO, _YES = ("false", "0"), ("true", "1")
_FIELDS = (
    "model",
    "response_format",
    "language",
    "timestamp_granularities[]",
    "timestamp_granularities",
    "prompt",
    "temperature",
    "chunking_strategy",
    "stream",
)
_OPENAPI: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "model": {"type": "string", "default": "whisper-1", "examples": ["whisper-1", "base"]},
                        "response_format": {"type": "string", "enum": list(_FORMATS), "default": "json"},
                        "language": {"type": "string", "enum": ["en"], "default": "en"},
                        "timestamp_granularities[]": {
                            "type": "array",
                            "items": {"type": "string", "enum": list(_GRANULARITIES)},
                            "default": ["segment"],
                        },
                        "prompt": {"type": "string", "description": "Accepted, has no effect"},
                        "temperature": {"type": "number", "description": "Accepted, has no effect"},
                        "chunking_strategy": {"type": "string", "description": "Accepted, has no effect"},
                        "stream": {
                            "type": "boolean",
                            "description": "Tell each sentence as soon as it is recognised; for json and text",
                            "default": False,
                        },
                    },
                    "required": ["file"],
                }
            }
        },
    },
    "responses": {
        "200": {
            "description": "The transcript in the format asked for",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "text": {"type": "string"},
                            "task": {"type": "string"},
                            "language": {"type": "string"},
                            "duration": {"type": "number", "description": "Seconds"},
                            "segments": {"type": "array", "items": {"type": "object"}},
                            "words": {"type": "array", "items": {"type": "object"}},
                        },
                        "required": ["text"],
                    }
                },
                "text/plain": {"schema": {"type": "string"}},
                "application/x-subrip": {"schema": {"type": "string"}},
                "text/vtt": {"schema": {"type": "string"}},
                "text/event-stream": {"schema": {"type": "string"}},
            },
        }
    },
}


@router.post(
    "/v1/audio/transcriptions",
    summary="Transcribe a recording, as OpenAI's endpoint of this name does",
    openapi_extra=_OPENAPI,
    response_class=Response,
)
async def transcriptions(request: Request, here: Here) -> Response:
    """English only. `model` is one of OpenAI's names, all of which mean the same here, or the id of weights on this machine."""
    if media_type(request) != "multipart/form-data":
        raise Refused(415, "unsupported-media-type", "The body is not a form", "Send multipart/form-data with a file")
    upload, fields = await read_form(request, _FIELDS)
    form = await request.form()
    granularities = [
        *form.getlist("timestamp_granularities[]"),
        *form.getlist("timestamp_granularities"),
    ] or ["segment"]
    format = _one_of("response_format", fields.get("response_format") or "json", _FORMATS)
    _one_of("language", fields.get("language", "").lower(), _LANGUAGES)
    streamed = _one_of("stream", fields.get("stream", "").lower(), ("", *_NO, *_YES)) in _YES
    if streamed:
        _one_of("response_format", format, ("json", "text"))
    for granularity in granularities:
        _one_of("timestamp_granularities[]", str(granularity), _GRANULARITIES)
    model = await run_in_threadpool(here.recognisers.named, fields.get("model", ""))
    _, seconds = await run_in_threadpool(measure, upload.file, here.decoders)

    said = Said()

    def work(job: Job[Heard]) -> Heard:
        with upload.file as file:
            return listen(file, here.decoders, lambda: here.recognisers.load(model), job, said.tell)

    job = here.listening.submit(Job(work, seconds))
    if streamed:
        return await stream(job, said, request)
    heard = await outcome(job, request)
    match format:
        case "text":
            return PlainTextResponse(_text(heard) + "\n")
        case "srt":
            return Response(srt(heard.utterances), media_type="application/x-subrip")
        case "vtt":
            # OpenAI's cues name no voice; in what was said, every such bracket is written otherwise.
            return Response(vtt(heard.utterances).replace("<v Candidate>", ""), media_type="text/vtt")
        case "verbose_json":
            return JSONResponse(_verbose(heard, "word" in granularities, "segment" in granularities))
    return JSONResponse({"text": _text(heard)})


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        what = f"{name} {value[:80]!r} is not supported"
        fix = f"Use one of {', '.join(filter(None, known))}"
        raise Refused(422, "unsupported-value", what, fix, errors=[InputError(what, pointer=f"#/{name}")])
    return value


def _text(heard: Heard) -> str:
    return " ".join(utterance.text for utterance in heard.utterances)


def _verbose(heard: Heard, words: bool, segments: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "task": "transcribe",
        "language": "english",
        "duration": round(heard.seconds, 3),
        "text": _text(heard),
    }
    if segments:
        answer["segments"] = [_segment(number, utterance) for number, utterance in enumerate(heard.utterances)]
    if words:
        answer["words"] = [
            {"word": word.text, "start": round(word.start, 3), "end": round(word.end, 3)}
            for utterance in heard.utterances
            for word in utterance.words
        ]
    return answer


def _segment(number: int, utterance: Utterance) -> dict[str, Any]:
    """A sentence as one of Whisper's segments; typed clients insist on all of these fields."""
    coded = utterance.text.encode()
    sure = [math.log(max(word.probability, 1e-6)) for word in utterance.words]
    return {
        "id": number,
        "seek": 0,
        "start": round(utterance.start, 3),
        "end": round(utterance.end, 3),
        "text": utterance.text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(sum(sure) / max(1, len(sure)), 4),
        "compression_ratio": round(len(coded) / max(1, len(zlib.compress(coded))), 4),
        "no_speech_prob": 0.0,
    }
