"""Carrying on after the interviewer redirected or changed a requirement.

Source: business-first: stay flexible when new information is given. Only lines that steer are judged, and what the
candidate says up to the interviewer's next line. Likeness to the line tells little, as most questions are answered in
other words. What tells: a wish to finish first, with a reply that stays with the old subject; or the next subject
opened right after a change was announced, without a word on it.
"""

from collections.abc import Iterator, Sequence

from analysis.conduct import Conduct, reply_features
from analysis.pitfalls.evidence import finding
from analysis.report import Finding
from analysis.rules import rule
from analysis.steering import makes
from analysis.talk import Talk
from speech.transcript import Utterance

_BEFORE = 4
"""Utterances of the candidate's that show the old subject, as in the classifier's examples."""

_FIRST_WORDS = 2
"""Utterances in which somebody reacts, if at all."""


def find(talk: Talk, conduct: Conduct) -> Iterator[Finding]:
    """One finding per line that was ignored, quoting the reply to it."""
    own = rule("ignored_interviewer")
    for row in steering_lines(talk.utterances):
        before, reply = exchange(talk.utterances, row)
        if not reply:
            continue
        passed_over = makes(talk.utterances[row].text, "change") and _opens_next_subject(talk, reply)
        if passed_over or (before and _carries_on(talk, row, before, reply, conduct)):
            label = talk.labels[reply[0]]
            yield finding(
                talk,
                own,
                reply,
                severity="fault",
                message=own.texts["message_change" if passed_over else "message"],
                advice=own.texts["advice_change" if passed_over else "advice"],
                stage=None if label == "other" else label,
            )


def steering_lines(utterances: Sequence[Utterance]) -> list[int]:
    """Indices of the interviewer's lines that redirect or announce a change."""
    return [
        row
        for row, utterance in enumerate(utterances)
        if utterance.speaker == "interviewer" and (makes(utterance.text, "redirect") or makes(utterance.text, "change"))
    ]


def exchange(utterances: Sequence[Utterance], line: int) -> tuple[list[int], list[int]]:
    """The candidate's last utterances before a line, and those after it up to the next line or within the time given.

    Indices; no reply where it is too short to judge.
    """
    limits, end = rule("ignored_interviewer").numbers, utterances[line].end
    before = [row for row in range(max(0, line - 2 * _BEFORE), line) if utterances[row].speaker == "candidate"]
    reply: list[int] = []
    for row in range(line + 1, len(utterances)):
        if utterances[row].speaker == "interviewer" or utterances[row].start - end > limits["within_seconds"]:
            break
        reply.append(row)
    words = sum(len(utterances[row].text.split()) for row in reply)
    return before[-_BEFORE:], reply if words >= limits["least_words"] else []


def _opens_next_subject(talk: Talk, reply: list[int]) -> bool:
    first = [talk.utterances[row].text for row in reply[:_FIRST_WORDS]]
    return makes(first[0], "next_subject") and not any(makes(text, "taking_up") for text in first)


def _carries_on(talk: Talk, line: int, before: list[int], reply: list[int], conduct: Conduct) -> bool:
    limits = rule("ignored_interviewer").numbers
    moved_on = talk.labels[reply[0]] not in (talk.labels[before[-1]], "other")
    features = reply_features(
        [talk.utterances[row] for row in before],
        talk.utterances[line],
        [talk.utterances[row] for row in reply],
    )
    ignored = float(conduct.ignored.probability(features[None])[0])
    if any(makes(talk.utterances[row].text, "carrying_on") for row in reply[:_FIRST_WORDS]):
        return ignored >= limits["sure"]
    return makes(talk.utterances[line].text, "redirect") and not moved_on and ignored >= limits["sure_alone"]
