"""Clarifying questions: none at all, or a chain of them where assumptions would have done.

Sources: business-first (failing to ask), six-stage (an educated assumption sounds surer than another question).
"""

from collections.abc import Iterator

from analysis.pitfalls.evidence import finding
from analysis.report import Finding
from analysis.rules import rule
from analysis.talk import Talk
from prompts.vocabulary import TOPICS


def find_none(talk: Talk) -> Iterator[Finding]:
    """One finding when the candidate asked the interviewer nothing about the problem; parting questions do not count."""
    own = rule("no_clarifying_questions")
    rows = talk.candidate()
    if len(rows) < own.numbers["least_utterances"] or any(_asks(talk, row) for row in rows):
        return
    if not talk.passed("problem"):
        return
    yield finding(talk, own, rows[:1], severity="warning", message=own.texts["message"], stage="problem")


def _asks(talk: Talk, row: int) -> bool:
    """Whether an utterance may be a clarifying question.

    In a conversation the interviewer answers it: what he does not answer is a question to oneself. In a monologue
    whatever comes near one counts.
    """
    if talk.labels[row] in ("wrap_up", "other"):
        return False
    limits = rule("no_clarifying_questions").numbers
    likely = talk.heard[row, TOPICS.index("clarifying_questions")]
    question = any(sentence.question for sentence in talk.readings[row].sentences)
    answers = [utterance.speaker == "interviewer" for utterance in talk.utterances]
    if sum(answers) < limits["conversation"]:
        return bool(likely >= limits["near"])
    answered = any(answers[row + 1 : row + 1 + int(limits["answered_within"])])
    return answered and bool(likely >= limits["surely"] or (question and likely >= limits["near"]))


def find_chain(talk: Talk) -> Iterator[Finding]:
    """One finding per chain of questions that is not broken by an assumption or by design work."""
    own = rule("too_many_questions")
    chain: list[int] = []
    for row in [*talk.candidate(), None]:
        if row is not None and talk.asks(row):
            chain.append(row)
            continue
        keeps_asking = row is not None and not talk.topics[row] and len(talk.utterances[row].text.split()) <= 12
        if keeps_asking and chain:
            continue
        asked = sum(max(1, _questions(talk, r)) for r in chain)
        if len(chain) >= own.numbers["in_a_row"] or asked >= own.numbers["questions"]:
            assumed = sum("assumptions" in talk.topics[r] for r in range(chain[0], chain[-1] + 1))
            stated = f"{assumed} assumption{'s' if assumed != 1 else ''}" if assumed else "no assumption"
            yield finding(
                talk,
                own,
                chain,
                severity="warning",
                message=own.text("message", count=asked, assumed=stated),
                stage="problem",
            )
        chain = []


def _questions(talk: Talk, row: int) -> int:
    return sum(sentence.question for sentence in talk.readings[row].sentences)
