"""From a transcript to its report: the one path that live view, review, replay and uploads all take."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.delivery import measure
from analysis.drill import fitting, judged_stages, narrowed
from analysis.judgement import judge
from analysis.language import language_model_present
from analysis.pitfalls.evidence import minutes
from analysis.pitfalls.missed_topic import missed_topics
from analysis.report import Report, ReportUtterance, SessionFacts, StageTime, TopicCoverage
from analysis.rules import rule, topic_rules
from analysis.score import score
from analysis.talk import Talk, understand
from prompts.frameworks import get_framework
from prompts.vocabulary import STAGES, TOPICS, StageLabel
from speech.transcript import Utterance


def analyze(
    utterances: Sequence[Utterance],
    facts: SessionFacts,
    notes: Sequence[str] = (),
    right: Mapping[int, StageLabel] | None = None,
) -> Report:
    """Judge a whole session.

    utterances: in the order of time. facts: framework, level and planned time to judge by; its duration_seconds is
    raised to the last utterance's end. notes: remarks to pass on.
    right: stages that somebody knows, by the utterance's id.
    Raises UnknownFramework, and WeightsMissing when the embedding model is not installed.
    """
    framework = narrowed(get_framework(facts.framework))
    talk = understand(
        utterances,
        framework,
        facts.level,
        facts.planned_seconds,
        facts.duration_seconds,
        right=right,
        broken_off=facts.broken_off,
    )
    findings = fitting(judge(talk), framework)
    return Report(
        session=replace(facts, duration_seconds=round(talk.duration_seconds, 2)),
        utterances=_utterances(talk),
        stages=stage_times(talk),
        findings=findings,
        delivery=measure(talk.utterances, talk.readings, talk.duration_seconds),
        score=score(
            findings, [s for s in judged_stages(framework) if talk.candidate() and (talk.passed(s) or talk.rows(s))]
        ),
        notes=(*notes, *_notes(talk)),
    )


def _utterances(talk: Talk) -> tuple[ReportUtterance, ...]:
    return tuple(
        ReportUtterance(u.id, u.start, u.end, u.speaker, u.text, label, confidence, u.words)
        for u, label, confidence in zip(talk.utterances, talk.labels, talk.confidence, strict=True)
    )


def stage_times(talk: Talk) -> tuple[StageTime, ...]:
    """Planned and actual time of every stage in the framework's order, then of `other` where there was any."""
    order: list[StageLabel] = list(dict.fromkeys(step.stage for step in talk.framework.steps))
    whole = talk.framework.drill is None
    order += [stage for stage in STAGES if stage not in order and (whole or talk.rows(stage))]
    return tuple(_stage_time(talk, stage) for stage in [*order, "other"] if stage != "other" or talk.rows("other"))


def _stage_time(talk: Talk, stage: StageLabel) -> StageTime:
    rows = talk.rows(stage)
    return StageTime(
        stage=stage,
        planned_seconds=0.0 if stage == "other" else round(talk.planned(stage), 2),
        actual_seconds=round(talk.actual(stage), 2),
        start=talk.utterances[rows[0]].start if rows else None,
        end=talk.utterances[rows[-1]].end if rows else None,
        topics=tuple(
            TopicCoverage(topic, bool(covered := talk.covered(topic)), covered)
            for topic in TOPICS
            if topic_rules()[topic].stage == stage and talk.framework.drill in (None, stage)
        ),
    )


def _notes(talk: Talk) -> list[str]:
    notes = []
    if talk.broken_off:
        notes.append(
            f"The session was broken off at {minutes(talk.duration_seconds)}. What was said until then is judged; "
            "what had not come yet does not count as missed, and the score does not compare with that of a whole session."
        )
    if not talk.candidate():
        notes.append("No speech of the candidate was heard, so there is nothing to judge.")
    if not language_model_present():
        notes.append("The English language model is missing (`viva models pull en-core-web-sm`); cues are cruder.")
    hidden = missed_topics(talk)[int(rule("missed_topic").numbers["most"]) :]
    if hidden:
        notes.append(f"Also not touched: {', '.join(topic_rules()[topic].name for topic in hidden)}.")
    return notes
