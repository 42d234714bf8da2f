"""HEAD is at every address what GET would answer, without the body; and what an address takes, it says."""

import httpx
import pytest

from assistant.log import SessionLog
from tests.server.conftest import Served, page_paths, problem


def test_head_is_get_without_a_body_everywhere(api: httpx.Client, session: str) -> None:
    made = api.post("/api/v1/analyses", json={"utterances": [{"start": 0, "end": 1, "text": "Who are the users?"}]})
    ids = {
        "problems": "feed",
        "frameworks": "six-stage",
        "sessions": session,
        "practice": session,
        "models": "whisper-1",
    }
    ids["analyses"] = made.json()["id"]
    document = api.get("/openapi.json").json()
    paths = [path for path, methods in document["paths"].items() if "get" in methods]
    paths += ["/openapi.json", *page_paths(), *(path.format(id="nowhere") for path in paths)]
    assert len(paths) > 40
    for path in paths:
        kind = next((kind for kind in ids if f"/{kind}/" in path), "")
        address = path.format(id=ids.get(kind), name="pages.css")
        got, head = api.get(address), api.head(address)
        assert head.status_code == got.status_code, address
        assert head.content == b""
        assert unchanging(head) == unchanging(got), address


def unchanging(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "date"}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", "GET, HEAD"),
        ("/openapi.json", "GET, HEAD"),
        ("/api/v1/problems", "GET, HEAD"),
        ("/api/v1/sessions", "GET, HEAD, POST"),
        ("/api/v1/sessions/nope", "GET, HEAD, DELETE"),
        ("/api/v1/analyses", "GET, HEAD, POST"),
        ("/v1/audio/transcriptions", "POST"),
    ],
)
def test_a_wrong_method_says_which_are_right(api: httpx.Client, path: str, allowed: str) -> None:
    response = api.put(path)
    problem(response, 405)
    assert response.headers["allow"] == allowed


def test_where_there_is_no_get_there_is_no_head(api: httpx.Client) -> None:
    assert api.head("/v1/audio/transcriptions").status_code == 405


def test_the_head_of_a_stream_does_not_wait_for_its_end(served: Served, api: httpx.Client) -> None:
    id = api.post("/api/v1/sessions", json={}).json()["id"]
    with SessionLog(served.store.folder(id)):
        head = api.head(f"/api/v1/sessions/{id}/events", timeout=20)
        assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
