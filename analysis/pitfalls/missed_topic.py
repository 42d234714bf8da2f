"""Topics the level and the framework expect and nobody touched, the most important first.

What only higher levels owe follows as a note: the next level is what one practises for. A topic of a stage that was
missed as a whole comes last and weighs little: the stage's own finding says it already.
"""

from collections.abc import Iterator

import numpy as np

from analysis.pitfalls.evidence import finding
from analysis.pitfalls.missed_stage import missed_stages
from analysis.report import Finding
from analysis.rules import rule, topic_rules
from analysis.talk import Talk
from prompts.vocabulary import LEVELS, TOPICS, Level, Severity, Topic


def missed_topics(talk: Talk) -> tuple[Topic, ...]:
    """Every topic that some level is expected to cover and nobody touched, the most important for this level first."""
    if not talk.candidate():
        return ()
    gone, owed = missed_stages(talk), set(talk.framework.expects[talk.level])
    levels = (talk.level, *LEVELS[LEVELS.index(talk.level) + 1 :])
    expected = dict.fromkeys(topic for level in levels for topic in talk.framework.expects[level])
    due = [topic for topic in expected if talk.passed(topic_rules()[topic].stage)]
    missed = [topic for topic in due if _untouched(talk, topic) and not _said_elsewhere(talk, topic)]
    return tuple(sorted(missed, key=lambda topic: (topic not in owed, topic_rules()[topic].stage in gone)))


def _untouched(talk: Talk, topic: Topic) -> bool:
    return _nearest(talk, topic) < rule("missed_topic").numbers["near"]


def _nearest(talk: Talk, topic: Topic) -> float:
    """The topic's highest probability in any utterance; outside the stage it belongs to it must be plainer to count."""
    heard = talk.heard[:, TOPICS.index(topic)]
    home = np.array([label == topic_rules()[topic].stage for label in talk.labels])
    odds = heard / np.maximum(1 - heard, 1e-9) * np.where(home, 1.0, rule("missed_topic").numbers["elsewhere"])
    return float((odds / (1 + odds)).max(initial=0.0))


def _said_elsewhere(talk: Talk, topic: Topic) -> bool:
    """Topics that have a finding of their own or make no sense alone."""
    if topic == "clarifying_questions":
        return True  # no_clarifying_questions
    return topic == "recommendation_after_trade_off"  # trade_off_without_recommendation, or no trade-off at all


def find(talk: Talk) -> Iterator[Finding]:
    """One finding per topic, at most as many as a report can hold."""
    own = rule("missed_topic")
    gone = missed_stages(talk)
    for topic in missed_topics(talk)[: int(own.numbers["most"])]:
        home = topic_rules()[topic]
        rows = talk.rows(home.stage)
        yield finding(
            talk,
            own,
            rows[-1:],
            severity="info" if home.stage in gone else _severity(talk, topic),
            message=own.text("message", topic=home.name),
            advice=home.advice,
            source=own.text("source", framework=talk.framework.id, level=_owed_from(talk, topic)),
            stage=home.stage,
            topic=topic,
            span=None if rows else (talk.missing_at(home.stage), talk.missing_at(home.stage)),
        )


def _owed_from(talk: Talk, topic: Topic) -> Level:
    """The lowest level, from the candidate's own upwards, that is expected to cover a topic."""
    levels = LEVELS[LEVELS.index(talk.level) :]
    return next(level for level in levels if topic in talk.framework.expects[level])


def _severity(talk: Talk, topic: Topic) -> Severity:
    """How much it weighs, by its place in what the level is expected to cover: a staff candidate owes the first half."""
    expected = talk.framework.expects[talk.level]
    if topic not in expected:
        return "info"
    place = expected.index(topic) / len(expected)
    if talk.level == "staff" and place < 0.4 and _nearest(talk, topic) < rule("missed_topic").numbers["surely"]:
        return "fault"
    return "warning" if place < 0.67 else "info"
