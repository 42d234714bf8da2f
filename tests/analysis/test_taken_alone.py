"""What a sentence is about by itself."""

from analysis.taken_alone import stage_of_last, topics_of
from speech.transcript import Utterance


def test_a_question_has_the_topics_it_asks_for() -> None:
    asked = topics_of(["How do you split the data so that the test is honest?", "Could you say that again?"], 0.2)
    assert "split" in asked[0]
    assert "split" not in asked[1]
    assert topics_of([], 0.2) == []


def test_the_last_sentence_may_belong_to_another_stage_than_those_before() -> None:
    said = (
        "The goal is retention.",
        "We have two hundred million people.",
        "For the labels I take likes and comments.",
    )
    both = [Utterance(row, 10.0 * row, 10.0 * row + 5, "candidate", text) for row, text in enumerate(said)]
    assert stage_of_last(both) == "data"
    assert stage_of_last(both[:1]) == "problem"
    assert stage_of_last(()) is None
