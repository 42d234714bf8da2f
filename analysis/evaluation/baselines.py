"""What the analyzer has to beat: counting keywords, and the stage whose examples lie nearest on average."""

from collections.abc import Sequence

import numpy as np

from analysis.features import utterance_embeddings
from analysis.language import read
from analysis.training.sessions import LabelledSession
from prompts.vocabulary import STAGE_LABELS, StageLabel


def keyword_labels(session: LabelledSession) -> list[StageLabel | None]:
    """The stage with most cue phrases in the utterance; `other` where there are none."""
    labels: list[StageLabel | None] = []
    for gold, reading in zip(session.gold, read(u.text for u in session.utterances), strict=True):
        counts = [sum(hit.group == f"stage.{stage}" for hit in reading.cues) for stage in STAGE_LABELS]
        best: StageLabel = STAGE_LABELS[int(np.argmax(counts))] if max(counts) else "other"
        labels.append(None if gold.stage is None else best)
    return labels


def prototype_labels(session: LabelledSession, training: Sequence[LabelledSession]) -> list[StageLabel | None]:
    """The stage whose training utterances' mean embedding is nearest, sentence by sentence."""
    rows = np.vstack([utterance_embeddings(other.utterances) for other in training])
    stages = [gold.stage for other in training for gold in other.gold]
    means = np.stack([rows[[stage == label for stage in stages]].mean(axis=0) for label in STAGE_LABELS])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    nearest = (utterance_embeddings(session.utterances) @ means.T).argmax(axis=1)
    return [
        None if gold.stage is None else STAGE_LABELS[int(best)]
        for gold, best in zip(session.gold, nearest, strict=True)
    ]
