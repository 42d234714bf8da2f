"""Carrying on after the interviewer redirected or changed a requirement.

Source: business-first: stay flexible when new information is given. Only lines that steer, or plainly ask for a topic or
a stage that was not the subject, are judged, and what the candidate says up to the interviewer's next line. Likeness to
the line tells little, as most questions are answered in other words. What tells: what was asked for never comes up and
the old stage goes on; a wish to finish first, with a reply that stays with the old subject; or the next subject opened
right after a change was announced, without a word on it.
"""

from collections.abc import Iterator, Sequence

from analysis.asking import load_asking
from analysis.conduct import Conduct, reply_features
from analysis.pitfalls.evidence import finding
from analysis.report import Finding
from analysis.rules import rule
from analysis.steering import makes
from analysis.talk import Talk
from prompts.vocabulary import STAGES, TOPICS, Topic
from speech.transcript import Utterance

_BEFORE = 4
"""Utterances of the candidate's that show the old subject, as in the classifier's examples."""

_ANSWERED_ANYHOW: frozenset[Topic] = frozenset(
    {"assumptions", "hypothesis", "trade_off", "recommendation_after_trade_off", "success_metric"}
)
"""Topics that are asked for in other senses too ("you decide", "which would you build first"), so that nothing follows."""

_FAMILIES: tuple[frozenset[Topic], ...] = (
    frozenset({"split", "leakage", "overfitting", "offline_metrics"}),
    frozenset({"monitoring", "retraining"}),
    frozenset({"features", "normalization"}),
)
"""Topics one of which answers a question for another: "how do you keep the evaluation honest"."""

_FIRST_WORDS = 2
"""Utterances in which somebody reacts, if at all."""


def find(talk: Talk, conduct: Conduct) -> Iterator[Finding]:
    """One finding per line that was ignored, quoting the reply to it."""
    own = rule("ignored_interviewer")
    steering = set(steering_lines(talk.utterances))
    for row, utterance in enumerate(talk.utterances):
        before, reply = exchange(talk.utterances, row) if utterance.speaker == "interviewer" else ([], [])
        if not reply:
            continue
        taken_up = _taken_up(talk, row, before, reply) if before else None
        passed_over = makes(utterance.text, "change") and _opens_next_subject(talk, reply)
        carries_on = bool(before) and row in steering and _carries_on(talk, row, before, reply, conduct)
        if taken_up is False or passed_over or (carries_on and not taken_up):
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


def _taken_up(talk: Talk, line: int, before: list[int], reply: list[int]) -> bool | None:
    """Whether what the line asks for comes up in the reply; None where that cannot be told.

    A stage that was not the subject is passed over where the old one just goes on; a topic where nothing in the reply
    comes near it. Asking on about the subject is no steering, and how to close is the candidate's own affair.
    """
    limits, text = rule("ignored_interviewer").numbers, talk.utterances[line].text
    old = talk.labels[before[-1]]
    leaving = next((stage for stage in STAGES if stage == old), None) if makes(text, "redirect") else None
    asked, sure = load_asking().asked(text, leaving)
    if asked in STAGES and sure >= limits["asked_stage"] and asked not in ("wrap_up", old):
        if any(talk.labels[row] == asked for row in reply):
            return True
        same = sum(talk.labels[row] == old for row in reply)
        return False if same >= limits["same_stage"] * len(reply) else None
    # A fact that he gives names a topic as well.
    asks = makes(text, "asking") or leaving is not None
    if asked in TOPICS and asked not in _ANSWERED_ANYHOW and asks and sure >= limits["asked_topic"]:
        near = talk.heard[:, _family(asked)].max(axis=1)
        if near[reply].max() >= limits["taken_up"]:
            return True
        was_subject = near[before].max() >= limits["taken_up"]
        return False if near[reply].max() < limits["never_near"] and not was_subject else None
    return None


def _family(topic: str) -> list[int]:
    """Columns of the topics that answer a question for one of them."""
    family = next((some for some in _FAMILIES if topic in some), {topic})
    return [column for column, name in enumerate(TOPICS) if name in family]


def _opens_next_subject(talk: Talk, reply: list[int]) -> bool:
    first = [talk.utterances[row].text for row in reply[:_FIRST_WORDS]]
    return makes(first[0], "next_subject") and not any(
        makes(text, "taking_up") or makes(text, "maybe_taking_up") for text in first
    )


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
