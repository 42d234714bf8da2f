import asyncio
import base64
import io
import json
import re
import threading
import wave
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import jsonschema
import numpy as np
import pytest

from analysis.report_json import schema
from assistant.events import SessionEnded, WordsHeard
from assistant.log import SessionLog
from speech.decode import decode
from tests.server.conftest import SAID, Served, happened, keep, problem


def test_the_history_is_paged_newest_first(served: Served, api: httpx.Client) -> None:
    kept = [keep(served.store, happened(served.store.new_id())) for _ in range(3)]
    first = api.get("/api/v1/sessions", params={"limit": 2}).json()
    second = api.get("/api/v1/sessions", params={"limit": 2, "offset": 2}).json()
    assert first["total"] == second["total"] >= 3
    assert (first["limit"], second["offset"]) == (2, 2)
    ids = [session["id"] for session in first["sessions"] + second["sessions"]]
    assert ids == sorted(ids, reverse=True)
    everything = api.get("/api/v1/sessions").json()["sessions"]
    assert set(kept) <= {session["id"] for session in everything}
    assert len(everything) == first["total"]


@pytest.mark.parametrize("resource", ["sessions", "analyses"])
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("offset=-1", "offset"),
        ("limit=1e3", "limit"),
    ],
)
def test_impossible_pages_name_the_parameter(api: httpx.Client, resource: str, query: str, parameter: str) -> None:
    body = problem(api.get(f"/api/v1/{resource}?{query}"), 422)
    assert isinstance(body["errors"], list)
    assert body["errors"][0]["parameter"] == parameter


def test_a_session_is_made_shown_and_deleted(api: httpx.Client) -> None:
    made = api.post(
        "/api/v1/sessions", json={"problem": "feed", "framework": "five-step", "level": "staff", "minutes": 60}
    )
    assert made.status_code == 201
    session = made.json()
    assert made.headers["location"] == f"/api/v1/sessions/{session['id']}"
    assert (session["problem"], session["framework"], session["level"]) == ("feed", "five-step", "staff")
    assert session["planned_seconds"] == 3600
    shown = api.get(made.headers["location"])
    assert shown.json() == session
    assert shown.json()["state"] == "unfinished"
    assert api.delete(made.headers["location"]).status_code == 204
    problem(api.get(made.headers["location"]), 404)
    problem(api.delete(made.headers["location"]), 404)


def test_nothing_but_defaults_makes_a_session_too(api: httpx.Client) -> None:
    session = api.post("/api/v1/sessions", json={}).json()
    assert (session["problem"], session["framework"], session["planned_seconds"]) == (None, "six-stage", 2700)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"minutes": 0}, "#/minutes"),
        ({"minutes": 1000}, "#/minutes"),
        ({"minutes": "long"}, "#/minutes"),
        ({"minutes": "45"}, "#/minutes"),
        ({"minutes": True}, "#/minutes"),
        ({"nudges": "yes"}, "#/nudges"),
        ({"nudges": 1}, "#/nudges"),
        ({"level": "boss"}, "#/level"),
        ({"framework": "none"}, "#/framework"),
        ({"problem": "nothing"}, "#/problem"),
        ({"problem": 7}, "#/problem"),
        ({"minute": 45}, "#/minute"),
        ([], "#"),
    ],
)
def test_a_session_that_cannot_be_made_points_at_the_mistake(api: httpx.Client, body: object, pointer: str) -> None:
    found = problem(api.post("/api/v1/sessions", json=body), 422)
    assert isinstance(found["errors"], list)
    assert [error["pointer"] for error in found["errors"]] == [pointer]


@pytest.mark.parametrize("body", [[], "feed", 45])
def test_what_is_no_object_is_told_so(api: httpx.Client, body: object) -> None:
    found = problem(api.post("/api/v1/sessions", json=body), 422)
    assert found["detail"] == "The request has 1 mistake: #: Input should be an object, sent as application/json"


