"""Topics the level and the framework expect and nobody touched, the most important first.

A topic of a stage that was missed as a whole comes last and weighs little: the stage's own finding says it already.
"""

from collections.abc import Iterator

from analysis.pitfalls.evidence import finding
from analysis.pitfalls.missed_stage import missed_stages
from analysis.report import Finding
from analysis.rules import rule, topic_rules
from analysis.talk import Talk
from prompts.vocabulary import Severity, Topic


def missed_topics(talk: Talk) -> tuple[Topic, ...]:
    """Every expected topic that was not covered, the most important first."""
    if not talk.candidate():
        return ()
    gone = missed_stages(talk)
    missed = [t for t in talk.framework.expects[talk.level] if _untouched(talk, t) and not _said_elsewhere(talk, t)]
    return tuple(sorted(missed, key=lambda topic: topic_rules()[topic].stage in gone))


def _untouched(talk: Talk, topic: Topic) -> bool:
    return talk.nearest(topic) < rule("missed_topic").numbers["near"]


def _said_elsewhere(talk: Talk, topic: Topic) -> bool:
    """Topics that have a finding of their own or make no sense alone."""
    if topic == "clarifying_questions":
        return True  # no_clarifying_questions
    return topic == "recommendation_after_trade_off"  # trade_off_without_recommendation, or no trade-off at all


def find(talk: Talk) -> Iterator[Finding]:
    """One finding per topic, at most as many as a report can hold."""
    own = rule("missed_topic")
    expected, gone = talk.framework.expects[talk.level], missed_stages(talk)
    for topic in missed_topics(talk)[: int(own.numbers["most"])]:
        home = topic_rules()[topic]
        rows = talk.rows(home.stage)
        yield finding(
            talk,
            own,
            rows[-1:],
            severity="info" if home.stage in gone else _severity(talk, expected.index(topic) / len(expected)),
            message=own.text("message", topic=home.name),
            advice=home.advice,
            source=own.text("source", framework=talk.framework.id, level=talk.level),
            stage=home.stage,
            topic=topic,
            span=None if rows else (talk.duration_seconds, talk.duration_seconds),
        )


def _severity(talk: Talk, place: float) -> Severity:
    """How much it weighs, by its place in what the level is expected to cover: a staff candidate owes the first half."""
    if talk.level == "staff" and place < 0.4:
        return "fault"
    return "warning" if place < 0.67 else "info"
