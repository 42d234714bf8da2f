import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import httpx
import jsonschema
import numpy as np
import pytest

from analysis.report_json import schema
from server.uploads import Upload, Uploads
from tests.server.conftest import Served, problem, wav
from tests.speech.conftest import BASELINE, INTRODUCTION, LABELS, Samples

UTTERANCES = [
    {"start": 0, "end": 4, "speaker": "interviewer", "text": "Design the recommendations for a video service."},
    {"start": 6, "end": 9, "text": "Who are the users, and what does success mean?"},
    {"start": 10, "end": 15, "text": "I would train a gradient boosted tree right away.", "words": []},
]
SRT = (
    "1\n00:00:06,000 --> 00:00:09,000\nWho are the users?\n\n2\n00:00:10,000 --> 00:00:15,500\nThe label is a click.\n"
)
BRACKETS = "[00:00] Who are the users?\n[00:09] The label is a click.\n"
VTT = "WEBVTT\n\n00:06.000 --> 00:09.000\nWho are the users?\n\n00:10.000 --> 00:15.500\nThe label is a click.\n"
TEXT = "Interviewer: Design a feed.\nCandidate: Who are the users? The label is a click.\n"


def done(response: httpx.Response) -> dict[str, object]:
    assert response.status_code == 200, response.text[:500]
    analysis = response.json()
    assert analysis["state"] == "done"
    jsonschema.validate(analysis["report"], schema())
    assert analysis["report"]["session"]["id"] == analysis["id"]
    report: dict[str, object] = analysis["report"]
    return report


def said(report: dict[str, object]) -> list[str]:
    utterances = report["utterances"]
    assert isinstance(utterances, list)
    return [utterance["text"] for utterance in utterances]


def test_a_transcript_is_answered_with_its_report(api: httpx.Client) -> None:
    body = {
        "utterances": UTTERANCES,
        "problem": "feed",
        "framework": "five-step",
        "level": "staff",
        "minutes": 60,
        "more": 1,
    }
    response = api.post("/api/v1/analyses", json=body)
    report = done(response)
    assert said(report) == [utterance["text"] for utterance in UTTERANCES]
    session = report["session"]
    assert isinstance(session, dict)
    assert (session["problem"], session["framework"], session["level"]) == ("feed", "five-step", "staff")
    assert session["planned_seconds"] == 3600
    again = api.get(f"/api/v1/analyses/{response.json()['id']}")
    assert again.json() == response.json()


def test_whisper_segments_are_a_transcript_whatever_stands_beside_them(api: httpx.Client) -> None:
    body = {
        "text": " Who?",
        "language": "en",
        "segments": [{"id": 0, "start": 0.0, "end": 2.0, "text": " Who are the users?"}],
    }
    assert said(done(api.post("/api/v1/analyses", json=body))) == ["Who are the users?"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", TEXT),
        ("text/plain", BRACKETS),
        ("text/vtt", VTT),
        ("application/x-subrip", SRT),
        ("text/srt; charset=utf-8", SRT),
    ],
)
def test_text_and_subtitles_as_a_body(api: httpx.Client, kind: str, body: str) -> None:
    response = api.post(
        "/api/v1/analyses", content=body, headers={"content-type": kind}, params={"level": "junior", "minutes": "30"}
    )
    report = done(response)
    assert said(report)[-1].endswith("The label is a click.")
    session = report["session"]
    assert isinstance(session, dict)
    assert (session["level"], session["planned_seconds"]) == ("junior", 1800)


def test_the_address_says_what_another_program_s_json_does_not(api: httpx.Client) -> None:
    whisper = {"segments": UTTERANCES[1:], "language": "en", "minutes": 20}
    session = done(api.post("/api/v1/analyses", json=whisper, params={"problem": "feed", "minutes": "30"}))["session"]
    assert isinstance(session, dict)
    assert (session["problem"], session["planned_seconds"], session["level"]) == ("feed", 1800, "senior")
    problem(api.post("/api/v1/analyses", json=whisper, params={"level": "boss"}), 422)


@pytest.mark.parametrize("minutes", ["30", True, [30]])
def test_minutes_in_json_are_a_number(api: httpx.Client, minutes: object) -> None:
    found = problem(api.post("/api/v1/analyses", json={"utterances": UTTERANCES, "minutes": minutes}), 422)
    assert "#/minutes" in str(found["detail"])


