"""Makes clean text look recognised: no punctuation, lower case, lost words, and the confusions of technical terms.

The confusions are what Whisper base was heard to write for terms spoken by a synthetic voice, mostly homophones.
"""

import random
import re
from dataclasses import replace

from analysis.training.sessions import LabelledSession

WORDS_LOST = 0.03
TERMS_CONFUSED = 0.5

_CONFUSIONS = {
    "bert": "bird",
    "scorer": "score",
    "mail": "male",
    "mails": "males",
    "rider": "writer",
    "riders": "writers",
    "ranker": "rancor",
    "id": "it",
    "ids": "it's",
    "pretrained": "portraying",
    "dropout": "drop out",
    "lightgbm": "like",
    "xgboost": "ex g boost",
    "poisson": "poison",
    "epoch": "epic",
    "epochs": "epics",
    "sender": "center",
    "seller": "cellar",
    "tariff": "tear of",
    "relu": "ray lou",
    "auc": "a u c",
    "ndcg": "n d c g",
    "logit": "logic",
    "quantile": "quanta",
    "queue": "cue",
    "cached": "cashed",
    "logits": "low jits",
    "lora": "laura",
    "faiss": "face",
    "kafka": "calf ka",
    "canary": "can airy",
    "p99": "p 99",
    "baseline": "base line",
    "two-tower": "to tower",
    "a/b": "a b",
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
