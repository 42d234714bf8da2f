"""Two options compared and none recommended.

Source: six-stage asks for at least two reasonable solutions and then a strong recommendation for one.
"""

from collections.abc import Iterator

from analysis.pitfalls.evidence import finding
from analysis.report import Finding
from analysis.rules import rule
from analysis.talk import Talk


def find(talk: Talk) -> Iterator[Finding]:
    """At most one finding: the last comparison left open, where no comparison of the talk was closed."""
    own = rule("trade_off_without_recommendation")
    compared = [row for row in talk.candidate() if "trade_off" in talk.topics[row]]
    decided = [row for row in talk.candidate() if "recommendation_after_trade_off" in talk.topics[row]]
    open_rows = [
        row
        for row in compared
        if not any(
            row <= later and talk.utterances[later].start - talk.utterances[row].end <= own.numbers["within_seconds"]
            for later in decided
        )
    ]
    if len(open_rows) < 2 or len(open_rows) < len(compared):
        return
    yield finding(talk, own, open_rows[-1:], severity="warning", message=own.texts["message"], stage="production")
