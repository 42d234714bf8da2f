"""What the analyzer reads in spoken English, punctuated or as a recogniser left it."""

import string
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import language
from analysis.language import LONGEST_TEXT, Reading, read, sentences


def reading(text: str) -> Reading:
    return read([text])[0]


def asks(text: str) -> bool:
    return any(sentence.question for sentence in reading(text).sentences)


def quantities(text: str) -> list[str]:
    return [text[quantity.start : quantity.end] for quantity in reading(text).quantities]


def stances(text: str, group: str) -> list[tuple[str, bool, bool]]:
    """The phrases of a cue group with whether each is negated and put off."""
    return [(text[hit.start : hit.end], hit.negated, hit.deferred) for hit in reading(text).cues if hit.group == group]


def test_punctuated_text_is_cut_at_its_full_stops() -> None:
    assert sentences("The goal is watch time. We rank videos. How fast must it be?") == [
        "The goal is watch time.",
        "We rank videos.",
        "How fast must it be?",
    ]


def test_unpunctuated_text_is_cut_by_the_parse() -> None:
    text = "i assume we have a lot of data do you want me to go deeper there i think we can start"
    cut = sentences(text)
    assert len(cut) >= 2
    assert " ".join(cut) == text


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_sentences_keep_every_character_but_the_space_between_them(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_everything_found_lies_inside_the_text(text: str) -> None:
    found = reading(text)
    places = [(place.start, place.end) for place in found.sentences]
    places += [(hit.start, hit.end) for hit in found.cues] + [(count.start, count.end) for count in found.quantities]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(0 <= start < len(text) for _, start in found.fillers)
    named = [hit.sentence for hit in found.cues] + [quantity.sentence for quantity in found.quantities]
    assert all(0 <= sentence < len(found.sentences) for sentence in named)


def test_a_text_longer_than_anyone_speaks_is_cut_into_sentences_to_its_end() -> None:
    text = "we log every click. " * (LONGEST_TEXT // 20 + 50)
    assert len(sentences(text)) == text.count(".")


QUESTIONS = (
    "Do we have labels?",
    "do we have labels",
    "how many users do we have",
    "so um what is the latency budget",
    "okay so can you tell me who the users are",
    "could i ask how often the data arrives",
    "should i worry about new users",
    "and when it fails do we retry",
    "what about latency",
    "which languages do we support",
    "where do the labels come from",
    "what does success look like",
    "who pays for it is it the seller",
    "is the catalogue big",
)
INDIRECT = (
    "I'd like to know whether we have labels already",
    "i wonder whether we have labels",
    "is it fair to assume english only",
)
STATEMENTS = (
    "what I would use is a transformer",
    "what we want is to keep people longer",
    "what the users want is a good feed",
    "what matters is the order",
    "which model we pick is decided later",
    "where the labels come from is the moderators",
    "when a user clicks that is a positive",
    "how often we retrain is a matter of cost",
    "the users who click are our positives",
    "it depends on what the users want",
    "we do not know how many users there are",
    "so the goal is watch time",
)


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_is_heard_without_its_question_mark(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize("text", INDIRECT)
def test_a_polite_indirect_question_is_a_question(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize("text", STATEMENTS)
def test_a_relative_clause_is_no_question(text: str) -> None:
    assert not asks(text)


def test_only_the_sentence_that_asks_is_a_question() -> None:
    assert [s.question for s in reading("Are we allowed to store audio? I assume we are.").sentences] == [True, False]


def test_cues_match_by_lemma_and_whatever_the_case() -> None:
    assert stances("we were NORMALIZING every number", "topic.normalization") == [("NORMALIZING", False, False)]


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("we normalize the numbers", False),
        ("we won't normalize the numbers", True),
        ("we will not need to normalize the numbers", True),
        ("i'll skip normalization", True),
        ("there is no normalization", True),
        ("there is no time so we take the raw table and we normalize", False),  # "no" reaches two words
        ("i do not like it but we normalize the numbers", False),  # contrast ends the reach
        ("we do not have the time to look at all these columns and so we normalize", False),  # too far away
        ("We don't join tables. We normalize the numbers.", False),  # another sentence
    ],
)
def test_negation_reaches_forward_within_its_clause(text: str, negated: bool) -> None:
    ((_, found, _),) = stances(text, "topic.normalization")
    assert found is negated


@pytest.mark.parametrize(
    ("text", "deferred"),
    [
        ("the features come later", True),
        ("i'll come back to the features", True),
        ("let me park the features", True),
        ("as you said the features matter", True),
        ("the features are watch history and age", False),
    ],
)
def test_what_is_put_off_is_no_coverage(text: str, deferred: bool) -> None:
    assert {found for _, _, found in stances(text, "topic.features")} == {deferred}


def test_asserted_leaves_out_what_is_negated_put_off_or_asked() -> None:
    for text in ("do we have labels", "we have no labels", "the labels come later"):
        assert stances(text, "topic.labels"), text
        assert not reading(text).asserted("topic.labels"), text
    assert reading("clicks are our labels").asserted("topic.labels")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("say three hundred million daily users", ["three hundred million daily users"]),
        ("it must answer in 200 ms", ["200 ms"]),
        ("about 10k requests per second", ["10k requests"]),
        ("about ten thousand queries per second", ["ten thousand queries"]),
        ("two to three million items", ["two to three million items"]),
        ("five percent of them", ["five percent"]),
        ("there are two reasons", []),
        ("one thing matters", []),
        ("no numbers here", []),
    ],
)
def test_a_quantity_is_a_number_that_counts_something(text: str, found: list[str]) -> None:
    assert quantities(text) == found


