"""Ten thousand recordings made to do harm."""

import time
from pathlib import Path

import httpx
import pytest

from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.mutants import forms, talk
from tests.scorecard.processes import megabytes, needs_proc, open_files
from tests.scorecard.rows import quickest
from tests.server.conftest import Served, problem, wav

pytestmark = [pytest.mark.hostile, needs_proc]

_SECONDS = 2.0
PATHS = ("/api/v1/analyses", "/v1/audio/transcriptions")


def outcome(api: httpx.Client, answer: httpx.Response) -> httpx.Response:
    """The answer, or what the job that it tells of comes to."""
    while answer.status_code == 202 or (answer.status_code == 200 and answer.json().get("state") == "running"):
        time.sleep(0.02)
        answer = api.get(answer.headers.get("location") or answer.request.url.path)
    return answer


def test_mutated_uploads(claim: Claim, sized: Sized, served: Served, api: httpx.Client, scratch: Path) -> None:
    row = claim("B1", "Whatever is uploaded is judged or refused, at once, and leaves nothing behind")
    count = sized(600, 10_000)
    pid = served.process.pid
    # The recogniser's weights are loaded once.
    assert api.post(PATHS[1], files={"file": ("talk.wav", wav(talk(2.0)))}).status_code == 200
    beyond, slowest, statuses = [], 0.0, dict.fromkeys((200, 202), 0)
    before = 0.0
    for number, (kind, body) in enumerate(forms(1, count)):
        answer = api.post(PATHS[number % 2], content=body, headers={"content-type": kind})
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        if answer.status_code >= 400:
            problem(answer, answer.status_code)
        if answer.status_code >= 500:
            beyond.append((number, answer.text[:200]))
        if answer.status_code == 202:
            outcome(api, answer)

        def again(path: str = PATHS[number % 2], kind: str = kind, body: bytes = body) -> float:
            return api.post(path, content=body, headers={"content-type": kind}).elapsed.total_seconds()

        seconds = answer.elapsed.total_seconds()
        slowest = max(slowest, seconds if seconds < _SECONDS else quickest(again, _SECONDS))
        if number == count // 5:
            before = megabytes(pid)
    told = ", ".join(f"{times} x {status}" for status, times in sorted(statuses.items()) if times)
    row.tried(f"{count} mutants of 14 formats in whole and broken forms over HTTP ({told})")
    row.none("answers 5xx", beyond)
    row.within("slowest answer", slowest, _SECONDS)
    row.at_most("memory grown after the first fifth", megabytes(pid) - before, 30, "MB")
    row.none("temporary files left", list(scratch.iterdir()))
    row.none("files left open", [name for name in open_files(pid) if str(scratch) in name])
    assert served.process.poll() is None
    # None of them was refused for the form it came in alone.
    assert statuses[200] > count / 30
