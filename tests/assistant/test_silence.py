"""Where nobody speaks, nothing is written down."""

import numpy as np
import pytest

from speech.transcriber import Transcriber
from tests.bench.silence import KINDS, heard_in, loudspeaker

_COUNT = 20 * 16_000


@pytest.mark.parametrize("name", KINDS)
def test_sounds_of_a_room_give_no_words(name: str, tiny: Transcriber) -> None:
    assert heard_in(KINDS[name](_COUNT, np.random.default_rng(1)), tiny)[1] == []


def test_the_interviewers_voice_from_the_loudspeaker_gives_no_words(tiny: Transcriber) -> None:
    sound, sounding = loudspeaker(_COUNT, np.random.default_rng(1))
    assert sounding
    assert heard_in(sound, tiny, sounding)[1] == []
    # It is the muting that does it: the same sound would be heard as a candidate.
    assert heard_in(sound, tiny)[1] != []
