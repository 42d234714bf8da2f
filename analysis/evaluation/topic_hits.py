"""How well topics are heard: utterance by utterance, and in a session as a whole."""

from collections.abc import Iterable

from analysis.evaluation.hits import Hits
from analysis.talk import Talk
from analysis.training.sessions import LabelledSession
from prompts.vocabulary import TOPICS, Topic


def topic_hits(pairs: Iterable[tuple[LabelledSession, Talk]]) -> dict[Topic, tuple[Hits, Hits]]:
    """For every topic the hits over utterances of the candidate, and over sessions: covered somewhere or not."""
    utterances = dict.fromkeys(TOPICS, Hits())
    sessions = dict.fromkeys(TOPICS, Hits())
    for session, talk in pairs:
        for topic in TOPICS:
            truth = [topic in gold.topics for gold in session.gold]
            given = [topic in topics for topics in talk.topics]
            for said, heard in zip(truth, given, strict=True):
                utterances[topic] += _hit(said, heard)
            sessions[topic] += _hit(any(truth), any(given))
    return {topic: (utterances[topic], sessions[topic]) for topic in TOPICS}


def _hit(truth: bool, given: bool) -> Hits:
    return Hits(raised=given, right=truth and given, there=truth, found=truth and given)
