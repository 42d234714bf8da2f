"""How the candidate took it when the interviewer brought him back or changed a requirement."""

import pytest

from analysis.report import ReportUtterance
from analysis.uptake import Move, uptake
from prompts.vocabulary import StageLabel

NUDGE = "Hold on to that idea for later. Come back with me to understanding the problem first."
CHANGE = "Let me change one thing. Half of the feed now comes from accounts the person does not follow. How does your design change?"


def said(line: str, *reply: tuple[str, StageLabel]) -> list[ReportUtterance]:
    both = [ReportUtterance(0, 10.0, 15.0, "interviewer", line, None, 1.0)]
    for number, (text, stage) in enumerate(reply, start=1):
        both.append(ReportUtterance(number, 10.0 * number + 7, 10.0 * number + 14, "candidate", text, stage, 0.9))
    return both


@pytest.mark.parametrize(
    ("move", "line", "reply", "expected"),
    [
        ("nudge", NUDGE, [("You're right, so the goal is that people come back.", "problem")], "followed"),
        ("nudge", NUDGE, [("Sure, but let me finish the network first.", "problem")], "not followed"),
        ("nudge", NUDGE, [("So the cross layers learn the interactions.", "modeling")], "not followed"),
        ("nudge", NUDGE, [("Hm, okay, let me think.", "other")], "unclear"),
        ("nudge", NUDGE, [], "unanswered"),
        ("change", CHANGE, [("Then half of the candidates need a source beyond the accounts one follows.", "high_level")], "followed"),
        ("change", CHANGE, [("That changes the sources, so I add a search by embeddings.", "high_level")], "followed"),
        ("change", CHANGE, [("The learning rate follows a cosine schedule after the warm-up.", "modeling")], "not followed"),
        ("change", CHANGE, [("Then the learning rate follows a cosine schedule.", "modeling")], "unclear"),
        ("change", CHANGE, [("Okay.", "other")], "unanswered"),
    ],
)  # fmt: skip
def test_the_reply_shows_whether_it_was_taken_up(
    move: Move, line: str, reply: list[tuple[str, StageLabel]], expected: str
) -> None:
    taken = uptake(said(line, *reply), 10.0, move)
    assert taken.verdict == expected
    assert taken.quote == ("" if expected == "unanswered" else reply[0][0])


def test_what_comes_after_the_interviewers_next_line_is_no_reply() -> None:
    both = said(CHANGE, ("I see.", "other"))
    both.append(ReportUtterance(2, 30.0, 33.0, "interviewer", "Five minutes to go.", None, 1.0))
    both.append(
        ReportUtterance(3, 35.0, 39.0, "candidate", "Then accounts the person does not follow come in.", "data", 0.9)
    )
    assert uptake(both, 10.0, "change").verdict == "unanswered"
