"""Phrases of `delivery.toml`: found in whatever form they are said, and only where they mean it."""

from typing import get_args

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.delivery_table import DeliveryTable, Measure, PhraseGroup, load_delivery_table, parse
from analysis.language import read
from analysis.phrases import PhraseFinder


def hedges(text: str) -> list[str]:
    return [phrase.text for phrase in read([text])[0].said("hedge")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I guess we rank by time", ["i guess"]),
        ("maybe clicks, maybe likes", ["maybe", "maybe"]),
        ("Probably the biggest cost is storage.", ["probably"]),
        ("I'm not sure but hourly could do", ["i'm not sure"]),
        ("I’m not really sure", ["i'm not really sure"]),
        ("I am not sure", ["i am not sure"]),
        ("a queue or something like that", ["or something like that"]),
        ("it's kind of slow", ["kind of"]),
        ("we sort of rank them", ["sort of"]),
        ("it is sort of a ranking", ["sort of"]),
        ("that kind of makes it slow", ["kind of"]),
    ],
)
def test_hedges_are_heard(text: str, found: list[str]) -> None:
    assert hedges(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "what kind of model do we need",
        "kind of model",
        "sort of items",
        "the same sort of items",
        "some sort of cache",
        "that kind of thing",
        "it depends on the kind of user",
        "two kinds of users",
        "we sort the items by score",
        "when the model is not sure we ask a person",
        "users might leave, and roughly ten thousand do",
        "I'd guess ten million users",
        "something like a queue",
    ],
)
def test_the_same_words_in_their_plain_sense_are_no_hedges(text: str) -> None:
    assert hedges(text) == []


def test_a_phrase_stands_where_it_was_said() -> None:
    text = "We rank, İ guess... I GUESS by score"
    (phrase,) = read([text])[0].said("hedge")
    assert text[phrase.start :].lower().startswith(phrase.text)


def test_of_overlapping_phrases_the_longest_counts_once() -> None:
    assert hedges("or something like that, or something") == ["or something like that", "or something"]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["maybe", "we", "rank", "i guess", "kind of", "what", "sort of", "."]), max_size=12))
def test_phrases_of_a_group_come_in_order_and_do_not_overlap(words: list[str]) -> None:
    text = " ".join(words)
    end = 0
    for phrase in read([text])[0].said("hedge"):
        assert phrase.start >= end
        assert text[phrase.start : phrase.start + len(phrase.text)] == phrase.text
        end = phrase.start + len(phrase.text)
    assert hedges(text).count("maybe") == words.count("maybe")


def table(phrases: tuple[str, ...]) -> DeliveryTable:
    return DeliveryTable({"hedge": phrases}, frozenset({"what"}), {})


@pytest.mark.parametrize(
    ("phrase", "text", "heard"),
    [
        ("let me * draw|sketch", "let me just quickly sketch it", True),
        ("let me * draw|sketch", "let me draw", True),
        ("let me * draw|sketch", "let me talk. We draw", False),
        ("let me * draw|sketch", "let me tell you all about how we sample and draw", False),
        ("i'm stuck", "i am stuck", True),
        ("going to draw", "gonna draw", True),
        ("kind of", "what kind of model", False),
        ("kind of", "it is kind of slow", True),
    ],
)
def test_gaps_choices_and_contractions_need_no_language_model(phrase: str, text: str, heard: bool) -> None:
    nlp = spacy.blank("en")
    assert bool(PhraseFinder(nlp, table((phrase,))).find(nlp(text))) == heard


def test_a_choice_of_more_than_one_word_is_refused() -> None:
    with pytest.raises(ValueError, match="i'll"):
        PhraseFinder(spacy.blank("en"), table(("i|i'll draw",)))


GOOD = """
[phrases]
hedge = ["maybe"]
check_in = ["shall i"]
announcement = ["let me * think"]
stuck = ["went blank"]
[words]
determiner = ["the"]
""" + "".join(
    f'[norms.{measure}]\nhigh = 1\nsource = "Somebody 1999"\nnote = "of those"\n' for measure in get_args(Measure)
)


def test_the_shipped_table_has_every_group_and_norm() -> None:
    shipped = load_delivery_table()
    assert set(shipped.phrases) == set(get_args(PhraseGroup))
    assert set(shipped.norms) == set(get_args(Measure))
    assert parse(GOOD).phrases["announcement"] == ("let me * think",)


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('hedge = ["maybe"]', "", "hold"),
        ('hedge = ["maybe"]', "hedge = []", "hedge must be a list"),
        ('hedge = ["maybe"]', 'hedge = ["maybe", "maybe"]', "none twice"),
        ('hedge = ["maybe"]', 'hedge = ["Maybe"]', "lower case"),
        ('hedge = ["maybe"]', 'hedge = ["* maybe"]', "hedge must be a list"),
        ("[words]", "[wards]", "must hold exactly"),
        ("[norms.words_per_minute]", "[norms.words_per_day]", "norms"),
        ("high = 1", "high = true", "low and high"),
        ("high = 1", "high = 1\nlow = 2", "low and high"),
        ('source = "Somebody 1999"', 'source = "Somebody"', "source"),
        ('note = "of those"', 'note = ""', "note"),
        ('note = "of those"', 'node = "of those"', "needs high and note"),
    ],
)
def test_a_broken_table_says_what_is_wrong(right: str, wrong: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        parse(GOOD.replace(right, wrong, 1))
    assert "delivery.toml" in str(caught.value)
