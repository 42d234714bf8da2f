"""OpenAI's own client, pointed at this server."""

from collections.abc import Iterator
from typing import Literal

import pytest
from openai import NotFoundError, OpenAI, UnprocessableEntityError

from tests.server.conftest import Served


@pytest.fixture(scope="module")
def openai(served: Served) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{served.url}/v1", api_key="none is needed", max_retries=0) as client:
        yield client


def test_the_text_is_what_it_gets(openai: OpenAI, clip: bytes) -> None:
    found = openai.audio.transcriptions.create(file=("talk.wav", clip), model="whisper-1")
    assert "movies" in found.text


@pytest.mark.parametrize(("format", "begins"), [("text", ""), ("srt", "1\n00:00:0"), ("vtt", "WEBVTT")])
def test_plain_forms_are_text(openai: OpenAI, clip: bytes, format: Literal["text", "srt", "vtt"], begins: str) -> None:
    found = openai.audio.transcriptions.create(file=("talk.wav", clip), model="whisper-1", response_format=format)
    assert isinstance(found, str)
    assert found.startswith(begins) and "movies" in found


def test_words_and_segments_have_times(openai: OpenAI, clip: bytes) -> None:
    found = openai.audio.transcriptions.create(
        file=("talk.wav", clip),
        model="whisper-1",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    assert found.words and found.segments
    assert [word.word for word in found.words] == found.text.split()
    times = [time for word in found.words for time in (word.start, word.end)]
    assert times == sorted(times) and times[-1] <= found.duration
    assert found.segments[0].start <= found.words[0].start and found.words[-1].end <= found.segments[-1].end


def test_newer_models_and_how_sound_is_cut_may_be_named(openai: OpenAI, clip: bytes) -> None:
    sound = ("talk.wav", clip)
    found = openai.audio.transcriptions.create(file=sound, model="gpt-4o-mini-transcribe", chunking_strategy="auto")
    assert "movies" in found.text


def test_the_models_that_may_be_named_are_listed(openai: OpenAI, clip: bytes) -> None:
    known = [model.id for model in openai.models.list()]
    assert known[0] == "tiny.en" and "whisper-1" in known
    assert openai.models.retrieve("tiny.en").object == "model"
    with pytest.raises(NotFoundError):
        openai.models.retrieve("whisper-9")


def test_a_stream_is_read_as_it_comes(openai: OpenAI, clip: bytes) -> None:
    *deltas, done = openai.audio.transcriptions.create(file=("talk.wav", clip), model="whisper-1", stream=True)
    assert done.type == "transcript.text.done" and "movies" in done.text
    assert "".join(event.delta for event in deltas if event.type == "transcript.text.delta") == done.text


def test_its_errors_name_what_is_wrong(openai: OpenAI, clip: bytes) -> None:
    with pytest.raises(UnprocessableEntityError) as refused:
        openai.audio.transcriptions.create(file=("talk.wav", clip), model="whisper-9")
    assert refused.value.param == "model"
