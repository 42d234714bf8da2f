import json
import time
from collections.abc import Callable

import httpx
import jiwer
import numpy as np
import pytest

from tests.server.conftest import problem, wav
from tests.speech.conftest import INTRODUCTION, LABELS, Samples

PATH = "/v1/audio/transcriptions"
PAUSE = np.zeros(16_000, np.float32)


def words(text: str) -> str:
    return text.lower().replace("300 million", "three hundred million").replace(".", "").replace(",", "")


def test_json_is_the_default_and_has_the_text(api: httpx.Client, clip: bytes) -> None:
    answer = api.post(PATH, files={"file": ("talk.wav", clip)}, data={"model": "whisper-1"}).json()
    assert set(answer) == {"text"}
    assert jiwer.wer(words(INTRODUCTION), words(answer["text"])) < 0.2


def test_all_formats_tell_the_same(api: httpx.Client, clip: bytes) -> None:
    def ask(format: str) -> httpx.Response:
        return api.post(PATH, files={"file": ("talk.wav", clip)}, data={"model": "tiny.en", "response_format": format})

    text = ask("text")
    assert text.headers["content-type"].startswith("text/plain")
    assert text.text.strip() == ask("json").json()["text"]
    srt, vtt = ask("srt"), ask("vtt")
    assert srt.text.startswith("1\n00:00:0")
    assert vtt.headers["content-type"].startswith("text/vtt")
    assert vtt.text.startswith("WEBVTT") and "<v " not in vtt.text
    assert text.text.split()[-1] in srt.text and text.text.split()[-1] in vtt.text


def test_verbose_json_has_what_typed_clients_insist_on(api: httpx.Client, clip: bytes) -> None:
    answer = api.post(
        PATH,
        files={"file": ("talk.wav", clip)},
        data={
            "model": "whisper-1",
            "response_format": "verbose_json",
            "timestamp_granularities[]": ["word", "segment"],
            "language": "en",
            "temperature": "0",
            "prompt": "movies",
        },
    ).json()
    assert (answer["task"], answer["language"]) == ("transcribe", "english")
    assert abs(answer["duration"] - (len(clip) - 44) / 32_000) < 0.01
    segment = answer["segments"][0]
    assert set(segment) == {
        "id", "seek", "start", "end", "text", "tokens", "temperature", "avg_logprob", "compression_ratio", "no_speech_prob",
    }  # fmt: skip
    assert [word["word"] for word in answer["words"]] == answer["text"].split()
    for word in answer["words"]:
        assert 0 <= word["start"] <= word["end"] <= answer["duration"]


def test_words_come_only_when_asked_for(api: httpx.Client, clip: bytes) -> None:
    answer = api.post(PATH, files={"file": ("talk.wav", clip)}, data={"response_format": "verbose_json"}).json()
    assert "segments" in answer and "words" not in answer


def test_a_stream_tells_each_sentence_as_soon_as_it_is_known(
    api: httpx.Client, speak: Callable[[str], Samples]
) -> None:
    talk = wav(np.concatenate([piece for text in (INTRODUCTION, LABELS) for piece in (speak(text), PAUSE)]))
    events, arrived = [], []
    with api.stream("POST", PATH, files={"file": ("talk.wav", talk)}, data={"stream": "true"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in answer.iter_lines() if line and not line.startswith(":"))
        for event, data in zip(lines, lines, strict=True):
            events.append(json.loads(data.removeprefix("data: ")))
            arrived.append(time.monotonic())
            assert event == f"event: {events[-1]['type']}"
    *deltas, done = events
    assert {delta["type"] for delta in deltas} == {"transcript.text.delta"} and len(deltas) >= 2
    assert done["type"] == "transcript.text.done"
    assert "".join(delta["delta"] for delta in deltas) == done["text"]
    assert jiwer.wer(words(f"{INTRODUCTION} {LABELS}"), words(done["text"])) < 0.3
    # Not all at once, at the end.
    assert arrived[-1] > arrived[0]


def test_a_stream_that_is_left_ends_the_work(api: httpx.Client, clip: bytes) -> None:
    def jobs() -> int:
        waiting: int = api.get("/api/v1/health").json()["jobs_waiting"]
        return waiting

    long = wav(np.tile(np.frombuffer(clip[44:], np.int16).astype(np.float32) / 32768, 60))
    with api.stream("POST", PATH, files={"file": ("talk.wav", long)}, data={"stream": "true"}) as answer:
        # Kept: a generator that is thrown away closes the connection.
        lines = answer.iter_lines()
        next(lines)
        assert jobs()
    while jobs():
        time.sleep(0.05)


def test_a_stream_of_what_is_no_recording_is_refused_at_once(api: httpx.Client) -> None:
    problem(api.post(PATH, files={"file": ("talk.wav", b"hello")}, data={"stream": "true"}), 422)


@pytest.mark.parametrize("format", ["json", "text", "srt", "vtt", "verbose_json"])
def test_silence_has_the_right_form_and_no_words(api: httpx.Client, format: str) -> None:
    silence = wav(np.zeros(32_000, np.float32))
    response = api.post(PATH, files={"file": ("s.wav", silence)}, data={"response_format": format})
    assert response.status_code == 200
    if "json" in format:
        assert response.json()["text"] == ""
    else:
        assert response.text.strip() in ("", "WEBVTT")


@pytest.mark.parametrize(
    ("data", "param"),
    [
        ({"model": "whisper-9"}, "model"),
        ({"model": "minilm"}, "model"),
        ({"response_format": "pdf"}, "response_format"),
        ({"language": "de"}, "language"),
        ({"stream": "maybe"}, "stream"),
        ({"stream": "true", "response_format": "srt"}, "response_format"),
        ({"timestamp_granularities[]": "letter"}, "timestamp_granularities[]"),
        ({"known_speaker_names": "auto"}, "known_speaker_names"),
    ],
)
def test_what_is_not_supported_is_refused_as_openais_clients_read_it(
    api: httpx.Client, clip: bytes, data: dict[str, str], param: str
) -> None:
    found = problem(api.post(PATH, files={"file": ("talk.wav", clip)}, data=data), 422)
    error = found["error"]
    assert isinstance(error, dict)
    assert error["param"] == param
    assert error["type"] == "invalid_request_error"
    assert error["message"]


def test_a_request_without_a_file_is_refused(api: httpx.Client) -> None:
    problem(api.post(PATH, json={"model": "whisper-1"}), 415)
    problem(api.post(PATH, files={"sound": ("a.wav", b"x")}), 422)
