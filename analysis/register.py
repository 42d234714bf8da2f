"""Whether a text was written rather than said: written texts have a stage classifier of their own, which knows their order.

Who talks says "I" and "okay"; who writes about a design leaves himself out. First-person pronouns are among the
strongest marks of the dimension "involved versus informational" in Biber, Variation across Speech and Writing (1988).
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.classifier import Classifiers
from analysis.features import place_columns
from analysis.headings import headings

_OF_TALK = re.compile(
    r"\b(?:i|me|my|mine|myself|u[hm]+|hmm+|okay|ok|yeah|yes|sorry|let's|you know)\b",
    re.IGNORECASE,
)
_FEW = 0.008
"""Marks of talk a word, below which a text was written. Of 32 guides and articles by others 31 have at most 0.0076, and the
32nd is a dialogue; the tersest of 115 talks has 0.012."""
_ENOUGH_WORDS = 300


def is_document(texts: Sequence[str]) -> bool:
    """Whether these lines were written, as far as headings and marks of talk show. Of a few lines nobody can tell."""
    if any(kind is not None for kind in headings(texts)):
        return True
    whole = " ".join(texts).replace("\u2019", "'")
    words = len(whole.split())
    return words >= _ENOUGH_WORDS and len(_OF_TALK.findall(whole)) < _FEW * words


def heard_as(classifiers: Classifiers, texts: Sequence[str]) -> tuple[Classifiers, NDArray[np.float32]]:
    """The classifiers that fit these lines, and the columns that these see beside the lines' `session_features`."""
    if not is_document(texts):
        return classifiers, np.zeros((len(texts), 0), np.float32)
    return classifiers.for_documents(), place_columns(len(texts))
