"""Corrections and notes over the API."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.events import InterviewerSpoke, SessionEnded
from tests.server.conftest import Served, happened, keep, problem


def report(api: httpx.Client, id: str) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"/api/v1/sessions/{id}/report").json()
    return answer


def test_a_corrected_stage_is_judged_by_and_can_be_taken_back(api: httpx.Client, session: str) -> None:
    before = report(api, session)
    one = next(u for u in before["utterances"] if "label" in str(u["text"]))
    where = f"/api/v1/sessions/{session}/corrections"
    made = api.post(f"{where}/stages", json={"at": one["start"], "stage": "wrap_up"})
    assert made.json() == api.get(where).json()
    assert made.json()["stages"] == [{"at": one["start"], "stage": "wrap_up"}]
    after = report(api, session)
    assert next(u for u in after["utterances"] if u["id"] == one["id"]) == {**one, "stage": "wrap_up", "confidence": 1}
    assert not any(f["code"] == "missed_stage" and f.get("stage") == "wrap_up" for f in after["findings"])
    api.post(f"{where}/stages", json={"at": one["start"], "stage": None})
    assert report(api, session) == before


def test_a_rejected_finding_is_left_out_and_its_points_come_back(api: httpx.Client, session: str) -> None:
    before = report(api, session)
    finding = before["findings"][0]
    where = f"/api/v1/sessions/{session}/corrections/findings"
    named = {key: finding.get(key) for key in ("code", "stage", "topic")} | {"at": finding["start"]}
    assert len(api.post(where, json=named).json()["rejected"]) == 1
    after = report(api, session)
    assert after["findings"] == before["findings"][1:]
    assert api.get(f"/api/v1/sessions/{session}").json()["findings"] == len(after["findings"])
    for _ in range(2):
        assert api.post(where, json={**named, "rejected": False}).json()["rejected"] == []
    assert report(api, session) == before
    assert len(api.post(where, json=named).json()["rejected"]) == 1


def test_a_note_stands_in_every_form_of_the_report(api: httpx.Client, session: str) -> None:
    where = f"/api/v1/sessions/{session}"
    api.post(f"{where}/corrections/notes", json={"at": 20.0, "text": "  Say the scale first. "})
    assert "Your note at 0:20: Say the scale first." in report(api, session)["notes"]
    for format in ("text", "markdown", "html"):
        assert "Say the scale first" in api.get(f"{where}/report?format={format}").text
    assert api.post(f"{where}/corrections/notes", json={"at": 20.0, "text": ""}).json()["notes"] == []


def test_a_note_may_stand_at_the_end_of_a_session_that_ended_in_the_middle_of_a_line(
    api: httpx.Client, served: Served
) -> None:
    started = happened(served.store.new_id())[0]
    line = InterviewerSpoke(0.0, 16.7, "Design the home feed of a social network.", "prompt", False)
    id = keep(served.store, [started, line, SessionEnded(2.4, "finished")])
    end = report(api, id)["session"]["duration_seconds"]
    assert end == 16.7
    made = api.post(f"/api/v1/sessions/{id}/corrections/notes", json={"at": end, "text": "late"}).json()
    assert [note["text"] for note in made["notes"]] == ["late"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("stages", {"at": -1, "stage": "data"}),
        ("stages", {"at": 1, "stage": "lunch"}),
        ("stages", {"at": "NaN", "stage": "data"}),
        ("stages", {"at": True, "stage": "data"}),
        ("stages", {"at": "30", "stage": "data"}),
        ("findings", {"at": 1, "code": "missed_topic", "rejected": "no"}),
        ("findings", {"at": 1, "code": "rude"}),
        ("notes", {"at": 1, "text": "x" * 4001}),
        ("notes", {}),
    ],
)
def test_what_makes_no_sense_is_refused(api: httpx.Client, session: str, kind: str, body: object) -> None:
    problem(api.post(f"/api/v1/sessions/{session}/corrections/{kind}", json=body), 422)


@pytest.mark.parametrize(
    ("kind", "body", "nearest"),
    [
        ("stages", {"at": 31.0, "stage": "data"}, "“The label is whether somebody finished the movie.” at 30.00"),
        # The interviewer's.
        ("stages", {"at": 1.0, "stage": "data"}, "at 12.00"),
        ("stages", {"at": 1.0, "stage": None}, "at 12.00"),
        ("findings", {"at": 30.0, "code": "rambling_fillers"}, " at "),
        ("findings", {"at": 30.0, "code": "missed_topic", "topic": "split", "stage": "modeling"}, "missed_topic, "),
        ("notes", {"at": 60.5, "text": "x"}, "60.00"),
    ],
)
def test_what_the_session_does_not_have_cannot_be_corrected(
    api: httpx.Client, session: str, kind: str, body: object, nearest: str
) -> None:
    where = f"/api/v1/sessions/{session}"
    before = report(api, session)
    refused = problem(api.post(f"{where}/corrections/{kind}", json=body), 422)
    assert refused["type"] == "urn:vivavoce:nothing-there"
    assert nearest in str(refused["fix"])
    assert report(api, session) == before


def test_a_line_is_named_by_its_second_as_it_is_shown(api: httpx.Client, session: str) -> None:
    where = f"/api/v1/sessions/{session}/corrections/stages"
    assert api.post(where, json={"at": 30.0091, "stage": "wrap_up"}).json()["stages"] == [
        {"at": 30, "stage": "wrap_up"}
    ]


def test_the_documented_examples_work(api: httpx.Client, session: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    examples = re.findall(r"`curl \$U/sessions/\$ID/(corrections/\w+) .* -d '(.*)'`", text)
    assert len(examples) == 3
    for path, body in examples:
        assert api.post(f"/api/v1/sessions/{session}/{path}", json=json.loads(body)).status_code == 200, body


def test_a_session_that_is_not_over_cannot_be_corrected(served: Served, api: httpx.Client) -> None:
    id = keep(served.store, happened(served.store.new_id(), ended=False))
    problem(api.post(f"/api/v1/sessions/{id}/corrections/notes", json={"at": 1, "text": "x"}), 409)
    problem(api.post("/api/v1/sessions/nope/corrections/notes", json={"at": 1, "text": "x"}), 404)


def test_corrections_end_neither_the_stream_of_events_nor_the_session_twice(api: httpx.Client, session: str) -> None:
    where = f"/api/v1/sessions/{session}"
    before = api.get(f"{where}/events").text
    api.post(f"{where}/corrections/notes", json={"at": 20.0, "text": "x"})
    assert api.get(f"{where}/events").text == before
    assert api.get(where).json()["state"] == "finished"
    assert api.get(where).json()["duration_seconds"] == 60