@pytest.mark.parametrize(
    ("name", "content"),
    [("t.txt", TEXT), ("t.vtt", VTT), ("T.SRT", SRT), ("t.json", json.dumps({"utterances": UTTERANCES}))],
)
def test_a_transcript_as_an_upload(api: httpx.Client, name: str, content: str) -> None:
    response = api.post(
        "/api/v1/analyses", files={"file": (name, content)}, data={"problem": "feed", "minutes": "45", "level": ""}
    )
    assert len(said(done(response))) >= 2


def test_ten_thousand_utterances(api: httpx.Client) -> None:
    texts = [utterance["text"] for utterance in UTTERANCES]
    rows = [{"start": n, "end": n + 0.9, "text": texts[n % 3]} for n in range(10_000)]
    assert len(said(done(api.post("/api/v1/analyses", json={"utterances": rows})))) == 10_000


def test_a_transcript_in_which_nobody_speaks_is_a_problem(api: httpx.Client) -> None:
    found = problem(api.post("/api/v1/analyses", json={"utterances": []}), 422)
    assert found["type"] == "urn:vivavoce:no-speech"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"null", "not an object"),
        (b"{}", "neither"),
        (b'{"utterances": [{"start": 0, "end": 1}]}', "utterances[0].text"),
        (b'{"utterances": [{"start": 2, "end": 1, "text": "x"}]}', "ends before it starts"),
        (b'{"utterances": [{"start": -1, "end": 1, "text": "x"}]}', "utterances[0].start"),
        (b'{"utterances": [{"start": NaN, "end": 1, "text": "x"}]}', ""),
        (b'{"utterances": [{"start": 1e999, "end": 1, "text": "x"}]}', ""),
        (b'{"utterances": [{"start": 0, "end": 1, "text": "\\ud800"}]}', "JSON"),
        (b'{"utterances": [], "minutes": -5}', "minutes"),
        (b'{"utterances": [], "framework": "none"}', "framework"),
        (b'{"utterances": [], "problem": {"a": 1}}', "problem"),
        (b"[" * 100_000, "JSON"),
        (b"\xff\xfe\x00", "JSON"),
    ],
)
def test_a_transcript_that_cannot_be_used_says_where(api: httpx.Client, body: bytes, says: str) -> None:
    found = problem(api.post("/api/v1/analyses", content=body, headers={"content-type": "application/json"}), 422)
    assert says in str(found["detail"])
    assert found["fix"]


def test_other_kinds_of_bodies_are_not_taken(api: httpx.Client) -> None:
    for kind in ("application/octet-stream", "audio/wav", "application/x-www-form-urlencoded", ""):
        found = problem(api.post("/api/v1/analyses", content=b"abc", headers={"content-type": kind}), 415)
        assert "multipart/form-data" in str(found["fix"])


def test_a_recording_is_transcribed_and_judged(api: httpx.Client, clip: bytes) -> None:
    response = api.post(
        "/api/v1/analyses", files={"file": ("talk.wav", clip)}, data={"problem": "video-recommendation"}
    )
    report = done(response)
    heard = " ".join(said(report)).lower()
    for word in INTRODUCTION.lower().strip(".").split()[-4:]:
        assert word in heard or "300" in heard
    utterances = report["utterances"]
    assert isinstance(utterances, list)
    assert utterances[0]["words"]
    assert 0.2 < utterances[0]["start"] < 1.2


def test_a_silent_recording_is_a_problem(api: httpx.Client) -> None:
    silence = wav(np.zeros(16_000 * 5, np.float32))
    found = problem(api.post("/api/v1/analyses", files={"file": ("silence.wav", silence)}), 422)
    assert found["type"] == "urn:vivavoce:no-speech"


def test_a_long_silent_recording_is_a_job_that_fails(api: httpx.Client) -> None:
    silence = wav(np.zeros(16_000 * 70, np.float32))
    where = api.post("/api/v1/analyses", files={"file": ("silence.wav", silence)}).headers["location"]
    while (found := api.get(where).json())["state"] == "running":
        time.sleep(0.05)
    assert found["state"] == "failed"
    assert "Nobody says anything" in found["detail"]


