"""Makes clean text look recognised: no punctuation, lower case, lost words, and the confusions of technical terms.

The confusions are what Whisper base was heard to write for terms spoken by a synthetic voice.
"""

import random
import re
from dataclasses import replace

from analysis.training.sessions import LabelledSession

WORDS_LOST = 0.03
TERMS_CONFUSED = 0.5

_CONFUSIONS = {
    "xgboost": "ex g boost",
    "two-tower": "to tower",
    "a/b": "a b",
    "ndcg": "n d c g",
    "auc": "a u c",
    "embeddings": "and beddings",
    "embedding": "in bedding",
    "imbalanced": "in balanced",
    "retrain": "re train",
    "logits": "low jits",
    "lora": "laura",
    "recall": "re call",
    "faiss": "face",
    "kafka": "calf ka",
    "canary": "can airy",
    "p99": "p 99",
    "normalize": "normal eyes",
    "baseline": "base line",
    "chargebacks": "charge backs",
}


def recognised(text: str, random_source: random.Random) -> str:
    """The text as a recogniser without punctuation might have written it."""
    kept = []
    for word in re.sub(r"[^\w\s/'-]", " ", text.lower()).split():
        if random_source.random() < WORDS_LOST:
            continue
        confused = _CONFUSIONS.get(word)
        kept.append(confused if confused and random_source.random() < TERMS_CONFUSED else word)
    return " ".join(kept) or text.lower()


def recognised_session(session: LabelledSession, seed: int) -> LabelledSession:
    """The session with every text as if recognised; labels and times stay."""
    source = random.Random(f"{session.name}/{seed}")
    utterances = tuple(replace(utterance, text=recognised(utterance.text, source)) for utterance in session.utterances)
    return replace(session, utterances=utterances)
