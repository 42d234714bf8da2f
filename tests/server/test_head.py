"""HEAD: at every address what GET would answer, without the body."""

import importlib
import pkgutil

import httpx
import pytest

from assistant.log import SessionLog
from server import pages
from tests.server.conftest import Served

IDS = {"problems": "feed", "frameworks": "six-stage"}


def page_paths() -> list[str]:
    """The addresses of all pages, and of what they are made of."""
    modules = [
        importlib.import_module(f"{pages.__name__}.{each.name}") for each in pkgutil.iter_modules(pages.__path__)
    ]
    return [route.path for module in modules if hasattr(module, "router") for route in module.router.routes]


def test_head_is_get_without_a_body_everywhere(api: httpx.Client, session: str) -> None:
    made = api.post("/api/v1/analyses", json={"utterances": [{"start": 0, "end": 1, "text": "Who are the users?"}]})
    ids = IDS | {"sessions": session, "practice": session, "analyses": made.json()["id"]}
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


@pytest.mark.parametrize("path", ["/v1/audio/transcriptions", "/api/v1/sessions/nope/corrections/notes"])
def test_where_there_is_no_get_there_is_no_head(api: httpx.Client, path: str) -> None:
    assert (api.head(path).status_code, api.head(path).headers["allow"]) == (405, "POST")


def test_the_head_of_a_stream_does_not_wait_for_its_end(served: Served, api: httpx.Client) -> None:
    id = api.post("/api/v1/sessions", json={}).json()["id"]
    with SessionLog(served.store.folder(id)):
        head = api.head(f"/api/v1/sessions/{id}/events", timeout=20)
        assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
