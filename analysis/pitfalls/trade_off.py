"""Two options compared and none recommended.

Source: six-stage asks for at least two reasonable solutions and then a strong recommendation for one.
"""

from collections.abc import Iterator

from analysis.pitfalls.evidence import finding
from analysis.report import Finding
from analysis.rules import rule
from analysis.talk import Talk


def find(talk: Talk) -> Iterator[Finding]:
    """At most one finding, on the last comparison of a talk that never closes one with a recommendation."""
    own = rule("trade_off_without_recommendation")
    compared = [row for row in talk.candidate() if "trade_off" in talk.topics[row]]
    undecided = talk.nearest("recommendation_after_trade_off") < own.numbers["decided"]
    if len(compared) >= own.numbers["least_compared"] and undecided:
        yield finding(talk, own, compared[-1:], severity="warning", message=own.texts["message"], stage="production")
