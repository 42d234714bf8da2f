"""Spoken sessions: every label finds its place in what was recognised, and a broken file is named."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis.training
from analysis.training.sessions import LabelledSession, load_sessions, parse_session
from analysis.training.spoken import Span, SpokenFormatError, SpokenSession, as_labelled, load_spoken, to_json
from analysis.training.word_errors import comparable, word_error_rate
from speech.dictation_child import timetable
from speech.transcript import Speaker, Utterance

FOLDER = Path(analysis.training.__file__).parent

WRITTEN = parse_session(
    """problem: feed
framework: six-stage
level: senior
minutes: 45
style: brisk
kind: spoken
flaws: missed_stage/production
---
I | design a feed
C problem [clarifying_questions] | how many people use it
C data [labels] !rabbit_hole | clicks are our positives
C data [split imbalance] | split by time
""",
    "small",
    "a",
)
TRUTH = (Span(10, 20, 1), Span(21, 31, 2), Span(32, 42, 3))


def heard(*spans: tuple[float, float]) -> SpokenSession:
    """What was recognised between these seconds, after the interviewer's turn."""
    said = [(0.0, 5.0, "interviewer"), *((start, end, "candidate") for start, end in spans)]
    speaker: Speaker
    utterances = []
    for number, (start, end, who) in enumerate(said):
        speaker = "candidate" if who == "candidate" else "interviewer"
        utterances.append(Utterance(number, start, end, speaker, "words"))
    return SpokenSession("small", "heart", 1.0, "base", 0.1, tuple(utterances), TRUTH)


def written_to(folder: Path, spoken: SpokenSession, **changed: object) -> Path:
    fields = json.loads(to_json(spoken, WRITTEN)) | changed
    (folder / "small.json").write_text(json.dumps(fields), encoding="utf-8")
    return folder


def test_an_utterance_has_the_stage_it_overlaps_most() -> None:
    session = as_labelled(heard((10, 24), (24, 42)), WRITTEN)
    assert [gold.stage for gold in session.gold] == [None, "problem", "data"]
    assert as_labelled(heard((10, 42)), WRITTEN).gold[1].stage == "data"  # two utterances together


def test_topics_and_findings_go_where_the_midpoint_of_their_utterance_lies() -> None:
    session = as_labelled(heard((10, 25), (25, 36), (36, 42)), WRITTEN)
    assert [gold.topics for gold in session.gold] == [
        (),
        ("clarifying_questions",),
        ("labels",),
        ("split", "imbalance"),
    ]
    assert [gold.findings for gold in session.gold] == [(), (), ("rabbit_hole",), ()]


def test_what_was_not_recognised_keeps_its_labels_at_the_nearest_utterance() -> None:
    session = as_labelled(heard((10, 18), (33, 36)), WRITTEN)
    assert session.gold[2].topics == ("labels", "split", "imbalance")


def test_the_rest_of_the_session_stays() -> None:
    session = as_labelled(heard((10, 42)), WRITTEN)
    assert replace(session, utterances=WRITTEN.utterances, gold=WRITTEN.gold) == WRITTEN


@given(st.lists(st.floats(5, 60), min_size=2, max_size=12, unique=True).map(sorted))
def test_no_label_is_lost_or_doubled_however_the_talk_is_cut(cuts: list[float]) -> None:
    session = as_labelled(heard(*zip(cuts[::2], cuts[1::2], strict=False)), WRITTEN)
    for written, got in (
        ([t for gold in WRITTEN.gold for t in gold.topics], [t for gold in session.gold for t in gold.topics]),
        ([f for gold in WRITTEN.gold for f in gold.findings], [f for gold in session.gold for f in gold.findings]),
    ):
        assert sorted(got) == sorted(written)
    for said, gold in zip(session.utterances, session.gold, strict=True):
        assert (gold.stage is None) == (said.speaker == "interviewer")


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    spoken = heard((10, 20.25), (21, 42))
    assert load_spoken(written_to(tmp_path, spoken), [WRITTEN]) == [as_labelled(spoken, WRITTEN)]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"session": "other"}, "small.json: there is no session 'other'"),
        ({"speed": None}, "small.json: TypeError"),
        ({"utterances": []}, "small.json: no utterances"),
        ({"utterances": [{"start": 2, "end": 1, "speaker": "candidate", "text": "so"}]}, "end before they start"),
        ({"utterances": [{"start": 1, "end": 2, "speaker": "teacher", "text": "so"}]}, "small.json: "),
        ({"truth": [{"start": 10, "end": 20, "stage": "data", "index": 2}]}, "speak it again"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, changed: dict[str, object], says: str) -> None:
    with pytest.raises(SpokenFormatError, match=says):
        load_spoken(written_to(tmp_path, heard((10, 42)), **changed), [WRITTEN])


def test_the_spoken_sessions_are_of_the_sessions_as_they_are() -> None:
    written: dict[str, LabelledSession] = {session.name: session for session in load_sessions(FOLDER / "sessions")}
    spoken = load_spoken(FOLDER / "spoken", list(written.values()))
    assert len({session.group for session in spoken}) >= 4
    for session in spoken:
        own = written[session.name]
        assert {t for gold in session.gold for t in gold.topics} == {t for gold in own.gold for t in gold.topics}
        asked = [said.text for said in session.utterances if said.speaker == "interviewer"]
        assert asked == [said.text for said in own.utterances if said.speaker == "interviewer"]


def test_a_line_waits_for_the_one_before_and_keeps_its_pause() -> None:
    planned = [(0.0, 4.0), (5.0, 9.0), (20.0, 22.0)]
    assert timetable(planned, [4.0, 3.0, 2.0]) == [(0.0, 4.0), (5.0, 8.0), (20.0, 22.0)]
    assert timetable(planned, [7.0, 4.0, 2.0]) == [(0.0, 7.0), (8.0, 12.0), (23.0, 25.0)]


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("um, one point two billion rows", "1.2 billion rows"),
        ("forty thousand, ninety nine percent", "40,000 99%"),
        ("a two-tower A/B test at p99", "A two tower A-B test, at P-99."),
    ],
)
def test_another_way_of_writing_is_no_error(written: str, heard: str) -> None:
    assert comparable(written) != comparable("something else")
    assert word_error_rate([written], [heard]) == 0
