"""Whole interviews with seven kinds of candidates: what the interviewer says, when, and what is left unsaid.

`pytest -s` prints both sides; they are to be read like an interview.
"""

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from assistant import runner
from assistant.events import Event, InterviewerInterrupted, InterviewerSpoke
from assistant.interviewer import Interviewer
from prompts.lines import load_lines
from prompts.problems import get_problem
from tests.assistant.rehearsal import Rehearsal, rehearse
from tests.assistant.script import read_script

CANDIDATES = ("strong", "jumper", "pesterer", "silent", "rambler", "overrunner", "ignorer")

Holding = Callable[[str], Rehearsal]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Holding:
    @cache
    def hold(name: str) -> Rehearsal:
        with pytest.MonkeyPatch.context() as patch:
            session = rehearse(patch, tmp_path_factory.mktemp(name), read_script(name))
        print(f"\n{name}\n{session.transcript()}\n", *session.report.notes, sep="\n")
        return session

    return hold


@pytest.mark.parametrize("name", CANDIDATES)
def test_nobody_is_talked_over(held: Holding, name: str) -> None:
    session = held(name)
    for line in session.lines[1:]:
        assert not [said for said in session.heard if said.at < line.at < said.end], line
    assert all(line.reason for line in session.lines[1:])


@pytest.mark.parametrize("name", CANDIDATES)
def test_nothing_is_said_twice(held: Holding, name: str) -> None:
    texts = [line.text for line in held(name).lines]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("name", CANDIDATES)
def test_the_interviewer_is_silent_most_of_the_time(held: Holding, name: str) -> None:
    session = held(name)
    spoken = sum(line.end - line.at for line in session.lines[1:])
    assert spoken < 0.2 * read_script(name).minutes * 60


@pytest.mark.parametrize("name", CANDIDATES)
def test_the_time_is_told_and_the_session_ends(held: Holding, name: str) -> None:
    planned = read_script(name).minutes * 60
    session = held(name)
    for rule, before in (("time_five_minutes", 300.0), ("time_one_minute", 60.0), ("time_up", 0.0)):
        lines = session.by(rule)
        assert len(lines) == (1 if planned > 2 * before else 0)
        assert all(0 <= line.at - (planned - before) <= 16 for line in lines)
    assert {line.rule for line in session.lines if line.at > planned - 60} <= {"time_one_minute", "time_up", "answer"}


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_requirement_changes_at_most_once_and_in_the_second_half(held: Holding, name: str) -> None:
    session = held(name)
    changes = session.by("change")
    assert len(changes) == (0 if name == "silent" else 1)
    for change in changes:
        assert change.text == get_problem(read_script(name).problem).change
        assert 0.5 <= change.at / (read_script(name).minutes * 60) <= 0.85


@pytest.mark.parametrize("name", CANDIDATES)
def test_who_was_asked_something_is_given_time_to_reply(held: Holding, name: str) -> None:
    lines = held(name).lines
    for before, after in pairwise(lines):
        if after.rule not in ("time_five_minutes", "time_one_minute", "time_up"):
            heard = [said for said in held(name).heard if before.end <= said.at < after.at]
            assert heard or after.at - before.end >= 3, (before, after)


def test_a_line_that_nobody_heard_is_said_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class BrokenOff(Interviewer):
        """The candidate begins at the same moment as the first of his lines about the time."""

        def __init__(self, voices: Any, clock: Any, tell: Any, show: Any, player: Any) -> None:
            broken_off: list[Event] = []

            def telling(event: Event) -> None:
                tell(event)
                if isinstance(event, InterviewerSpoke) and event.rule == "time_one_minute" and not broken_off:
                    broken_off.append(event)
                    tell(InterviewerInterrupted(event.at, event.at, 0.0, ""))

            super().__init__(voices, clock, telling, show, player)

    monkeypatch.setattr(runner, "Interviewer", BrokenOff)
    session = rehearse(monkeypatch, tmp_path, read_script("jumper"))
    broken_off, again = session.by("time_one_minute")
    assert again.at > broken_off.at


