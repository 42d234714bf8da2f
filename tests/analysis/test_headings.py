"""Headings of written texts, and what they say about the lines under them."""

import numpy as np
import pytest

from analysis.classifier import load_classifiers
from analysis.headings import depth, headings, with_sections
from analysis.talk import understand
from prompts.frameworks import get_framework
from prompts.vocabulary import STAGE_LABELS
from speech.transcript import Utterance

VAGUE = "There are a few ways to do this and each has its price."


@pytest.mark.parametrize(
    "text", ["2. Data", "3.1 Which features", "Step 4 - Choosing a model", "Part II: the blueprint"]
)
def test_a_numbered_line_is_a_heading(text: str) -> None:
    assert headings([text] * 3) == ["numbered"] * 3


@pytest.mark.parametrize(
    ("text", "kind"),
    [("Labels and Features", "title"), ("Training data", "title"), ("What We Measure Offline:", "label")],
)
def test_a_short_line_with_capitals_and_without_a_full_stop_is_a_heading(text: str, kind: str) -> None:
    assert headings([text, VAGUE] * 3) == [kind, None] * 3


@pytest.mark.parametrize(
    "text",
    [
        "Clicks are the positives.",
        "clicks are the positives",
        "I would keep the last two weeks apart and never look at them before the end",
        "3 million users open it",
        "",
        "?!",
    ],
)
def test_a_sentence_is_none(text: str) -> None:
    assert headings([text, VAGUE] * 3) == [None] * 6


def test_where_sentences_end_in_full_stops_a_short_line_without_one_is_a_heading() -> None:
    sentence = "Before anything else I would like to know who uses it, how often, and what it is worth to them."
    line = "Who uses it and what for"
    assert headings([line, sentence] * 3) == ["title", None] * 3
    assert headings([line, sentence.rstrip(".")] * 3) == [None] * 6


def test_short_lines_in_a_row_are_a_list() -> None:
    kinds = headings(["2. Features", "Device Type", "Home Country", "Hour of Day", "3. Model", VAGUE, "4. Launch"])
    assert kinds == ["numbered", None, None, None, "numbered", None, "numbered"]


def test_of_two_short_lines_in_a_row_the_second_is_the_first_heading_under_the_first() -> None:
    assert headings(["System Design", "Main Components", VAGUE, "Serving", VAGUE]) == [
        *("title", "title", None),
        *("title", None),
    ]


def test_talk_whose_full_stops_the_recogniser_left_out_here_and_there_has_no_headings() -> None:
    assert headings(["So the data", VAGUE, VAGUE, "Okay the model", VAGUE]) == [None] * 5


def test_the_lines_under_a_heading_are_likelier_about_it_and_their_probabilities_still_sum_to_one() -> None:
    texts = [
        "1. Understanding the problem",
        VAGUE,
        "2. Training data and labels",
        VAGUE,
        "3. Serving and monitoring",
        VAGUE,
    ]
    even = np.full((6, len(STAGE_LABELS)), 1 / len(STAGE_LABELS))
    rows = with_sections(even, texts, load_classifiers())
    assert [STAGE_LABELS[row.argmax()] for row in rows[1::2]] == ["problem", "data", "production"]
    assert rows.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize(
    "vague", ["There is more than one way to go about this.", "This part decides a lot, so it deserves some care."]
)
def test_a_vague_sentence_takes_the_stage_of_its_section(vague: str) -> None:
    texts = [
        "1. Clarify the requirements",
        vague,
        vague,
        "2. Data and features",
        vague,
        vague,
        "3. Deployment",
        vague,
        vague,
        "4. Summary",
        vague,
        vague,
    ]
    lines = [Utterance(at, at * 6, at * 6 + 5, "candidate", text) for at, text in enumerate(texts)]
    labels = understand(lines, get_framework("six-stage"), "senior", 60).labels
    assert labels == ("problem",) * 3 + ("data",) * 3 + ("production",) * 3 + ("wrap_up",) * 3


def _labels(*texts: str) -> tuple[str | None, ...]:
    lines = [Utterance(at, at * 6, at * 6 + 5, "candidate", text) for at, text in enumerate(texts)]
    return understand(lines, get_framework("six-stage"), "senior", 60).labels


MONITORING = (
    "1. Problem statement",
    "The hotline wants to know who will call tomorrow, and a call costs six euros.",
    "2. Monitoring and retraining",
    "We watch the inputs for drift and page somebody when they move.",
    "The model is fitted again every month, and rolled back if it is worse.",
)


@pytest.mark.parametrize("heading", ["References", "Further Reading", "Interview Tips"])
def test_a_heading_of_no_stage_ends_the_section_before_it(heading: str) -> None:
    labels = _labels(*MONITORING, heading, "A long list of papers and a book.", "The talk from last year, with slides.")
    assert labels[4] == "production" and labels[-3:] == ("other",) * 3


@pytest.mark.parametrize("heading", ["Conclusion", "Key Takeaways", "Limitations and Future Work", "Summary"])
def test_what_stands_under_a_summary_closes_the_text_though_it_names_every_stage(heading: str) -> None:
    recap = ("Labels come from calls of the next day.", "Trees beat the rule by nine points.", "Drift pages somebody.")
    assert _labels(*MONITORING, heading, *recap)[-4:] == ("wrap_up",) * 4


def test_a_part_of_a_chapter_that_names_no_stage_is_about_what_the_chapter_is() -> None:
    texts = [
        "# Queue times",
        "## Serving and monitoring",
        VAGUE,
        "### Staff-level follow-ups",
        VAGUE,
        "## Training data",
        VAGUE,
    ]
    even = np.full((7, len(STAGE_LABELS)), 1 / len(STAGE_LABELS))
    rows = with_sections(even, texts, load_classifiers())
    assert [STAGE_LABELS[row.argmax()] for row in rows[2::2]] == ["production", "production", "data"]


def test_the_parts_of_a_chapter_add_to_what_it_says() -> None:
    texts = ["## System overview", VAGUE, "### Feature store", VAGUE, "## Feature store", VAGUE]
    even = np.full((6, len(STAGE_LABELS)), 1 / len(STAGE_LABELS))
    overview = STAGE_LABELS.index("high_level")
    rows = with_sections(even, texts, load_classifiers())
    assert rows[3][overview] > rows[5][overview]


def test_where_chapters_are_marked_a_number_alone_opens_none() -> None:
    marked = ["## Goal", VAGUE, "## Data", VAGUE, "1. Clicks of a week", VAGUE, "## Model"]
    assert headings(marked) == ["numbered", None, "numbered", None, "title", None, "numbered"]
    assert headings([line.replace("## ", "") for line in marked]).count("numbered") == 1


@pytest.mark.parametrize(
    ("text", "deep"), [("# Data", 1), ("### Labels", 3), ("2. Data", 1), ("2.3 Labels", 2), ("Step 4: Serving", 1)]
)
def test_how_deep_a_chapter_lies_is_seen_by_its_marks_or_its_number(text: str, deep: int) -> None:
    assert depth(text) == deep
