"""The interviewer's own line, read by the recogniser out of the room's echo, is not the candidate's answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.events import InterviewerSpoke, WordsHeard
from assistant.own_words import own_words
from tests.assistant.sessions import heard

LINE = InterviewerSpoke(
    5.0, 15.0, "Hello, and thanks for coming. We have 10 minutes together. Here is the problem.", "prompt", aloud=True
)
ANSWER = "The label is whether somebody watched the movie to the end."


def left(words: WordsHeard, line: InterviewerSpoke = LINE) -> str | None:
    own = own_words(words, [line])
    assert own is None or own.text == " ".join(word.text for word in own.words)
    return own.text if own else None


def test_what_is_left_of_the_line_before_an_answer_is_taken_out() -> None:
    assert left(heard(f"we have 10 minutes together {ANSWER}", 8.5)) == ANSWER


def test_nothing_is_left_of_the_line_alone() -> None:
    assert left(heard("thanks for coming. We have 10 minutes together.", 7.0)) is None


@pytest.mark.parametrize(
    "words",
    [
        heard(ANSWER, 8.5),
        heard("We have a problem", 8.5),
        heard("So here is the problem.", 15.1),
        heard("Here is the problem.", 8.5),
    ],
    ids=["other words", "three words in common", "repeated afterwards", "not said yet"],
)
def test_an_answer_stays_as_it_was_heard(words: WordsHeard) -> None:
    assert own_words(words, [LINE]) is words


def test_a_line_that_was_only_shown_is_in_no_recording() -> None:
    words = heard("We have 10 minutes together.", 8.5)
    assert own_words(words, [InterviewerSpoke(LINE.at, LINE.end, LINE.text, LINE.rule)]) is words


@given(st.lists(st.sampled_from([*LINE.text.split(), *ANSWER.split()]), min_size=1, max_size=25), st.floats(0, 30))
def test_only_words_of_the_line_are_ever_taken_and_the_rest_keeps_its_order(words: list[str], at: float) -> None:
    said = heard(" ".join(words), at)
    own = own_words(said, [LINE])
    kept = list(own.words if own else ())
    assert [word for word in said.words if word in kept] == kept
    assert {word.text for word in said.words if word not in kept} <= set(LINE.text.split())