@pytest.mark.parametrize("body", [b"", b"{", b'{"minutes": NaN}', b"\xff\xfe", b'{"problem": "\\ud800"}', b"[" * 5000])
def test_a_body_that_is_not_json_is_a_problem(api: httpx.Client, body: bytes) -> None:
    response = api.post("/api/v1/sessions", content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    problem(response, response.status_code)


def test_the_report_of_a_session_is_the_contracts(api: httpx.Client, session: str) -> None:
    response = api.get(f"/api/v1/sessions/{session}/report")
    assert response.headers["content-type"] == "application/json"
    report = response.json()
    jsonschema.validate(report, schema())
    assert report["schema"] == "vivavoce.report/1"
    assert report["session"]["id"] == session
    assert report["session"]["duration_seconds"] == 60
    assert [u["text"] for u in report["utterances"] if u["speaker"] == "candidate"] == [text for text, _ in SAID]


@pytest.mark.parametrize(
    ("format", "kind", "begins"),
    [
        ("text", "text/plain", ""),
        ("markdown", "text/markdown", "#"),
        ("html", "text/html", "<!"),
        ("srt", "application/x-subrip", "1\n"),
        ("vtt", "text/vtt", "WEBVTT"),
        ("chapters", "text/vtt", "WEBVTT"),
        ("metadata", "text/vtt", "WEBVTT"),
        ("audacity", "text/plain", ""),
    ],
)
def test_a_report_in_every_format(api: httpx.Client, session: str, format: str, kind: str, begins: str) -> None:
    response = api.get(f"/api/v1/sessions/{session}/report", params={"format": format})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].partition(";")[0] == kind
    assert response.text.lower().startswith(begins.lower())
    assert len(response.text) > 50


def at_once(served: Served, *paths: str, times: int) -> Counter[int]:
    """How often each status answers so many requests for each path that come at the same time."""

    async def ask() -> list[int]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=served.url, timeout=180, limits=limits) as client:
            answers = await asyncio.gather(*(client.get(path) for path in paths for _ in range(times)))
        return [answer.status_code for answer in answers]

    # In a thread of its own: a browser that was tested before may have left its event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        return Counter(thread.submit(asyncio.run, ask()).result())


@pytest.mark.load
def test_many_may_read_a_finished_session_at_the_same_time(served: Served, api: httpx.Client, session: str) -> None:
    where = f"/api/v1/sessions/{session}"
    assert api.get(f"{where}/report").status_code == 200
    paths = (f"{where}/report", f"{where}/report?format=html", f"{where}/transcript")
    assert at_once(served, *paths, times=40) == {200: 120}


@pytest.mark.load
def test_a_report_that_is_not_kept_is_computed_once_for_all_who_wait(served: Served, session: str) -> None:
    running = keep(served.store, happened(served.store.new_id(), ended=False))
    for id in (session, running):
        assert at_once(served, f"/api/v1/sessions/{id}/report", times=60) == {200: 60}


def test_who_reads_a_report_again_reads_what_was_corrected_meanwhile(api: httpx.Client, session: str) -> None:
    where = f"/api/v1/sessions/{session}"
    for format in ("json", "html", "text"):
        assert f"as {format}" not in api.get(f"{where}/report?format={format}").text
        api.post(f"{where}/corrections/notes", json={"at": 20.0, "text": f"as {format}"})
        assert f"as {format}" in api.get(f"{where}/report?format={format}").text


def test_a_report_as_a_page_may_load_nothing(api: httpx.Client, session: str) -> None:
    response = api.get(f"/api/v1/sessions/{session}/report", params={"format": "html"})
    assert "default-src 'none'" in response.headers["content-security-policy"]


