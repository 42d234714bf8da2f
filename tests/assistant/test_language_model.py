"""An optional language model, tested against a server on this machine that speaks its protocol."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assistant.language_model import AddressRefused, LanguageModel, chosen_model
from assistant.opinion import second_opinion
from prompts.errors import UserError
from prompts.problems import get_problem
from tests.assistant.rehearsal import rehearse
from tests.assistant.script import read_script

PROBLEM = get_problem("feed")
SAID = ("The labels are comments and shares.", "I would split by time, three weeks and then two days.")
QUESTION = "Where do your negative examples come from?"
GOOD = {"quote": "comments and shares", "question": "And which posts do you take as the opposite of these?"}


class Server:
    """Answers chat completions with what `answer` gives. asked: bodies of the requests."""

    def __init__(self) -> None:
        self.answer: Callable[[], str] = lambda: json.dumps(GOOD)
        self.status = 200
        self.asked: list[dict[str, object]] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                served.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                content = served.answer()
                body = json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()
                try:
                    self.send_response(served.status if self.path == "/v1/chat/completions" else 404)
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # whoever asked has gone

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def model(server: Server) -> LanguageModel:
    return LanguageModel(server.address, "small")


def test_a_follow_up_quotes_the_candidate_and_is_given_the_facts(server: Server, model: LanguageModel) -> None:
    text = model.follow_up(QUESTION, PROBLEM, SAID)
    assert text == "You said: “comments and shares”. And which posts do you take as the opposite of these?"
    (asked,) = server.asked
    assert asked["model"] == "small"
    everything = json.dumps(asked)
    assert QUESTION in everything and SAID[0] in everything and PROBLEM.facts[0].answer in everything


@pytest.mark.parametrize(
    "answer",
    [
        {"quote": "words nobody said here", "question": "Why that?"},
        {"quote": "shares", "question": "Why that?"},
        {"quote": "comments and shares", "question": "That is wrong."},
        {"quote": "comments and shares", "question": "How do you handle 750 million of them?"},
        {"quote": "comments and shares", "question": "Why " + "really " * 60 + "so?"},
        {"quote": "comments and shares"},
        {"quote": 1, "question": ["?"]},
        ["?"],
    ],
)
def test_what_is_not_grounded_is_not_said(server: Server, model: LanguageModel, answer: object) -> None:
    server.answer = lambda: json.dumps(answer)
    assert model.follow_up(QUESTION, PROBLEM, SAID) is None


@pytest.mark.fault
def test_a_model_that_fails_or_is_slow_is_done_without(server: Server, model: LanguageModel) -> None:
    server.answer = lambda: "I'd rather not answer in JSON."
    assert model.follow_up(QUESTION, PROBLEM, SAID) is None
    server.answer, server.status = lambda: json.dumps(GOOD), 500
    assert model.follow_up(QUESTION, PROBLEM, SAID) is None
    server.status = 200
    may = threading.Event()
    server.answer = lambda: json.dumps(GOOD) if may.wait(60) else ""
    began = time.monotonic()
    assert model.follow_up(QUESTION, PROBLEM, SAID, seconds=0.3) is None
    assert time.monotonic() - began < 30
    may.set()
    server.stop()
    assert replace(model, address="http://127.0.0.1:9/v1").follow_up(QUESTION, PROBLEM, SAID) is None


def test_text_around_the_json_is_passed_over(server: Server, model: LanguageModel) -> None:
    server.answer = lambda: f"Let me see.\n```json\n{json.dumps(GOOD)}\n```"
    assert model.follow_up(QUESTION, PROBLEM, SAID) is not None


def test_it_is_off_unless_set_and_on_this_machine_unless_allowed() -> None:
    assert chosen_model({}) is None
    assert chosen_model({"VIVA_LLM_ADDRESS": " "}) is None
    for local in ("http://127.0.0.1:11434/v1/", "http://localhost:8080/v1", "http://[::1]:1234/v1"):
        assert chosen_model({"VIVA_LLM_ADDRESS": local}) == LanguageModel(local.rstrip("/"), "default")
    for remote in ("https://api.example.com/v1", "http://127.0.0.1.example.com/v1", "http://192.168.1.4/v1"):
        with pytest.raises(AddressRefused, match="not on this machine"):
            chosen_model({"VIVA_LLM_ADDRESS": remote})
        assert chosen_model({"VIVA_LLM_ADDRESS": remote, "VIVA_LLM_ALLOW_REMOTE": "1", "VIVA_LLM_MODEL": "m"})
    for wrong in ("127.0.0.1:11434", "file:///etc/passwd", "http://", "http://[::1"):
        with pytest.raises(AddressRefused, match="no HTTP address"):
            chosen_model({"VIVA_LLM_ADDRESS": wrong})


def test_in_a_session_its_words_are_marked_and_change_no_stage_finding_or_score(
    server: Server, model: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = read_script("data-drill")
    with monkeypatch.context() as patch:
        without = rehearse(patch, tmp_path / "without", script, framework="six-stage:data")
    server.answer = lambda: json.dumps({**GOOD, "quote": "a comment, a share"})
    with monkeypatch.context() as patch:
        held = rehearse(patch, tmp_path / "with", script, framework="six-stage:data", model=model)
    plain, worded = without.by("probe"), held.by("probe_by_model")
    assert plain and len(worded) == len(plain)
    assert worded[0].text.startswith("You said: “a comment, a share”.")
    assert worded[0].reason is not None
    assert "language model small" in worded[0].reason and plain[0].text in worded[0].reason
    assert any("worded by a language model: 1" in note for note in held.report.notes)
    assert [(f.code, f.topic) for f in held.report.findings] == [(f.code, f.topic) for f in without.report.findings]
    assert held.report.score.total == without.report.score.total
    assert held.report.score.by_stage == without.report.score.by_stage
    own = [[u.stage for u in session.report.utterances if u.speaker == "candidate"] for session in (held, without)]
    assert own[0] == own[1]

    remarks = [{"quote": "the classes are strongly imbalanced", "remark": "Well seen, and early."}]
    server.answer = lambda: json.dumps({"remarks": [*remarks, {"quote": "never said at all", "remark": "Bad."}]})
    monkeypatch.setenv("VIVA_LLM_ADDRESS", server.address)
    text = second_opinion(held.report)
    assert "no part of the report" in text
    assert "Well seen, and early." in text and "Bad." not in text
    server.answer = lambda: "{}"
    with pytest.raises(UserError, match="gave no opinion"):
        second_opinion(held.report)
    monkeypatch.delenv("VIVA_LLM_ADDRESS")
    with pytest.raises(UserError, match="No language model is set"):
        second_opinion(held.report)
