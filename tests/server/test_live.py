import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from speech.frames import pcm16_bytes
from tests.server.conftest import Served, problem, stop
from tests.speech.conftest import INTRODUCTION, LABELS, Samples

PIECE = 3200


def made(api: httpx.Client, **terms: object) -> str:
    id: str = api.post("/api/v1/sessions", json=terms).json()["id"]
    return id


def live(served: Served, id: str) -> ClientConnection:
    url = f"ws://127.0.0.1:{served.port}/api/v1/sessions/{id}/live"
    # What comes may be read at the end only; behind a full queue the server's pings would wait for their answers.
    return connect(url, origin=None, proxy=None, max_queue=None)


def rest(connection: ClientConnection) -> list[dict[str, Any]]:
    events = []
    try:
        while True:
            events.append(json.loads(connection.recv(timeout=60)))
    except ConnectionClosed as closed:
        assert closed.rcvd is not None and closed.rcvd.code == 1000
    return events


def test_a_spoken_answer_becomes_events_and_a_report(
    served: Served, api: httpx.Client, speak: Callable[[str], Samples]
) -> None:
    id = made(api, problem="video-recommendation", minutes=30)
    pause = np.zeros(16_000, np.float32)
    sound = pcm16_bytes(np.concatenate([pause, speak(INTRODUCTION), pause, speak(LABELS), pause]))
    with live(served, id) as connection:
        assert api.get(f"/api/v1/sessions/{id}").json()["state"] in ("running", "unfinished")
        # Who ends a session at once may not be asked anything.
        events = [json.loads(connection.recv(timeout=60))]
        while events[-1]["event"] != "interviewer_spoke":
            events.append(json.loads(connection.recv(timeout=60)))
        # Cut in odd places: half a sample must not turn the rest into noise.
        for at in range(0, len(sound), PIECE + 1):
            connection.send(sound[at : at + PIECE + 1])
        connection.send("end")
        events += rest(connection)
    document = api.get("/openapi.json").json()
    for event in events:
        kind = "LiveState" if event["event"] == "state" else "SessionEvent"
        jsonschema.validate(event, {"$ref": f"#/components/schemas/{kind}", "components": document["components"]})
    names = [event["event"] for event in events if event["event"] != "state"]
    assert names[0] == "session_started"
    assert names[-1] == "session_ended"
    assert "interviewer_spoke" in names
    heard = " ".join(event["text"] for event in events if event["event"] == "words_heard")
    assert "movies" in heard and "label" in heard.lower()
    session = api.get(f"/api/v1/sessions/{id}").json()
    assert (session["state"], session["problem"], session["planned_seconds"]) == (
        "finished",
        "video-recommendation",
        1800,
    )
    report = api.get(f"/api/v1/sessions/{id}/report").json()
    assert " ".join(u["text"] for u in report["utterances"] if u["speaker"] == "candidate") == heard
    recorded = api.get(f"/api/v1/sessions/{id}/audio").content[44:]
    assert recorded == sound


def test_the_state_tells_clock_and_level(served: Served, api: httpx.Client) -> None:
    with live(served, made(api)) as connection:
        connection.send(bytes(PIECE))
        while (event := json.loads(connection.recv(timeout=60)))["event"] != "state":
            pass
        assert event["elapsed"] >= 0 and event["planned"] == 2700 and event["level_db"] < -60
        assert event["stages"] == {}
        connection.send("end")
        rest(connection)


def test_a_connection_that_breaks_off_keeps_and_ends_the_session(
    served: Served, api: httpx.Client, speak: Callable[[str], Samples]
) -> None:
    id = made(api)
    with live(served, id) as connection:
        connection.send(pcm16_bytes(speak(LABELS)))
    while api.get(f"/api/v1/sessions/{id}").json()["state"] != "finished":
        time.sleep(0.1)
    assert served.store.events(id)[-1].reason == "interrupted"  # type: ignore[union-attr]
    assert "label" in api.get(f"/api/v1/sessions/{id}/transcript?format=text").text.lower()


@pytest.mark.fault
def test_a_connection_that_is_lost_may_be_opened_again(served: Served, api: httpx.Client) -> None:
    id = made(api)
    with live(served, id) as lost:
        lost.send(bytes(PIECE))
        before = json.loads(lost.recv(timeout=60))
        lost.socket.shutdown(socket.SHUT_RDWR)
    time.sleep(2)
    assert api.get(f"/api/v1/sessions/{id}").json()["state"] == "running"
    with live(served, id) as found:
        assert json.loads(found.recv(timeout=60)) == before
        found.send("end")
        rest(found)
    assert served.store.events(id)[-1].reason == "finished"  # type: ignore[union-attr]


@pytest.mark.hostile
def test_a_note_with_line_ends_of_every_kind_is_one_event(served: Served, api: httpx.Client) -> None:
    id, text = made(api), "50k a second\u2028at p99\u0085and\u2029more"
    with live(served, id) as connection:
        connection.send(bytes(PIECE))
        while json.loads(connection.recv(timeout=60))["event"] != "state":
            pass
        assert api.post(f"/api/v1/sessions/{id}/notes", json={"text": text}).status_code == 201
        connection.send("end")
        told = [event for event in rest(connection) if event["event"] == "note_written"]
    assert [event["text"] for event in told] == [text]
    streamed = [
        json.loads(line[6:])
        for line in api.get(f"/api/v1/sessions/{id}/events").text.split("\n")
        if line.startswith("data: ")
    ]
    assert [event["text"] for event in streamed if event["event"] == "note_written"] == [text]


