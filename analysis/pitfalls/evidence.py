"""Builds findings from their evidence: times, quotes and wording."""

from collections.abc import Sequence

from analysis.report import Finding
from analysis.rules import Rule
from analysis.talk import Talk
from prompts.vocabulary import Severity, Stage, Topic

LONGEST_QUOTE = 240


def quote(text: str) -> str:
    """The words themselves, cut at a word once they are too long to show."""
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"


def minutes(seconds: float) -> str:
    """Seconds as people read them: 4:05."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def finding(
    talk: Talk,
    rule: Rule,
    rows: Sequence[int],
    *,
    severity: Severity,
    message: str,
    advice: str | None = None,
    stage: Stage | None = None,
    topic: Topic | None = None,
    span: tuple[float, float] | None = None,
    source: str | None = None,
) -> Finding:
    """A finding whose evidence are these rows of the talk; the first of them is quoted.

    span: seconds, where the evidence is not the utterances themselves. source: where its text has fields.
    """
    utterances = [talk.utterances[row] for row in rows]
    start, end = span or (min(u.start for u in utterances), max(u.end for u in utterances))
    return Finding(
        code=rule.code,
        severity=severity,
        start=round(start, 2),
        end=round(end, 2),
        utterances=tuple(utterance.id for utterance in utterances),
        quote=quote(utterances[0].text) if utterances else "",
        message=message,
        advice=rule.texts["advice"] if advice is None else advice,
        source=rule.texts["source"] if source is None else source,
        stage=stage,
        topic=topic,
    )
