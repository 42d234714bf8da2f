"""A stage without real content, judged on what was said in it and not on one stray sentence.

Source: six-stage and five-step score every stage. A stage counts as missed when its time, its words and its topics
are all below the thresholds in `findings.toml`.
"""

from collections.abc import Iterator

from analysis.pitfalls.evidence import finding, minutes
from analysis.report import Finding
from analysis.rules import rule, topic_rules
from analysis.talk import Talk
from prompts.vocabulary import Severity, Stage


def missed_stages(talk: Talk) -> tuple[Stage, ...]:
    """The stages without real content, in the framework's order."""
    planned = tuple(dict.fromkeys(step.stage for step in talk.framework.steps))
    missed = (stage for stage in planned if talk.passed(stage) and _missed(talk, stage))
    return tuple(missed) if talk.candidate() else ()


def _missed(talk: Talk, stage: Stage) -> bool:
    limits = rule("missed_stage").numbers
    rows = talk.rows(stage)
    if stage == "wrap_up":
        return not rows
    # Wherever it was said: somebody who blends data into modeling has not left the data out.
    marks = {topic for topic, home in topic_rules().items() if home.stage == stage and home.marks}
    topics = {topic for said in talk.topics for topic in said if topic in marks}
    words = sum(len(talk.utterances[row].text.split()) for row in rows)
    enough_time = talk.actual(stage) >= limits["least_share"] * talk.planned(stage)
    needed = min(limits["least_words"], limits["least_words_a_minute"] * talk.planned(stage) / 60)
    return not ((enough_time and words >= needed) or len(topics) >= limits["least_topics"])


def find(talk: Talk) -> Iterator[Finding]:
    """One finding per missed stage, quoting the stray sentence if there was one."""
    own = rule("missed_stage")
    names = {step.stage: step.name for step in reversed(talk.framework.steps)}
    for stage in missed_stages(talk):
        rows = talk.rows(stage)
        severity: Severity = "info" if stage == "wrap_up" else "fault"
        found = f"only {minutes(talk.actual(stage))} and little in it" if rows else "never taken up"
        yield finding(
            talk,
            own,
            rows[:1],
            severity=severity,
            message=own.text("message", stage=names[stage], found=found, planned=minutes(talk.planned(stage))),
            advice=own.texts[f"advice_{stage}"],
            source=own.text("source", framework=talk.framework.id),
            stage=stage,
            span=None if rows else (talk.missing_at(stage), talk.missing_at(stage)),
        )
