"""The labelled examples: all of them readable, and no text on both sides of a split."""

from collections import defaultdict
from pathlib import Path

import pytest

import analysis.training
from analysis.training.sessions import LabelledSession, SessionFormatError, load_sessions, parse_session
from analysis.training.singles import load_singles
from analysis.training.train import session_examples, single_examples
from prompts.vocabulary import STAGE_LABELS, TOPICS

FOLDER = Path(analysis.training.__file__).parent
LONG_ENOUGH = 5
"""Words from which two equal texts are no coincidence."""

SMALL = """problem: feed
framework: six-stage
level: senior
minutes: 45
style: brisk
kind: spoken
flaws: missed_stage/production
---
I | design a feed
= pause 5
C data [labels imbalance] !rabbit_hole | clicks are our positives
"""


@pytest.fixture(scope="module")
def sessions() -> list[LabelledSession]:
    return load_sessions(FOLDER / "sessions")


def test_every_session_and_single_utterance_is_read(sessions: list[LabelledSession]) -> None:
    assert len(sessions) == len(list((FOLDER / "sessions").rglob("*.session"))) >= 24
    assert len({session.name for session in sessions}) == len(sessions)
    assert len(load_singles(FOLDER / "utterances")) >= 1500
    for session in sessions:
        starts = [utterance.start for utterance in session.utterances]
        assert starts == sorted(starts)
        assert len(session.gold) == len(session.utterances)


def test_no_text_is_in_two_groups(sessions: list[LabelledSession]) -> None:
    groups: dict[str, set[str]] = defaultdict(set)
    for session in sessions:
        for utterance in session.utterances:
            groups[" ".join(utterance.text.lower().split())].add(session.group)
    for single in load_singles(FOLDER / "utterances"):
        groups[" ".join(single.text.lower().split())].add(single.group)
    shared = [text for text, where in groups.items() if len(where) > 1 and len(text.split()) >= LONG_ENOUGH]
    assert shared == []


def test_documents_and_headings_have_every_stage_and_nothing_of_the_sessions(sessions: list[LabelledSession]) -> None:
    documents, headings = load_sessions(FOLDER / "documents"), load_singles(FOLDER / "documents")
    assert all(document.kind == "guide" for document in documents)
    assert {gold.stage for document in documents for gold in document.gold} >= set(STAGE_LABELS)
    assert {heading.stage for heading in headings} == set(STAGE_LABELS)
    said = {" ".join(utterance.text.lower().split()) for session in sessions for utterance in session.utterances}
    written = {" ".join(utterance.text.lower().split()) for document in documents for utterance in document.utterances}
    assert [text for text in said & written if len(text.split()) >= LONG_ENOUGH] == []


def test_every_stage_and_topic_has_examples(sessions: list[LabelledSession]) -> None:
    singles = load_singles(FOLDER / "utterances")
    stages = {gold.stage for session in sessions for gold in session.gold} | {single.stage for single in singles}
    topics = {topic for session in sessions for gold in session.gold for topic in gold.topics}
    assert stages >= set(STAGE_LABELS)
    assert topics | {topic for single in singles for topic in single.topics} == set(TOPICS)


def test_a_session_is_read_with_its_labels_and_times() -> None:
    session = parse_session(SMALL, "small", "a")
    asked, said = session.utterances
    assert (asked.speaker, asked.start, said.speaker) == ("interviewer", 0.0, "candidate")
    assert said.start >= asked.end + 5
    assert session.gold[1].topics == ("labels", "imbalance") and session.gold[1].findings == ("rabbit_hole",)
    assert (session.planned_seconds, session.flaws) == (2700, ("missed_stage/production",))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("---\n", "", "no line '---'"),
        ("level: senior", "level: king", "unknown level 'king'"),
        ("framework: six-stage", "framework: ten-stage", "unknown framework"),
        ("minutes: 45\n", "", "lacks minutes"),
        ("C data", "C dinner", "small:11: unknown stage 'dinner'"),
        ("[labels imbalance]", "[lables]", "small:11: unknown topic 'lables'"),
        ("!rabbit_hole", "!rabbit", "small:11: unknown finding 'rabbit'"),
        ("I | design", "X | design", "small:9: not"),
    ],
)
def test_a_wrong_line_is_named(old: str, new: str, says: str) -> None:
    assert old in SMALL
    with pytest.raises(SessionFormatError, match=says):
        parse_session(SMALL.replace(old, new), "small", "a")


def test_what_advice_names_is_not_learned_as_uncovered(tmp_path: Path) -> None:
    """ "Talk about the split" covers no split, but a classifier that learned so would be deaf to the word."""
    rows = ("data\t?\tTalk about how you split.", "data\tsplit\tWe split by week.", "data\t\tWe count rows.")
    (tmp_path / "a.tsv").write_text("\n".join(("stage\ttopics\ttext", *rows)), encoding="utf-8")
    assert single_examples(load_singles(tmp_path)).topics == (None, ("split",), ())
    guide = parse_session(SMALL.replace("kind: spoken", "kind: guide").replace("[labels imbalance]", "[]"), "x", "a")
    assert session_examples(guide).topics == (None,)
    spoken = parse_session(SMALL.replace("[labels imbalance]", "[]"), "x", "a")
    assert session_examples(spoken).topics == ((),)
