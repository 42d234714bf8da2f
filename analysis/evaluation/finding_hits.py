"""How often findings are right, and how many are overlooked.

A finding is one name in one session (`missed_stage/data` is another than `missed_stage/production`), however often it is
raised there. Labels name the missed topics that glare, but most topics are missing from most talks, so `missed_topic` is
held to what the utterances say: a topic is missed when no utterance carries it. It is to be found where the level
expects it, its stage is not missed as a whole, and no finding of another code says it; elsewhere it may be raised, too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.evaluation.hits import Hits, compare
from analysis.pitfalls.missed_topic import missed_topics
from analysis.report import Finding
from analysis.rules import topic_rules
from analysis.talk import Talk
from analysis.training.sessions import LabelledSession
from prompts.frameworks import get_framework
from prompts.vocabulary import FINDING_CODES, LEVELS, FindingCode, Topic

REMARKS: frozenset[FindingCode] = frozenset({"pace", "hedging", "monologue"})
"""Codes that only inform: left out where the sessions do not label them."""

SAID_BY_OTHERS: frozenset[Topic] = frozenset({"clarifying_questions", "recommendation_after_trade_off"})
"""Topics whose absence has a code of its own."""

NEAR_SECONDS = 60.0
"""A finding is in place when its evidence lies within a minute of the utterance that is labelled with it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A session, what the analyzer understood of it, and what it found."""

    session: LabelledSession
    talk: Talk
    findings: tuple[Finding, ...]


def name_of(finding: Finding) -> str:
    """A finding's name as labelled sessions write it: code, with its stage or topic where the code needs one."""
    if finding.code in ("missed_stage", "stage_overrun"):
        return f"{finding.code}/{finding.stage}"
    return f"{finding.code}/{finding.topic}" if finding.code == "missed_topic" else finding.code


def labelled_findings(session: LabelledSession) -> set[str]:
    """The names of all findings a session is labelled with."""
    return {*session.flaws, *(name for gold in session.gold for name in gold.findings)}


def is_clean(session: LabelledSession) -> bool:
    """Whether a session is labelled with no finding at all."""
    return not labelled_findings(session)


def finding_hits(judged: Sequence[Judged]) -> dict[str, Hits]:
    """Hits by code, in the order of FINDING_CODES, without codes that are neither raised nor labelled."""
    labelled = {_code(name) for one in judged for name in labelled_findings(one.session)}
    found: dict[str, Hits] = {}
    for code in FINDING_CODES:
        if code == "missed_topic":
            hits = sum((missed_topic_hits(one) for one in judged), Hits())
        else:
            hits = sum((compare(*_of_code(one, code)) for one in judged), Hits())
        if (hits.raised or hits.there) and (code in labelled or code not in REMARKS):
            found[code] = hits
    return found


def _code(name: str) -> str:
    return name.partition("/")[0]


def _of_code(one: Judged, code: str) -> tuple[set[str], set[str]]:
    """The names of one code that were raised, and those that are labelled."""
    raised = {name_of(finding) for finding in one.findings if finding.code == code}
    return raised, {name for name in labelled_findings(one.session) if _code(name) == code}


def missed_topic_hits(one: Judged) -> Hits:
    """Missed topics of one session, also those a report has no room for."""
    session, raised = one.session, set(missed_topics(one.talk))
    said = {topic for gold in session.gold for topic in gold.topics}
    gone = {flaw.partition("/")[2] for flaw in session.flaws if _code(flaw) == "missed_stage"}
    expects = get_framework(session.framework).expects
    there = {
        topic
        for level in LEVELS[LEVELS.index(session.level) :]
        for topic in expects[level]
        if topic not in said | SAID_BY_OTHERS and topic_rules()[topic].stage not in gone
    }
    return Hits(len(raised), len(raised - said), len(there), len(there & raised))


def glaring_topic_hits(judged: Iterable[Judged]) -> Hits:
    """Missed topics that the labels name, whatever the session's level must cover."""
    hits = Hits()
    for one in judged:
        there = {flaw.partition("/")[2] for flaw in one.session.flaws if _code(flaw) == "missed_topic"}
        hits += Hits(there=len(there), found=len(there & set(missed_topics(one.talk))))
    return hits


def in_place(judged: Iterable[Judged], code: str) -> tuple[int, int]:
    """Of the right findings of a code whose labels mark an utterance, how many lie near it; and how many there are."""
    near = marked = 0
    for one in judged:
        said = [
            utterance
            for utterance, gold in zip(one.session.utterances, one.session.gold, strict=True)
            if any(_code(name) == code for name in gold.findings)
        ]
        raised = [finding for finding in one.findings if finding.code == code]
        if said and raised:
            marked += 1
            near += any(
                finding.start - NEAR_SECONDS <= utterance.end and utterance.start <= finding.end + NEAR_SECONDS
                for finding in raised
                for utterance in said
            )
    return near, marked


def mistakes(judged: Iterable[Judged]) -> list[tuple[str, list[str], list[str]]]:
    """For each name raised wrongly or overlooked, the sessions where; missed topics and remarks aside."""
    wrong: dict[str, list[str]] = {}
    overlooked: dict[str, list[str]] = {}
    for one in judged:
        for code in FINDING_CODES:
            if code == "missed_topic" or code in REMARKS:
                continue
            raised, truth = _of_code(one, code)
            for name in sorted(raised - truth):
                wrong.setdefault(name, []).append(one.session.name)
            for name in sorted(truth - raised):
                overlooked.setdefault(name, []).append(one.session.name)
    return [(name, wrong.get(name, []), overlooked.get(name, [])) for name in sorted({*wrong, *overlooked})]
