"""F8, F13: sound that is not what it should be: the interviewer's own, and sound with holes."""

from collections.abc import Callable

import pytest

from speech.microphone import Microphone, level_db
from tests.e2e.conftest import practise as practise
from tests.e2e.practising import Practising, check_a_session, loudspeaker_heard_by_the_microphone
from tests.scorecard.conftest import Claim
from tests.speech.conftest import Samples
from tests.speech.test_microphone import card as card
from tests.speech.test_microphone import record

pytestmark = pytest.mark.fault


def test_the_microphone_that_hears_the_prompt_does_not_take_it_for_the_answer(
    claim: Claim, practise: Callable[[str], Practising], speak: Callable[[str], Samples]
) -> None:
    row = claim("F8", "What the loudspeaker says into the microphone is never taken for the candidate's words")
    with loudspeaker_heard_by_the_microphone():
        session = practise("feed")
        meanwhile = check_a_session(session, speak)
    (summary,) = session.store.list_sessions()
    prompt, *said = session.store.report(summary.id).utterances
    row.tried("a session with a loudspeaker that the microphone hears")
    row.at_least("level of the prompt in the recording", level_db(meanwhile), -40, "dB")
    row.none("candidate's utterances while it sounded", [one.text for one in said if one.start < prompt.end])


def test_overflows_are_counted(claim: Claim, card: Callable[..., None]) -> None:
    row = claim("F13", "Sound that the card lost is counted and said, and recording goes on")
    card(blocks=20, overflow_at=5)
    with Microphone() as microphone:
        items = record(microphone, 20)
        row.tried("a card that says once in 20 blocks that it lost sound")
        row.at_least("losses counted", microphone.overflows, 1)
        row.at_least("blocks recorded", len(items), 20)
