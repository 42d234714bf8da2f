"""The long part of judging a transcript, done beforehand in steps, so that whoever waits sees how far it is."""

from collections.abc import Iterator, Sequence

from analysis.classifier import load_classifiers
from analysis.embedding import REMEMBERED
from analysis.features import utterance_embeddings
from analysis.language import read
from speech.transcript import Utterance

_STEP = 32


def read_ahead(utterances: Sequence[Utterance]) -> Iterator[float]:
    """Read and embed what is said, which `analyze` then finds remembered; gives the second up to which it is done.

    Of more than REMEMBERED utterances only the first, which would else be forgotten before they are judged.
    Raises WeightsMissing when the embedding model is not installed.
    """
    for first in range(0, min(len(utterances), REMEMBERED), _STEP):
        some = utterances[first : first + _STEP]
        read(utterance.text for utterance in some)
        load_classifiers().attention([utterance.text for utterance in some if utterance.speaker == "candidate"])
        utterance_embeddings(some)
        yield max(utterance.end for utterance in some)
