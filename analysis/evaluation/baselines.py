"""What the analyzer has to beat: counting keywords, and the stage whose examples lie nearest on average."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.embedding import DIMENSIONS
from analysis.language import Reading
from analysis.training.train import Examples
from prompts.vocabulary import STAGE_LABELS, StageLabel


def keyword_labels(readings: Sequence[Reading]) -> list[StageLabel]:
    """The stage with most cue phrases in the utterance; `other` where there are none."""
    labels: list[StageLabel] = []
    for reading in readings:
        counts = [sum(hit.group == f"stage.{stage}" for hit in reading.cues) for stage in STAGE_LABELS]
        labels.append(STAGE_LABELS[int(np.argmax(counts))] if max(counts) else "other")
    return labels


def prototypes(examples: Examples) -> NDArray[np.float32]:
    """The mean embedding of each stage's examples, of unit length, shape (7, 384)."""
    stages, embeddings = np.array(examples.stages), examples.features[:, :DIMENSIONS]
    means = np.stack([embeddings[stages == label].mean(axis=0) for label in STAGE_LABELS])
    unit: NDArray[np.float32] = means / np.linalg.norm(means, axis=1, keepdims=True)
    return unit


def prototype_labels(features: NDArray[np.float32], means: NDArray[np.float32]) -> list[StageLabel]:
    """The stage whose prototype is nearest, utterance by utterance. features: of `session_features`."""
    nearest = (features[:, :DIMENSIONS] @ means.T).argmax(axis=1)
    return [STAGE_LABELS[int(best)] for best in nearest]
