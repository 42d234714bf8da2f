"""Carrying on after the interviewer asked for something else.

Source: business-first: stay flexible when new information is given. What the interviewer asked is compared by meaning
with what the candidate says in the next two minutes: somebody who answers, says something close to the question.
"""

from collections.abc import Iterator

from analysis.pitfalls.evidence import finding
from analysis.report import Finding
from analysis.rules import rule
from analysis.talk import Talk


def find(talk: Talk) -> Iterator[Finding]:
    """One finding per question or redirect that nothing afterwards comes close to."""
    own = rule("ignored_interviewer")
    for row, utterance in enumerate(talk.utterances):
        if utterance.speaker != "interviewer" or row == 0 or not _asks_for_something(talk, row):
            continue
        answer = [
            later
            for later in talk.candidate()
            if later > row and talk.utterances[later].start - utterance.end <= own.numbers["within_seconds"]
        ]
        if len(answer) < 3:
            continue
        nearest = float((talk.embeddings[answer] @ talk.embeddings[row]).max())
        if nearest < own.numbers["similarity"]:
            yield finding(talk, own, answer[:3], severity="fault", message=own.texts["message"])


def _asks_for_something(talk: Talk, row: int) -> bool:
    reading = talk.readings[row]
    words = len(talk.utterances[row].text.split())
    asks = any(sentence.question for sentence in reading.sentences) or any(h.group == "redirect" for h in reading.cues)
    return asks and words >= 6
