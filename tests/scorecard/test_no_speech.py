"""Where nobody speaks no words are heard."""

import httpx
import numpy as np
import pytest

from tests.bench.silence import KINDS
from tests.scorecard.conftest import Claim, Sized
from tests.server.conftest import problem, wav


@pytest.mark.hostile
def test_sounds_without_speech(claim: Claim, sized: Sized, api: httpx.Client) -> None:
    row = claim("B12", "In silence, noise, typing and music no words are heard, and it is said that nobody speaks")
    rounds, words, other = sized(1, 5), [], []
    for number, (kind, make) in enumerate(KINDS.items()):
        for seed in range(rounds):
            # Just under a minute, so that the answer is the outcome and not a job.
            sound = wav(make(16_000 * 59, np.random.default_rng(100 * seed + number)).astype(np.float32))
            answer = api.post("/v1/audio/transcriptions", files={"file": (f"{kind}.wav", sound)})
            words += [(kind, word) for word in answer.json()["text"].split()]
            answer = api.post("/api/v1/analyses", files={"file": (f"{kind}.wav", sound)})
            if answer.status_code != 422 or problem(answer, 422)["type"] != "urn:vivavoce:no-speech":
                other.append((kind, answer.text[:200]))
    row.tried(f"{rounds} minute(s) each of {', '.join(KINDS)}")
    row.none("words heard", words)
    row.none("answers other than that nobody speaks", other)