def test_a_longer_recording_is_a_job_with_progress(api: httpx.Client, speak: Callable[[str], Samples]) -> None:
    pause = np.zeros(16_000 * 12, np.float32)
    talk = np.concatenate([piece for text in (INTRODUCTION, LABELS, BASELINE) * 2 for piece in (speak(text), pause)])
    response = api.post("/api/v1/analyses", files={"file": ("talk.wav", wav(talk))})
    assert response.status_code == 202
    assert response.json()["state"] == "running"
    where = response.headers["location"]
    assert where == f"/api/v1/analyses/{response.json()['id']}"
    progress = [0.0]
    while (found := api.get(where).json())["state"] == "running":
        assert found["report"] is None
        progress.append(found["progress"])
        time.sleep(0.05)
    assert found["state"] == "done", found
    assert progress == sorted(progress)
    assert found["progress"] == 1
    jsonschema.validate(found["report"], schema())
    assert len(found["report"]["utterances"]) == 6
    assert abs(found["report"]["session"]["duration_seconds"] - len(talk) / 16_000) < 0.1


SECRET = "secret.wav"


@pytest.mark.hostile
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("talk.wav", b"", "empty"),
        ("talk.wav", b"dear diary, today I practised for the interview", "not an audio file"),
        ("talk.wav", f"ffconcat version 1.0\nfile '{SECRET}'\n".encode(), "not an audio file"),
        ("talk.m3u8", f"#EXTM3U\n#EXTINF:9,\n{SECRET}\n#EXT-X-ENDLIST\n".encode(), "not an audio file"),
        ("talk.sdp", b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n", "not an audio file"),
        ("../../../etc/passwd\x00.wav", b"root:x:0:0", "not an audio file"),
        ("talk.flac", b"fLaC" + bytes(4000), "cut off or damaged"),
        ("talk.wav", wav(np.zeros(16_000, np.float32))[:44], "cut off or damaged"),
        ("talk.mp3", b"ID3\x04" + bytes(100), "cut off or damaged"),
        ("talk.zip", b"PK\x03\x04" + bytes(100), "not an audio file"),
    ],
)  # fmt: skip
def test_what_is_not_a_recording_is_refused(api: httpx.Client, name: str, content: bytes, says: str) -> None:
    for path in ("/api/v1/analyses", "/v1/audio/transcriptions"):
        found = problem(api.post(path, files={"file": (name, content, "audio/wav")}), 422)
        assert says in str(found["detail"])