def test_only_a_page_of_a_recorded_session_carries_its_sound(api: httpx.Client, served: Served, session: str) -> None:
    def asked(id: str, format: str) -> httpx.Response:
        return api.get(f"/api/v1/sessions/{id}/report", params={"format": format, "audio": "true"})

    page = asked(session, "html")
    found = re.search(r'src="data:audio/ogg;base64,([^"]+)"', page.text)
    assert found is not None
    assert decode(io.BytesIO(base64.b64decode(found[1]))).samples.size == pytest.approx(32_000, abs=960)
    assert "media-src data:" in page.headers["content-security-policy"]
    problem(asked(session, "json"), 422)
    problem(asked(keep(served.store, happened(served.store.new_id())), "html"), 404)


def test_the_transcript_comes_in_four_formats_and_goes_in_again(api: httpx.Client, session: str) -> None:
    def transcript(format: str) -> httpx.Response:
        return api.get(f"/api/v1/sessions/{session}/transcript", params={"format": format})

    document = transcript("json").json()
    assert [u["speaker"] for u in document["utterances"]] == ["interviewer"] + ["candidate"] * len(SAID)
    assert transcript("text").text.splitlines()[1] == SAID[0][0]
    assert "00:00:12,000 --> " in transcript("srt").text
    assert transcript("vtt").text.startswith("WEBVTT")
    problem(transcript("pdf"), 422)
    again = api.post("/api/v1/analyses", json=document).json()
    assert [u["text"] for u in again["report"]["utterances"]] == [u["text"] for u in document["utterances"]]


def test_the_recording_is_a_wav_file(api: httpx.Client, session: str) -> None:
    response = api.get(f"/api/v1/sessions/{session}/audio")
    assert response.headers["content-type"] == "audio/wav"
    assert response.headers["accept-ranges"] == "bytes"
    with wave.open(io.BytesIO(response.content)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (16_000, 1, 32_000)
        assert np.array_equal(np.frombuffer(file.readframes(32_000), "<i2"), np.arange(32_000, dtype=np.int16))
    assert api.head(f"/api/v1/sessions/{session}/audio").headers["content-length"] == str(len(response.content))


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-3", slice(0, 4)),
        ("bytes=40-51", slice(40, 52)),
        ("bytes=1000-", slice(1000, None)),
        ("bytes=1001-2000", slice(1001, 2001)),
        ("bytes=-100", slice(-100, None)),
        ("bytes=64000-999999999", slice(64000, None)),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_a_part_of_the_recording(
    served: Served, api: httpx.Client, session: str, asked: str, part: slice, compressed: bool
) -> None:
    whole = api.get(f"/api/v1/sessions/{session}/audio").content
    if compressed:
        served.store.compress(session)
        assert api.get(f"/api/v1/sessions/{session}/audio").content == whole
    response = api.get(f"/api/v1/sessions/{session}/audio", headers={"range": asked})
    assert response.status_code == 206
    assert response.content == whole[part]
    first = range(len(whole))[part][0]
    assert response.headers["content-range"] == f"bytes {first}-{first + len(response.content) - 1}/{len(whole)}"


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,3-4", "items=1-2", "bytes=9-2", "bytes=-", "bytes", "bytes=" + "1" * 400 + "-"]
)
def test_ranges_that_mean_nothing_are_ignored(api: httpx.Client, session: str, asked: str) -> None:
    assert api.get(f"/api/v1/sessions/{session}/audio", headers={"range": asked}).status_code == 200
    # A part of something that is not known to be the same is no part of this.
    conditional = {"range": "bytes=0-9", "if-range": '"another"'}
    assert api.get(f"/api/v1/sessions/{session}/audio", headers=conditional).status_code == 200


@pytest.mark.parametrize("asked", ["bytes=64044-", "bytes=999999-9999999", "bytes=-0"])
def test_a_range_after_the_end_is_refused(api: httpx.Client, session: str, asked: str) -> None:
    response = api.get(f"/api/v1/sessions/{session}/audio", headers={"range": asked})
    problem(response, 416)
    assert response.headers["content-range"] == "bytes */64044"


def test_a_session_without_a_recording_says_so(served: Served, api: httpx.Client) -> None:
    id = keep(served.store, happened(served.store.new_id()))
    assert "no recording" in str(problem(api.get(f"/api/v1/sessions/{id}/audio"), 404)["detail"])


