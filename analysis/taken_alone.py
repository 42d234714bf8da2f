"""What sentences are about, each taken alone: for what is said next, where the sequence of stages sees too late."""

from collections.abc import Sequence

from analysis.classifier import load_classifiers
from analysis.features import alone, session_features
from prompts.vocabulary import STAGE_LABELS, TOPICS, StageLabel, Topic
from speech.transcript import Utterance


def topics_of(texts: Sequence[str], least: float) -> list[frozenset[Topic]]:
    """The topics of each text that have at least this probability."""
    if not texts:
        return []
    said = [Utterance(row, 0.0, 0.0, "candidate", text) for row, text in enumerate(texts)]
    classifiers = load_classifiers()
    probabilities = classifiers.topics(alone(said), classifiers.attention(texts), texts)
    return [frozenset(topic for topic, p in zip(TOPICS, row, strict=True) if p >= least) for row in probabilities]


def stage_of_last(utterances: Sequence[Utterance]) -> StageLabel | None:
    """The likeliest stage of the candidate's last utterance, whatever the stages before it; None without one."""
    own = [row for row, utterance in enumerate(utterances) if utterance.speaker == "candidate"]
    if not own:
        return None
    features = session_features(utterances, online=True)[own[-1:]]
    probabilities = load_classifiers().stages(features, [utterances[own[-1]].text])[0]
    return STAGE_LABELS[int(probabilities.argmax())]
