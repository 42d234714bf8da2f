"""Seven kinds of candidates speak a short session each, at real pace, into the microphone; `make rehearse` holds them all.

What they say is in `candidates/`. `pytest -s` prints both sides; they are to be read like an interview.
"""

from collections.abc import Callable
from pathlib import Path

import jiwer
import pytest

from assistant.events import InterviewerSpoke
from prompts.lines import load_lines
from prompts.problems import get_problem
from tests.assistant.rehearsal import Rehearsal
from tests.assistant.script import read_script
from tests.e2e.practising import Practising, plain
from tests.e2e.spoken_candidate import speak_script
from tests.speech.conftest import Samples
from tests.speech.conftest import speak as speak

FOLDER = Path(__file__).with_name("candidates")

Holding = Callable[[str], Rehearsal]


@pytest.fixture
def hold(practise: Callable[..., Practising], speak: Callable[[str], Samples]) -> Holding:
    """Holds the session, and checks what holds for each."""

    def held(name: str) -> Rehearsal:
        script = read_script(name, FOLDER)
        for text in script.every_line():
            speak(text)
        session = practise(script.problem, script.minutes)
        said = speak_script(session, script, speak)
        if not session.over:
            session.interrupt()
        (summary,) = session.store.list_sessions()
        rehearsal = Rehearsal(session.events, session.store.report(summary.id))
        print(f"\n{name}\n{rehearsal.transcript()}\n", *rehearsal.report.notes, sep="\n")
        assert jiwer.wer(plain(" ".join(said)), session.said) < 0.25
        words = [word for heard in rehearsal.heard for word in heard.words]
        for line in rehearsal.lines[1:]:
            # Who begins just when the interviewer does could not be known of.
            talking = [word for word in words if word.start < line.at - 0.3 and word.end > line.at - 0.7]
            assert not talking, (line, talking)
        texts = [line.text for line in rehearsal.lines]
        assert len(texts) == len(set(texts))
        return rehearsal

    return held


@pytest.mark.real_pace
def test_a_jumper_is_brought_back_within_fifteen_seconds(hold: Holding) -> None:
    session = hold("jumper")
    (nudge,) = session.by("premature_modeling")
    offence = next(heard for heard in session.heard if "softmax" in heard.text.lower())
    assert 0 < nudge.at - offence.end <= 15
    assert any("brought you back from a model, and you went back" in note for note in session.report.notes)


@pytest.mark.real_pace
def test_who_ignores_the_nudge_is_not_nagged_but_the_report_says_so(hold: Holding) -> None:
    session = hold("ignorer")
    assert len(session.by("premature_modeling")) == 1
    assert any("brought you back from a model, and you stayed with it" in note for note in session.report.notes)


@pytest.mark.real_pace
def test_a_pesterer_is_answered_and_meets_the_fifth_question_with_an_assumption(hold: Holding) -> None:
    session = hold("pesterer")
    asked = [heard for heard in session.heard if "assume" not in heard.text][:5]
    replies = [next(line for line in session.lines if line.at > question.at) for question in asked]
    facts = {fact.answer for fact in get_problem("eta").facts}
    assert all(line.text in facts for line in replies if line.rule == "answer")
    assert [line.rule for line in replies].count("answer") >= 2
    assert replies[4].rule == "assume" and replies[4].text in load_lines()["assume"]


@pytest.mark.real_pace
def test_a_silent_one_is_helped_after_twenty_seconds(hold: Holding) -> None:
    session = hold("silent")
    first = session.by("stuck")[0]
    before = max(heard.end for heard in session.heard if heard.end <= first.at)
    assert 20 <= first.at - before <= 25
    assert any("list of rules" in heard.text for heard in session.heard if heard.at > first.end)


@pytest.mark.real_pace
def test_a_rambler_is_interrupted_at_a_breath_with_a_question(hold: Holding) -> None:
    session = hold("rambler")
    first = session.by("monologue")[0]
    assert first.text.endswith("?")
    assert 150 <= first.at - session.lines[0].end <= 240


@pytest.mark.real_pace
def test_an_over_runner_is_told_when_the_stage_is_over_and_when_time_is(hold: Holding) -> None:
    session = hold("overrunner")
    assert len(session.by("stage_ending")) >= 1
    (minute,), (end,) = session.by("time_one_minute"), session.by("time_up")
    assert 0 <= minute.at - 180 <= 16
    assert 0 <= end.at - 240 <= 16
    assert session.lines[-1] == end
    assert any("common friends" in heard.text for heard in session.heard if heard.at > end.at)
    assert "stage_overrun" in {finding.code for finding in session.report.findings}


@pytest.mark.real_pace
def test_a_strong_candidate_is_answered_and_otherwise_left_to_lead(hold: Holding) -> None:
    session = hold("strong")
    answers: list[InterviewerSpoke] = session.by("answer")
    assert len(answers) == 2
    assert {line.text for line in answers} <= {fact.answer for fact in get_problem("feed").facts}
    assert not session.by("premature_modeling") and not session.by("stuck")
    assert len(session.report.score.by_stage) >= 5
