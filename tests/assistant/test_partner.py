"""A whole session typed at a keyboard, in which the interviewer is a partner."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from assistant.events import InterviewerSpoke, SessionStarted, decode
from assistant.store import Store
from prompts.problems import get_problem
from tests.assistant.viva import VIVA

ROOT = Path(__file__).parents[2]
PROBLEM = get_problem("video-recommendation")
PATIENCE_SECONDS = 90.0


class Practice:
    """`viva practice --input typed` in a process of its own."""

    def __init__(self, data: Path, *options: str) -> None:
        self.store = Store(data)
        command = [str(VIVA), "--data-dir", str(data), "practice"]
        self._process = subprocess.Popen(
            [*command, PROBLEM.id, "--input", "typed", "--mute", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip

    def type(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def lines(self) -> list[InterviewerSpoke]:
        logs = list(self.store.root.rglob("*.jsonl"))
        text = logs[0].read_text(encoding="utf-8") if logs else ""
        events = [decode(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return [event for event in events if isinstance(event, InterviewerSpoke)]

    def wait_for(self, wanted: Callable[[InterviewerSpoke], bool]) -> InterviewerSpoke:
        """The first such line; the next one is typed when it is over, as one does."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            for line in self.lines():
                if wanted(line):
                    time.sleep(max(0.0, line.end - line.at))
                    return line
            time.sleep(0.1)
        raise AssertionError([(line.rule, line.text) for line in self.lines()])

    def end(self) -> str:
        out, err = self._process.communicate(timeout=PATIENCE_SECONDS)
        assert self._process.returncode == 0, err.decode()
        return out.decode()


def rule(name: str) -> Callable[[InterviewerSpoke], bool]:
    return lambda line: line.rule == name


def test_the_interviewer_answers_brings_back_and_changes_a_requirement(tmp_path: Path) -> None:
    practice = Practice(tmp_path, "--minutes", "1.5")
    practice.wait_for(rule("prompt"))

    practice.type("How many subscribers do we have?")
    answer = practice.wait_for(rule("answer"))
    assert answer.text == next(fact.answer for fact in PROBLEM.facts if fact.id == "subscribers")
    assert answer.reason is not None and "How many subscribers" in answer.reason

    practice.type("I would train a two-tower network with a transformer on the watch history.")
    nudge = practice.wait_for(rule("premature_modeling"))
    assert nudge.reason is not None and "two-tower" in nudge.reason

    for line in (
        "Fair enough. I assume eighty million people a day, and the success metric is retention.",
        "At a high level an event pipeline feeds a feature store, a model picks candidates, and another one ranks them.",
        "For labels I take finished titles, and negatives are titles that were shown and not played.",
        "I split the data by time, so that nothing from the future leaks in.",
        "A baseline is popularity in the country, and the offline metric is recall.",
    ):
        practice.type(line)
    change = practice.wait_for(rule("change"))
    assert change.text == PROBLEM.change

    practice.type("Then each person at the television needs a context, and I would rank for the whole room.")
    out = practice.end()
    assert answer.text in out
    assert nudge.text in out
    assert change.text in out

    (id,) = (session.id for session in practice.store.list_sessions(-1))
    (started,) = (event for event in practice.store.events(id) if isinstance(event, SessionStarted))
    assert (started.strictness, started.nudges) == ("realistic", True)
    assert all(line.reason for line in practice.lines() if line.rule != "prompt")


def test_in_an_exam_the_interviewer_answers_and_else_keeps_silent(tmp_path: Path) -> None:
    practice = Practice(tmp_path, "--minutes", "30", "--strictness", "silent")
    practice.wait_for(rule("prompt"))
    practice.type("I would train a two-tower network with a transformer on the watch history.")
    time.sleep(5)
    practice.type("How many subscribers do we have?")
    practice.wait_for(rule("answer"))
    practice.end()
    assert [line.rule for line in practice.lines()] == ["prompt", "answer"]


def test_a_log_from_before_the_interviewer_had_reasons_is_read(tmp_path: Path) -> None:
    old = {"event": "interviewer_spoke", "at": 1.0, "end": 2.0, "text": "Hello.", "rule": "prompt", "aloud": True}
    assert decode(json.dumps(old)) == InterviewerSpoke(1.0, 2.0, "Hello.", "prompt", True, None)