@pytest.mark.parametrize(
    ("text", "fillers"),
    [
        ("um so uh we rank", ["um", "uh"]),
        ("Um, we rank, you know, by score", ["um", "you know"]),
        ("it is sort of a ranking", ["sort of"]),
        ("we, like, rank them", ["like"]),
        ("users like videos", []),
        ("something like a queue", []),
        ("the humming drum", []),
        ("", []),
    ],
)
def test_fillers_are_words_that_say_nothing(text: str, fillers: list[str]) -> None:
    assert [filler for filler, _ in reading(text).fillers] == fillers


def test_fillers_stand_where_they_were_said() -> None:
    text = "we rank um by score"
    ((filler, start),) = reading(text).fillers
    assert text[start:].startswith(filler)


@pytest.mark.parametrize(
    "text", ["how many users do we have", "we won't normalize the numbers", "say three hundred million daily users"]
)
def test_case_and_final_punctuation_change_nothing(text: str) -> None:
    loud = text.upper() + "."
    quiet = reading(text)
    assert [(h.group, h.negated) for h in reading(loud).cues] == [(h.group, h.negated) for h in quiet.cues]
    assert asks(loud) == asks(text)
    assert len(reading(loud).quantities) == len(quiet.quantities)


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", string.punctuation, "İİİ um İ", "模型 训练 数据", "مرحبا بالعالم", "🎉🎉"]
)
def test_any_script_is_read(text: str) -> None:
    assert isinstance(reading(text), Reading)


def test_reading_is_the_same_alone_and_among_others() -> None:
    texts = ["do we have labels", "", "we split by time"]
    assert read(texts) == [reading(text) for text in texts]


def test_several_threads_may_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"We won't normalise feature {n}, and do we have {n} million labels?" for n in range(200)]
    alone = read(texts)
    reading_now, at_once = [], 0
    one = language._reading

    def watched(*given: Any) -> Reading:
        nonlocal at_once
        reading_now.append(given)
        at_once = max(at_once, len(reading_now))
        time.sleep(0.001)
        reading_now.pop()
        return one(*given)

    monkeypatch.setattr(language, "_remembered", {})
    monkeypatch.setattr(language, "_reading", watched)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(read, (texts[start::4] for start in range(4))))
    assert [together[n % 4][n // 4] for n in range(len(texts))] == alone
    assert at_once == 1, "the parser is not made for several threads"
