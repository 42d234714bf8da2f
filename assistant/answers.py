"""Which questions the candidate puts to the interviewer, and what the interviewer knows about them. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from analysis.talk import Talk
from assistant.as_heard import BROKEN_OFF
from prompts.problems import Fact

SURE = 0.78
"""Least probability at which a fact is given away: a wrong fact costs more than a question handed back. From here on less
than two questions in a hundred of the tuning half of `tests/bench/answers.tsv` get a wrong one."""

IN_A_ROW = 5
"""From this question in a row on, assumptions are asked for."""

_DESIGN_WORDS = 40
"""So many words that ask nothing end a row of questions."""

_AFTERTHOUGHT_WORDS = 5
"""What follows a question with so few words leaves it standing; with more, the candidate goes on by himself."""

_TO_ONESELF = re.compile(
    r"\b(what (was|am) i|where (was|am) i|what else|let me (think|see)|i wonder|what do i|how (would|should|do) i"
    r"|how (would|could) (we|you) (do|solve|model|build|train|handle|approach)|what would i|why (do|would|did) (i|we)"
    r"|what (if|about) (i|we)|right\?$|you know\?$|okay\?$)"
)
_JOINED = re.compile(r"[,;]? and (?=(?:how|what|which|who|where|when|do|does|is|are|can|should|will)\b)", re.IGNORECASE)
_ASSUMED = re.compile(r"\b(assum\w*|suppose|let's say|(i'd|i would) (say|guess)|say (about|around|roughly)|take it)\b")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the interviewer that waits for an answer.

    row: the talk's utterance it ends in. text: the question. at: second it began. check_in: it only asks whether to go on.
    in_a_row: its number among questions with hardly a word of design between them. before: the questions right before it.
    """

    row: int
    text: str
    at: float
    check_in: bool
    in_a_row: int
    before: tuple[str, ...] = ()


def fact_asked_for(question: str, facts: Sequence[Fact]) -> Fact | None:
    """The fact a question asks for; None when no fact, or no single one, is surely meant.

    Raises WeightsMissing when the embedding model is not installed.
    """
    from analysis.answering import load_answering

    if len(facts) < 2:
        return None
    probabilities = load_answering().probabilities(question, facts)
    best = int(probabilities.argmax())
    return facts[best] if probabilities[best] >= SURE else None


def facts_asked_for(asked: Asked, facts: Sequence[Fact]) -> tuple[list[Fact], str | None]:
    """The facts that questions in one breath ask for, in order, and the last of them that no fact surely answers."""
    found: dict[str, Fact] = {}
    unknown = None
    for question in (*asked.before, asked.text):
        parts = _JOINED.split(question)
        answers = [fact_asked_for(part, facts) for part in parts]
        if len(parts) > 1 and None in answers:
            # Joined by "and", it may still be one question.
            answers = [fact_asked_for(question, facts)]
        found |= {fact.id: fact for fact in answers if fact is not None}
        unknown = question if None in answers else unknown
    return list(found.values()), unknown


def open_question(talk: Talk) -> Asked | None:
    """The question the candidate has just put to the interviewer and not answered or passed over himself."""
    after = 0
    rows = since_interviewer(talk)
    said = [(row, text, question) for row in rows for text, question in _sentences(talk, row)]
    for last, (row, text, question) in reversed(list(enumerate(said))):
        check_in = question and bool(talk.readings[row].said("check_in")) and not _ASSUMED.search(text.lower())
        if question and (check_in or _to_interviewer(talk, row, text)):
            asked = takewhile(lambda each: each[2] and _to_interviewer(talk, each[0], each[1]), reversed(said[:last]))
            before = tuple(reversed([text for _, text, _ in asked]))
            return Asked(row, text, talk.utterances[row].start, check_in, _in_a_row(talk, row), before)
        after += len(text.split())
        if after > _AFTERTHOUGHT_WORDS:
            return None
    return None


def since_interviewer(talk: Talk, heard_out: bool = False) -> list[int]:
    """Indices of what the candidate has said since the interviewer's last line began.

    heard_out: the last one that nobody talked over.
    """
    # By their ends: a typed line counts from the end of the one before it, which may be before the interviewer spoke.
    lines = [u for u in talk.utterances if u.speaker == "interviewer"]
    spoke = max((u.start for u in lines if not (heard_out and u.text.endswith(BROKEN_OFF))), default=float("-inf"))
    return [row for row in talk.candidate() if talk.utterances[row].end > spoke]


def _sentences(talk: Talk, row: int) -> list[tuple[str, bool]]:
    """The sentences of an utterance, and whether each is a question."""
    text = talk.utterances[row].text
    return [(text[s.start : s.end].strip(), s.question) for s in talk.readings[row].sentences]


def _to_interviewer(talk: Talk, row: int, text: str) -> bool:
    """Whether it asks about the problem, or about the work at the end, rather than oneself."""
    if _TO_ONESELF.search(text.lower()):
        return bool(_ASSUMED.search(text.lower()))
    return talk.asks(row) or talk.labels[row] in ("problem", "wrap_up")


def _in_a_row(talk: Talk, last: int) -> int:
    """How many questions the candidate has put since he last spoke about his design for a while."""
    count, design = 0, 0
    for row in reversed(range(last + 1)):
        if talk.utterances[row].speaker == "interviewer":
            continue
        questions = [text for text, question in _sentences(talk, row) if question]
        if questions:
            count, design = count + 1, 0
            continue
        design += len(talk.utterances[row].text.split())
        if design >= _DESIGN_WORDS:
            break
    return count