def test_a_strong_candidate_is_answered_probed_and_otherwise_left_to_lead(held: Holding) -> None:
    session = held("strong")
    facts = {fact.answer for fact in get_problem("feed").facts}
    answers = session.by("answer")
    assert len(answers) == 3
    assert {line.text for line in answers} <= facts
    assert 1 <= len(session.by("probe")) + len(session.by("monologue")) <= 6
    assert not session.by("premature_modeling")
    assert not session.by("stuck")
    # A question at the end is about the work, whatever fact it resembles.
    assert len(session.by("about_work")) == 1
    assert any("a requirement changed, and your design followed" in note for note in session.report.notes)
    assert session.report.score.total >= 75


def test_a_jumper_is_brought_back_once_and_asked_about_what_was_skipped(held: Holding) -> None:
    session = held("jumper")
    (nudge,) = session.by("premature_modeling")
    offence = next(said for said in session.heard if "two-tower" in said.text)
    assert 0 < nudge.at - offence.end <= 15
    assert any("brought you back from a model, and you went back" in note for note in session.report.notes)
    data = get_problem("video-recommendation").probes["data"]
    assert any(line.text in data for line in session.lines)


def test_a_pesterer_meets_the_fifth_question_with_an_assumption(held: Holding) -> None:
    session = held("pesterer")
    questions = [said for said in session.heard if said.text.endswith("?")][:9]
    replies = [next(line for line in session.lines if line.at > asked.at) for asked in questions]
    assert [line.rule for line in replies] == ["answer", "answer", "answer", "your_call", *["assume"] * 5]
    (accuracy,) = [fact for fact in get_problem("eta").facts if fact.id == "accuracy"]
    assert replies[2].text == accuracy.answer
    assert replies[4].text in load_lines()["assume"]


def test_a_silent_one_is_helped_after_twenty_seconds_and_not_badgered(held: Holding) -> None:
    session = held("silent")
    helps = session.by("stuck")
    assert 4 <= len(helps) <= 8
    for line in helps:
        last = max((said.end for said in session.heard if said.end <= line.at), default=0.0)
        quiet = line.at - max(last, max(said.end for said in session.lines if said.at < line.at))
        assert quiet >= 20
    first = helps[0]
    assert first.at - max(said.end for said in session.heard if said.end <= first.at) <= 22
    # Half a minute to think was asked for, and given.
    asked = next(said for said in session.heard if said.text.startswith("Give me a minute"))
    after = next(said for said in session.heard if said.at > asked.end)
    assert not [line for line in session.lines if asked.end <= line.at < after.at]
    # Who says nothing any more is left in peace.
    assert helps[-1].at < 600


def test_a_rambler_is_interrupted_at_a_breath_with_a_question(held: Holding) -> None:
    session = held("rambler")
    interruptions = session.by("monologue")
    assert 1 <= len(interruptions) <= 4
    assert all(line.text.endswith("?") for line in interruptions)
    assert interruptions[0].at < 300


def test_an_over_runner_is_told_when_a_stage_is_over_and_when_time_is(held: Holding) -> None:
    session = held("overrunner")
    assert 1 <= len(session.by("stage_ending")) <= 3
    assert session.by("stage_ending")[0].at < 150
    (end,) = session.by("time_up")
    assert any(said.at > end.at for said in session.heard)
    assert session.lines[-1] == end
    assert {"stage_overrun"} <= {finding.code for finding in session.report.findings}


def test_who_ignores_nudges_is_not_nagged_but_the_report_says_so(held: Holding) -> None:
    session = held("ignorer")
    assert len(session.by("premature_modeling")) == 1
    assert "ignored_interviewer" in {finding.code for finding in session.report.findings}
    assert any("brought you back from a model, and you stayed with it" in note for note in session.report.notes)
    assert any("a requirement changed, and your design did not follow" in note for note in session.report.notes)
