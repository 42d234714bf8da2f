"""No request, however strange, is answered with an error of the server."""

import json
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.conftest import problem

pytestmark = pytest.mark.hostile

calm = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])

texts = st.text(st.characters(codec="utf-8"), max_size=60)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
seconds = st.one_of(st.integers(-1, 10**400), st.floats(), st.floats(0, 90_000), values)
words = st.lists(st.fixed_dictionaries({}, optional={"start": seconds, "end": seconds, "text": texts, "word": texts, "score": values}), max_size=3)  # fmt: skip
rows = st.fixed_dictionaries(
    {}, optional={"start": seconds, "end": seconds, "text": values | texts, "speaker": values, "words": words | values}
)
spoken = st.builds(
    lambda start, length, text: {"start": start, "end": start + length, "text": text},
    st.floats(0, 80_000),
    st.floats(0, 5000),
    texts
    | st.sampled_from(["um so, like, the model", "?", "we could do A or B", "1e9 users", "\x00", "-->", "</script>"]),
)
terms = {"problem": values, "framework": values, "level": values, "minutes": values | st.floats()}
transcripts = st.fixed_dictionaries(
    {}, optional={"utterances": st.lists(rows | spoken, max_size=4), "segments": values, **terms}
)
talks = st.fixed_dictionaries({"utterances": st.lists(spoken, max_size=6)}, optional={"minutes": st.floats(0.01, 240)})


def sound(response: httpx.Response) -> None:
    assert response.status_code < 500, response.text
    if response.status_code >= 400 and response.request.method != "HEAD":
        problem(response, response.status_code)


@calm
@given(
    st.sampled_from(["problems", "frameworks", "sessions", "analyses", ""]),
    texts,
    st.sampled_from(["", "/report", "/transcript", "/audio", "/events", "/live"]),
    st.sampled_from(["GET", "HEAD", "DELETE", "PATCH", "OPTIONS"]),
)
def test_any_address(api: httpx.Client, resource: str, id: str, part: str, method: str) -> None:
    sound(api.request(method, f"/api/v1/{resource}/{quote(id, safe='')}{part}"))


@calm
@given(st.dictionaries(st.sampled_from(["limit", "offset", "format"]), texts | st.integers().map(str)))
def test_any_query(api: httpx.Client, session: str, query: dict[str, str]) -> None:
    for path in ("sessions", f"sessions/{session}/transcript"):
        sound(api.get(f"/api/v1/{path}", params=query))


@calm
@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=40), st.sampled_from(["range", "last-event-id", "accept", "if-range", "content-type", "cookie"]))  # fmt: skip
def test_any_header(api: httpx.Client, session: str, value: str, name: str) -> None:
    for path in ("audio", "events"):
        sound(api.get(f"/api/v1/sessions/{session}/{path}", headers={name: value}))


@calm
@given(values | st.fixed_dictionaries({}, optional=terms))
def test_any_session(api: httpx.Client, body: object) -> None:
    sound(api.post("/api/v1/sessions", content=json.dumps(body), headers={"content-type": "application/json"}))


@calm
@given(values | st.fixed_dictionaries({}, optional={"text": texts | values, "at": seconds}))
def test_any_note(api: httpx.Client, session: str, body: object) -> None:
    where = f"/api/v1/sessions/{session}"
    for path in ("notes", "corrections/notes"):
        sound(api.post(f"{where}/{path}", content=json.dumps(body), headers={"content-type": "application/json"}))


@calm
@given(transcripts | talks)
def test_any_transcript(api: httpx.Client, body: object) -> None:
    sound(api.post("/api/v1/analyses", content=json.dumps(body), headers={"content-type": "application/json"}))


@calm
@given(st.binary(max_size=300) | texts.map(str.encode), st.sampled_from(["application/json", "text/plain", "text/vtt", "text/srt", "multipart/form-data; boundary=b", "multipart/form-data", "image/png"]))  # fmt: skip
def test_any_body(api: httpx.Client, body: bytes, kind: str) -> None:
    for path in ("/api/v1/analyses", "/v1/audio/transcriptions"):
        sound(api.post(path, content=body, headers={"content-type": kind}))


@calm
@given(
    st.binary(max_size=200) | texts.map(str.encode),
    texts,
    st.dictionaries(st.sampled_from(["problem", "framework", "level", "minutes", "model", "language", "x"]), texts),
    st.sampled_from(["audio/wav", "text/plain", "application/json", ""]),
    st.sampled_from(
        [b"", b"RIFF\x24\x00\x00\x00WAVEfmt ", b"fLaC", b"OggS", b"ID3", b"\xff\xfb\x90\x00", b"\x1aE\xdf\xa3"]
    ),
)
def test_any_upload(api: httpx.Client, body: bytes, name: str, data: dict[str, str], kind: str, head: bytes) -> None:
    for path in ("/api/v1/analyses", "/v1/audio/transcriptions"):
        sound(api.post(path, files={"file": (name or "x", head + body, kind)}, data=data))