def test_notes_that_are_written_meanwhile_belong_to_the_session(served: Served, api: httpx.Client) -> None:
    id = made(api)
    where = f"/api/v1/sessions/{id}"
    problem(api.post(f"{where}/notes", json={"text": "too early"}), 409)
    with live(served, id) as connection:
        connection.send(bytes(PIECE))
        while json.loads(connection.recv(timeout=60))["event"] != "state":
            pass
        answer = api.post(f"{where}/notes", json={"text": " Answer within 20 ms "})
        assert answer.status_code == 201
        first = answer.json()
        assert first["text"] == "Answer within 20 ms"
        others = [api.post(f"{where}/notes", json={"text": text}).json() for text in ("300 M users", "Ask about ads")]
        assert first["at"] < others[0]["at"] < others[1]["at"]
        api.post(f"{where}/notes", json={"at": first["at"], "text": "Answer within 200 ms"})
        api.post(f"{where}/notes", json={"at": others[0]["at"], "text": ""})
        assert api.post(f"{where}/notes", json={"at": 90_000, "text": "Later"}).json()["at"] < 90
        problem(api.post(f"{where}/notes", json={"text": " "}), 422)
        connection.send("end")
        events = rest(connection)
    written = [event for event in events if event["event"] == "note_written"]
    assert [event["text"] for event in written[:3]] == ["Answer within 20 ms", "300 M users", "Ask about ads"]
    kept = api.get(f"{where}/corrections").json()["notes"]
    assert [note["text"] for note in kept] == ["Answer within 200 ms", "Ask about ads", "Later"]
    notes = api.get(f"{where}/report").json()["notes"]
    assert sum(note.startswith("Your note at 0:") for note in notes) == 3
    problem(api.post(f"{where}/notes", json={"text": "too late"}), 409)
    problem(api.post("/api/v1/sessions/nope/notes", json={"text": "x"}), 404)
    assert len(api.post(f"{where}/corrections/notes", json={"at": first["at"], "text": ""}).json()["notes"]) == 2


def refusal(served: Served, id: str) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as refused:
        live(served, id)
    response = refused.value.response
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, json.loads(response.body or b"")["type"]


def test_sessions_that_cannot_be_filled_are_refused(served: Served, api: httpx.Client, session: str) -> None:
    assert refusal(served, "20260101-000000-ffff") == (404, "urn:vivavoce:unknown-session")
    assert refusal(served, "yesterday") == (404, "urn:vivavoce:unknown-session")
    assert refusal(served, session) == (409, "urn:vivavoce:session-used")


def test_a_refusal_is_nothing_to_tell_the_servers_terminal(
    started: Callable[..., Served], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    served = started(tmp_path)
    assert refusal(served, "yesterday")[0] == 404
    stop(served)
    assert capfd.readouterr().err == ""


def test_two_live_sessions_at_a_time_each_with_its_own_words(
    served: Served, api: httpx.Client, speak: Callable[[str], Samples]
) -> None:
    first, second, third = made(api, problem="feed"), made(api, problem="video-recommendation"), made(api)
    pause = np.zeros(16_000, np.float32)
    with live(served, first) as one, live(served, second) as other:
        # In turns, as two people talk at the same time.
        spoken = [pcm16_bytes(np.concatenate([pause, speak(text), pause])) for text in (INTRODUCTION, LABELS)]
        for at in range(0, max(map(len, spoken)), PIECE):
            for connection, sound in zip((one, other), spoken, strict=True):
                if piece := sound[at : at + PIECE]:
                    connection.send(piece)
        assert refusal(served, third) == (503, "urn:vivavoce:busy")
        told = []
        for connection in (one, other):
            connection.send("end")
            told.append(" ".join(event["text"] for event in rest(connection) if event["event"] == "words_heard"))
    assert "movies" in told[0] and "label" not in told[0].lower()
    assert "label" in told[1].lower()
    with live(served, third) as connection:
        connection.send("end")
        assert rest(connection)[-1]["event"] == "session_ended"


@pytest.mark.fault
def test_the_servers_end_ends_the_session(started: Callable[..., Served], tmp_path: Path) -> None:
    served = started(tmp_path)
    id = httpx.post(f"{served.url}/api/v1/sessions", json={}).json()["id"]
    with live(served, id) as connection:
        connection.send(bytes(PIECE))
        while json.loads(connection.recv(timeout=60))["event"] != "state":
            pass
        stop(served)
    assert served.store.summary(id).state == "finished"


def test_a_language_model_far_away_is_refused_here_too(started: Callable[..., Served], tmp_path: Path) -> None:
    served = started(tmp_path, VIVA_LLM_ADDRESS="http://llm.example/v1")
    id = httpx.post(f"{served.url}/api/v1/sessions", json={}).json()["id"]
    with live(served, id) as connection, pytest.raises(ConnectionClosed) as closed:
        while True:
            connection.recv(timeout=60)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1011
    assert "llm.example" in closed.value.rcvd.reason
