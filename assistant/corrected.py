"""The sessions somebody corrected, as the evaluation measures against them."""

from collections.abc import Iterator

from analysis.evaluation.corrected import CorrectedSession
from assistant import replay
from assistant.corrections import corrections
from assistant.store import Store
from prompts.errors import UserError


def corrected_sessions(store: Store) -> Iterator[CorrectedSession]:
    """Every finished session with a corrected stage or a rejected finding; damaged ones are passed over."""
    for summary in store.list_sessions(-1):
        try:
            events = store.events(summary.id)
            made, facts = corrections(events), replay.facts(events)
        except UserError:
            continue
        if made.stages or made.rejected:
            yield CorrectedSession(replay.utterances(events), facts, replay.right_stages(events), made.rejected)