def test_a_recording_cut_off_on_the_way_is_judged_with_a_note(api: httpx.Client, clip: bytes) -> None:
    report = done(api.post("/api/v1/analyses", files={"file": ("talk.wav", clip[: len(clip) // 2])}))
    assert any("cut off" in note for note in report["notes"])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({"minutes": "many"}, "#/minutes"),
        ({"minutes": "nan"}, "#/minutes"),
        ({"minutes": "1e400"}, "#/minutes"),
        ({"level": "boss"}, "#/level"),
        ({"problem": "none"}, "#/problem"),
        ({"lvel": "staff"}, "#/lvel"),
    ],
)
def test_a_form_with_mistakes_points_at_them(
    api: httpx.Client, clip: bytes, data: dict[str, str], pointer: str
) -> None:
    found = problem(api.post("/api/v1/analyses", files={"file": ("talk.wav", clip)}, data=data), 422)
    assert isinstance(found["errors"], list)
    assert found["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"--b\r\n",
        b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF",
        b"--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nnot a file\r\n--b--\r\n",
        b"--b\r\n\r\n\r\n--b--\r\n",
        b"\x00" * 1000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("boundary", ["; boundary=b", "", "; boundary="])
def test_a_broken_form_is_a_problem(api: httpx.Client, content: bytes, boundary: str) -> None:
    kind = {"content-type": f"multipart/form-data{boundary}"}
    response = api.post("/api/v1/analyses", content=content, headers=kind)
    assert response.status_code in (400, 422)
    problem(response, response.status_code)


def test_two_files_at_once_are_too_many(api: httpx.Client, clip: bytes) -> None:
    problem(api.post("/api/v1/analyses", files=[("file", ("a.wav", clip)), ("file", ("b.wav", clip))]), 400)


def listed(api: httpx.Client) -> dict[str, dict[str, Any]]:
    return {line["id"]: line for line in api.get("/api/v1/analyses", params={"limit": 1000}).json()["analyses"]}


def test_analyses_are_listed_newest_first_and_paged_like_sessions(api: httpx.Client) -> None:
    body = {"utterances": UTTERANCES, "problem": "feed"}
    made = [api.post("/api/v1/analyses", json=body).json() for _ in range(3)]
    first = api.get("/api/v1/analyses", params={"limit": 2}).json()
    second = api.get("/api/v1/analyses", params={"limit": 2, "offset": 2}).json()
    assert first["total"] == second["total"] >= 3
    assert (first["limit"], second["offset"]) == (2, 2)
    ids = [line["id"] for line in first["analyses"] + second["analyses"]]
    assert ids == sorted(ids, reverse=True)
    assert set(first) - {"analyses"} == set(api.get("/api/v1/sessions").json()) - {"sessions"}
    lines = listed(api)
    assert len(lines) == first["total"]
    for analysis in made:
        report = analysis["report"]
        assert lines[analysis["id"]] == {key: value for key, value in analysis.items() if key != "report"} | {
            "problem": "feed",
            "score": report["score"]["total"],
            "findings": len(report["findings"]),
        }
    unsaid = api.post("/api/v1/analyses", json={"utterances": [UTTERANCES[0]]}).json()
    assert unsaid["report"]["score"]["total"] == 0
    assert listed(api)[unsaid["id"]]["score"] is None
    api.delete(f"/api/v1/analyses/{made[0]['id']}")
    assert lines.keys() - listed(api).keys() == {made[0]["id"]}


def test_an_analysis_under_way_is_listed_until_it_is_cancelled(
    api: httpx.Client, speak: Callable[[str], Samples]
) -> None:
    talk = wav(np.tile(np.concatenate([speak(INTRODUCTION), np.zeros(16_000, np.float32)]), 20))
    started = api.post("/api/v1/analyses", files={"file": ("talk.wav", talk)}, data={"problem": "feed"}).json()
    line = listed(api)[started["id"]]
    assert (line["state"], line["problem"], line["score"]) == ("running", "feed", None)
    api.delete(f"/api/v1/analyses/{started['id']}").raise_for_status()
    assert started["id"] not in listed(api)


def test_a_long_transcript_tells_how_far_it_is_and_is_given_up_when_it_is_cancelled(api: httpx.Client) -> None:
    told = [{"start": 5.0 * n, "end": 5.0 * n + 4, "text": f"{LABELS} {n}"} for n in range(6000)]
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(api.post, "/api/v1/analyses", json={"utterances": told, "problem": "feed"}, timeout=60)
        line: dict[str, Any] = {"progress": 0.0}
        while not (line["progress"] or answer.done()):
            time.sleep(0.05)
            line = next((one for one in listed(api).values() if one["state"] == "running"), line)
        assert 0 < line["progress"] < 1
        assert "of the talk read" in line["detail"]
        api.delete(f"/api/v1/analyses/{line['id']}").raise_for_status()
        problem(answer.result(), 503)
    assert line["id"] not in listed(api)


def test_what_another_server_works_on_is_listed_and_what_is_damaged_is_not(served: Served, api: httpx.Client) -> None:
    elsewhere, folder = served.store.new_id(), served.store.root / "analyses"
    damaged = {
        f"20260101-000000-{n:04x}": text for n, text in enumerate(("", "7", "[]", '{"state": "do', '{"report": {}}'))
    }
    uploads = Uploads(served.store.root)
    uploads.keep(elsewhere, BytesIO(b"sound"), Upload("2026-11-21T15:49:12+00:00", 90.0, "", None))
    for id, text in damaged.items():
        (folder / f"{id}.json").write_text(text)
    try:
        lines = listed(api)
        assert (lines[elsewhere]["state"], lines[elsewhere]["detail"]) == ("running", "Another server works on it")
        assert not damaged.keys() & lines.keys()
    finally:
        for id in damaged:
            (folder / f"{id}.json").unlink()
        uploads.remove(elsewhere)


@pytest.mark.parametrize("id", ["1", "20260101-000000-ffff", "%2e%2e", "..%2fsessions"])
def test_unknown_analyses_are_not_found(api: httpx.Client, id: str) -> None:
    problem(api.get(f"/api/v1/analyses/{id}"), 404)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_analysis_is_not_called_a_session(api: httpx.Client, method: str) -> None:
    found = problem(api.request(method, "/api/v1/analyses/20260101-000000-ffff"), 404)
    assert found["type"] == "urn:vivavoce:unknown-analysis"
    assert "sessions" not in str(found["fix"])