def sent(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    event: dict[str, str] = {}
    for line in lines:
        if not line and event:
            yield event
            event = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value


def test_the_events_of_a_finished_session_end_and_can_be_resumed(api: httpx.Client, session: str) -> None:
    with api.stream("GET", f"/api/v1/sessions/{session}/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = list(sent(response.iter_lines()))
    assert [event["event"] for event in events] == [
        "session_started", "audio_started", "interviewer_spoke", *["words_heard"] * len(SAID), "session_ended",
    ]  # fmt: skip
    assert json.loads(events[3]["data"])["text"] == SAID[0][0]
    document = api.get("/openapi.json").json()
    stream = document["paths"]["/api/v1/sessions/{id}/events"]["get"]["responses"]["200"]["content"][
        "text/event-stream"
    ]
    told = stream["itemSchema"]["properties"]
    for event in events:
        assert event["event"] in told["event"]["enum"]
        schema = {**told["data"]["contentSchema"], "components": document["components"]}
        jsonschema.validate(json.loads(event["data"]), schema)
    with api.stream(
        "GET", f"/api/v1/sessions/{session}/events", headers={"last-event-id": events[4]["id"]}
    ) as response:
        assert list(sent(response.iter_lines())) == events[5:]


def test_who_received_all_events_of_a_session_that_ended_is_told_to_stop(
    served: Served, api: httpx.Client, session: str
) -> None:
    where = f"/api/v1/sessions/{session}"
    with api.stream("GET", f"{where}/events") as response:
        last = list(sent(response.iter_lines()))[-1]["id"]
    api.post(f"{where}/corrections/notes", json={"at": 20.0, "text": "afterwards"})
    for received, status in ((int(last) - 1, 200), (int(last), 204), (int(last) + 1, 204)):
        answer = api.get(f"{where}/events", headers={"last-event-id": str(received)})
        assert (answer.status_code, bool(answer.content)) == (status, status == 200)
    # It may still go on.
    begun = api.post("/api/v1/sessions", json={}).json()["id"]
    assert api.get(f"/api/v1/sessions/{begun}/events", headers={"last-event-id": "1"}).status_code == 200
    served.store.delete(begun)


def test_events_arrive_while_a_session_runs(served: Served, api: httpx.Client) -> None:
    id = served.store.new_id()
    *before, last = happened(id)
    keep(served.store, happened(id, ended=False)[:3])
    arrived = threading.Event()

    def talk() -> None:
        with SessionLog(served.store.folder(id)) as log:
            running.set()
            for event in before[3:]:
                assert arrived.wait(30)
                arrived.clear()
                log.append(event)
            assert arrived.wait(30)
            log.append(last)

    running = threading.Event()
    talker = threading.Thread(target=talk)
    talker.start()
    assert running.wait(10)
    problem(api.delete(f"/api/v1/sessions/{id}"), 409)
    names = []
    with api.stream("GET", f"/api/v1/sessions/{id}/events", headers={"last-event-id": "2"}) as response:
        for event in sent(response.iter_lines()):
            names.append(event["event"])
            arrived.set()
    talker.join(30)
    assert names == ["interviewer_spoke", *["words_heard"] * len(SAID), "session_ended"]


def test_events_of_a_crashed_session_end_where_its_log_is_torn(served: Served, api: httpx.Client) -> None:
    id = keep(served.store, happened(served.store.new_id(), ended=False))
    with (served.store.folder(id) / "events.jsonl").open("ab") as file:
        file.write(b'{"event":"words_he')
    with api.stream("GET", f"/api/v1/sessions/{id}/events") as response:
        events = list(sent(response.iter_lines()))
    assert len(events) == 3 + len(SAID)
    assert api.get(f"/api/v1/sessions/{id}").json()["state"] == "unfinished"
    assert api.get(f"/api/v1/sessions/{id}/report").status_code == 200


@pytest.mark.parametrize("part", ["", "/report", "/transcript", "/audio", "/events"])
@pytest.mark.parametrize("id", ["yesterday", "20260101-000000-ffff", "..%2f..%2fetc", "%00", "20260101-000000-ffff%0a"])
def test_unknown_sessions_are_not_found_anywhere(api: httpx.Client, id: str, part: str) -> None:
    problem(api.get(f"/api/v1/sessions/{id}{part}"), 404)


def test_a_session_whose_log_lost_its_beginning_is_a_problem(served: Served, api: httpx.Client) -> None:
    id = keep(served.store, happened(served.store.new_id()))
    log = served.store.folder(id) / "events.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[1:]))
    problem(api.get(f"/api/v1/sessions/{id}"), 409)
    problem(api.get(f"/api/v1/sessions/{id}/report"), 409)
    assert api.get("/api/v1/sessions").status_code == 200
    served.store.delete(id)


def test_a_drill_is_made_of_a_stage_of_questions_or_of_what_was_weakest(served: Served, api: httpx.Client) -> None:
    judged = keep(served.store, happened(served.store.new_id(), True))
    served.store.finish(judged, "finished")
    for drill in ("data", "probes", "weakest"):
        made = api.post("/api/v1/sessions", json={"drill": drill, "strictness": "silent"}).json()
        assert made["planned_seconds"] == 600
        framework, _, part = made["framework"].partition(":")
        assert framework == "six-stage"
        assert part == drill or drill == "weakest"
        assert made["problem"]
        assert made["planned_seconds"] == 600
        served.store.delete(made["id"])
    for terms, minutes in (({"framework": "six-stage:data"}, 10), ({"drill": "data", "minutes": 20}, 20), ({}, 45)):
        assert api.post("/api/v1/sessions", json=terms).json()["planned_seconds"] == minutes * 60
    assert api.post("/api/v1/sessions", json={"drill": "everything"}).status_code == 422
    following = api.get("/api/v1/progress").json()["next"]
    assert following["reason"] and following["command"].startswith("viva practice ")
    page = api.get("/practice", params={"problem": "feed", "framework": "six-stage:data", "minutes": "10"})
    assert page.status_code == 200 and "Data" in page.text
    served.store.delete(judged)


def test_progress_has_every_judged_session(served: Served, api: httpx.Client) -> None:
    judged, running = (keep(served.store, happened(served.store.new_id(), ended)) for ended in (True, False))
    served.store.finish(judged, "finished")
    progress = api.get("/api/v1/progress").json()
    points = {point["id"]: point for point in progress["sessions"]}
    assert judged in points and running not in points
    assert points[judged]["score"] == api.get(f"/api/v1/sessions/{judged}/report").json()["score"]["total"]
    practised = [point["problem"] for point in points.values()]
    assert progress["problems"]["video-recommendation"] == practised.count("video-recommendation")
    assert sum(week["sessions"] for week in progress["weeks"]) == len(points)


def test_hearing_and_ending_change_what_the_history_tells(served: Served, api: httpx.Client) -> None:
    id = keep(served.store, happened(served.store.new_id(), ended=False))
    assert api.get(f"/api/v1/sessions/{id}").json()["state"] == "unfinished"
    with SessionLog(served.store.folder(id)) as log:
        assert api.get(f"/api/v1/sessions/{id}").json()["state"] == "running"
        assert api.get("/api/v1/health").json()["sessions_running"] == 1
        log.append(WordsHeard(70.0, 72.0, (), "Then I would monitor drift and retrain every week."))
        log.append(SessionEnded(75.0, "finished"))
    shown = api.get(f"/api/v1/sessions/{id}").json()
    assert (shown["state"], shown["duration_seconds"]) == ("finished", 75)
    report = api.get(f"/api/v1/sessions/{id}/report").json()
    assert report["utterances"][-1]["text"].startswith("Then I would monitor")
