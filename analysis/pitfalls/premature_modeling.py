"""Committing to a concrete algorithm before the problem is understood, or inside the abstract blueprint.

Sources: six-stage (the blueprint says "model", not a product name), requirements-first (no solution before the
requirements), business-first (jumping into solutions is the classic pitfall). A mention in passing, put off, negated,
asked, or quoted from the interviewer is no commitment; nor is framing the task as classification or regression.
"""

import re
from collections.abc import Iterator

from analysis.conduct import Conduct, statement_features
from analysis.pitfalls.evidence import finding
from analysis.report import Finding
from analysis.rules import rule
from analysis.talk import Talk
from prompts.vocabulary import Topic

UNDERSTANDING: frozenset[Topic] = frozenset(
    {"clarifying_questions", "assumptions", "scale_estimate", "success_metric", "latency", "task_framing"}
)
_REACH_CHARACTERS = 60
"""How far before the algorithm's name the deciding verb may stand, about ten words."""

_OWN = frozenset({"i", "we", "let", "lets", "us", "my", "our"})
_NOT_OWN = frozenset(
    {"people", "everybody", "everyone", "somebody", "someone", "nobody", "they", "he", "she", "you", "companies"}
    | {"company", "team", "teams", "user", "users", "current", "existing", "could", "might", "may", "if", "whether"}
)
"""Before the verb: somebody else decides or decided it, or it is only thought of."""

_PAST = frozenset({"built", "chose", "went with", "ran", "took", "was a", "were a"})


def find(talk: Talk, conduct: Conduct) -> Iterator[Finding]:
    """One finding per jump: the first commitment of each, quoted."""
    limits = rule("premature_modeling").numbers
    committing = conduct.commitment.probability(
        statement_features(talk.utterances), [utterance.text for utterance in talk.utterances]
    )
    heard: set[Topic] = set()
    on_problem = 0.0
    needed = limits["understood_share"] * talk.planned("problem")
    silent_until = -1.0
    for row, utterance in enumerate(talk.utterances):
        if utterance.speaker != "candidate":
            continue
        understood = len(heard) >= limits["understood_topics"] or (on_problem >= needed and len(heard) >= 2)
        in_blueprint = talk.labels[row] == "high_level"
        commitment = _commitment(talk, row, committing[row])
        if commitment is not None and (in_blueprint or not understood) and utterance.start >= silent_until:
            silent_until = utterance.start + limits["again_after"]
            when = "when_problem" if not understood else "when_blueprint"
            yield finding(
                talk,
                rule("premature_modeling"),
                [row],
                severity="fault" if not understood else "warning",
                message=rule("premature_modeling").text(
                    "message",
                    algorithm=commitment,
                    when=rule("premature_modeling").texts[when],
                ),
                stage="modeling",
            )
        heard |= UNDERSTANDING & talk.topics[row]
        on_problem += talk.seconds[row] if talk.labels[row] == "problem" else 0.0


def _commitment(talk: Talk, row: int, probability: float) -> str | None:
    """What this utterance commits to: plainly by its wording, or by its sense where that is sure.

    The first algorithm by name; where the sense is surer still, any model: there are more names than a list can hold.
    """
    own = rule("premature_modeling")
    limits = own.numbers
    if probability < limits["doubtful"]:
        return None
    reading, text = talk.readings[row], talk.utterances[row].text
    verbs = reading.asserted("commitment")
    for hit in reading.asserted("algorithm"):
        if _quoted_from_interviewer(talk, row, text[hit.start : hit.end]):
            continue
        wording = [
            _decides(text[reading.sentences[verb.sentence].start : verb.start], text[verb.start : verb.end])
            for verb in verbs
            if verb.sentence == hit.sentence and 0 <= hit.start - verb.end <= _REACH_CHARACTERS
        ]
        # By its sense alone only where no verb says that somebody else decides, or decided once.
        decided = any(wording) or (not wording and probability >= limits["sure"])
        if decided:
            return text[hit.start : hit.end]
    named = any(hit.group == "algorithm" for hit in reading.cues)
    asked = any(sentence.question for sentence in reading.sentences)
    unnamed = probability >= limits["sure_unnamed"] and not named and not asked
    return own.texts["unnamed"] if unnamed else None


def _decides(before: str, verb: str) -> bool:
    """Whether the candidate decides here and now: not "many companies use", "it might be a" or "we used"."""
    if verb.lower().endswith("ed") or verb.lower() in _PAST:
        return False
    words = re.findall(r"[a-z]+", before.lower())[-8:]
    subject = next((i for i in reversed(range(len(words))) if words[i] in _OWN | _NOT_OWN), None)
    if subject is None:
        return True
    return words[subject] in _OWN and not (subject and words[subject - 1] in ("if", "whether"))


def _quoted_from_interviewer(talk: Talk, row: int, name: str) -> bool:
    """Whether the interviewer named the algorithm first, within the last four turns."""
    earlier = talk.utterances[max(0, row - 4) : row]
    pattern = re.compile(rf"\b{re.escape(name)}", re.IGNORECASE)
    return any(utterance.speaker == "interviewer" and pattern.search(utterance.text) for utterance in earlier)
