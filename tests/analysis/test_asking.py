"""What an interviewer's line asks for, and whether the reply takes it up."""

from pathlib import Path

import pytest

import analysis.training
from analysis.asking import ASKED, load_asking
from analysis.conduct import load_conduct
from analysis.pitfalls import ignored_interviewer
from analysis.report import Finding
from analysis.training.asking import load_lines
from prompts.vocabulary import StageLabel, Topic
from tests.analysis.talks import Said, asked, talk

LINES = Path(analysis.training.__file__).parent / "asking"


def test_labelled_lines_are_unique_and_everything_is_asked_for() -> None:
    lines = load_lines(LINES)
    assert len({line.text.lower() for line in lines}) == len(lines) >= 1500
    for name in ASKED:
        assert sum(name in line.asks for line in lines) >= 30, name


@pytest.mark.parametrize("row", ["shop\tlabelz\twhere from", "shop\t- labels\twhere from", "shop\t\twhere from"])
def test_a_wrong_line_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "x.tsv").write_text(f"group\tasks\ttext\nshop\tlabels\twhere are they from\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.tsv:3"):
        load_lines(tmp_path)


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("So how does this thing go live for the bakers?", "production"),
        ("and where would the labels for the bread come from", "labels"),
        ("Would you draw the whole system first, with its boxes?", "high_level"),
        ("How often would you retrain it for the bakery?", "retraining"),
        ("Fine, I can see that.", None),
    ],
)
def test_a_plain_line_says_what_it_asks_for(line: str, target: str | None) -> None:
    assert load_asking().asked(line)[0] == target


def test_what_a_line_leaves_it_does_not_ask_for() -> None:
    line = "Let's leave data there. How would you model it?"
    assert load_asking().asked(line, "data")[0] == "modeling"


BEFORE = "The oven log gives us the temperature every minute, and the till gives us every sale of bread."
ON = (
    "The till also has the weekday and the hour, and from the weather service I would take rain and temperature.",
    "Holidays are one more column, and the neighbouring school tells us when there is a festival in the street.",
    "I would count the sales of the last seven days for every kind of bread and of the same weekday a year ago.",
)


def judged(line: str, stage: StageLabel, topics: tuple[Topic, ...] = ()) -> list[Finding]:
    before = Said(BEFORE, "data", ("features",))
    reply = [Said(text, stage, topics if index == 1 else ()) for index, text in enumerate(ON)]
    return list(ignored_interviewer.find(talk(before, before, asked(line), *reply), load_conduct()))


def test_a_stage_that_is_asked_for_and_never_taken_up_is_ignored() -> None:
    (found,) = judged("Thanks. Can we talk about how this runs in production?", "data")
    assert found.code == "ignored_interviewer" and found.quote == ON[0]
    assert judged("Thanks. Can we talk about how this runs in production?", "production") == []


def test_a_topic_that_is_asked_for_and_never_comes_near_is_ignored() -> None:
    (found,) = judged("And how would you get labels for that?", "data")
    assert found.quote == ON[0]
    assert judged("And how would you get labels for that?", "data", ("labels",)) == []


def test_a_fact_asks_for_nothing_whatever_it_names() -> None:
    assert judged("About two hundred thousand loaves every day, in forty towns.", "data") == []


def test_asking_on_about_the_subject_is_no_steering() -> None:
    assert judged("What other features would you take?", "data") == []


def test_a_neighbouring_topic_answers_too() -> None:
    assert judged("And how would you evaluate it offline?", "data", ("split",)) == []
