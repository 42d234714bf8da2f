"""Cutting recognised words into utterances: nothing said is lost, doubled or moved."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.utterances import LONGEST_WORDS, PAUSE_SECONDS, SHORTEST_WORDS, utterances_from_words
from speech.transcript import Utterance, Word

SPOKEN = st.sampled_from(
    [
        "we",
        "rank",
        "the",
        "videos.",
        "How",
        "many",
        "users?",
        "um",
        "3.5",
        "a/b",
        "don't",
        "e.g.",
        "…",
        "--",
        "U.S.",
        "so,",
    ]
)
ODD = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@st.composite
def recognised(draw: st.DrawFn, texts: st.SearchStrategy[str] = SPOKEN | ODD) -> list[Word]:
    """Words one after another, with gaps from none to several seconds."""
    rows = draw(st.lists(st.tuples(texts, st.sampled_from([0.0, 0.1, 1.0, 1.3, 4.0])), max_size=120))
    starts = accumulate((0.3 + gap for _, gap in rows), initial=2.0)
    return [Word(round(start, 2), round(start + 0.3, 2), text) for start, (text, _) in zip(starts, rows, strict=False)]


def spoken(text: str, first: float = 0.0) -> list[Word]:
    """These words at an even pace, 0.4 s each."""
    return [Word(first + 0.4 * i, first + 0.4 * i + 0.35, word) for i, word in enumerate(text.split())]


def texts(utterances: tuple[Utterance, ...]) -> list[str]:
    return [utterance.text for utterance in utterances]


@settings(max_examples=80)
@given(recognised())
def test_every_word_is_kept_once_and_in_order(words: list[Word]) -> None:
    utterances = utterances_from_words(words)
    assert [word for utterance in utterances for word in utterance.words] == words
    assert all(utterance.words for utterance in utterances)
    assert texts(utterances) == [" ".join(w.text for w in utterance.words) for utterance in utterances]


@settings(max_examples=80)
@given(recognised())
def test_times_are_those_of_the_words_and_never_run_back(words: list[Word]) -> None:
    utterances = utterances_from_words(words)
    for utterance in utterances:
        assert (utterance.start, utterance.end) == (utterance.words[0].start, utterance.words[-1].end)
    assert all(before.end <= after.start for before, after in pairwise(utterances))


@settings(max_examples=40)
@given(recognised(), st.integers(0, 1000))
def test_ids_count_on_from_the_first(words: list[Word], first: int) -> None:
    utterances = utterances_from_words(words, "interviewer", first)
    assert [utterance.id for utterance in utterances] == list(range(first, first + len(utterances)))
    assert {utterance.speaker for utterance in utterances} <= {"interviewer"}


def test_no_words_make_no_utterance() -> None:
    assert utterances_from_words([]) == ()


def test_each_sentence_is_an_utterance() -> None:
    said = spoken("The goal is watch time. We rank the videos by it. How many users do we have?")
    assert texts(utterances_from_words(said)) == [
        "The goal is watch time.",
        "We rank the videos by it.",
        "How many users do we have?",
    ]


def test_unpunctuated_sentences_are_cut_by_the_parse() -> None:
    said = spoken("i assume we have a lot of data do you want me to go deeper there i think we can start")
    assert len(utterances_from_words(said)) >= 2


def test_a_pause_ends_an_utterance_where_the_recogniser_saw_no_sentence() -> None:
    before = spoken("the data comes from the logs of")
    after = spoken("the mobile app and the site", first=before[-1].end + PAUSE_SECONDS + 0.5)
    assert texts(utterances_from_words([*before, *after])) == [
        "the data comes from the logs of",
        "the mobile app and the site",
    ]


def test_a_fragment_joins_its_neighbour_unless_a_pause_parts_them() -> None:
    said = spoken("We rank the videos by score. Okay. Then we log all clicks.")
    assert min(len(utterance.words) for utterance in utterances_from_words(said)) >= SHORTEST_WORDS
    alone = spoken("Okay.", first=said[-1].end + 3)
    assert texts(utterances_from_words([*said, *alone]))[-1] == "Okay."


@pytest.mark.parametrize("text", ["word " * 400, "a " * 45, "模型 " * 200])
def test_talk_without_any_end_is_cut_all_the_same(text: str) -> None:
    utterances = utterances_from_words(spoken(text))
    assert all(len(utterance.words) < LONGEST_WORDS + SHORTEST_WORDS for utterance in utterances)
