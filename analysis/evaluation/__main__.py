"""`python -m analysis.evaluation`: prints how good the analyzer is on groups of sessions it was not trained on.

Takes many minutes: one training per group. The figures are kept in `docs/analysis.md`. `--group NAME`, which may be
given more than once, judges only these groups. The shipped classifiers are judged instead by `--unseen` on the sessions that
nothing was trained or chosen on, by `--documents FOLDER` on written documents labelled in the same format (*.session below FOLDER),
by `--corrections` on your own sessions, against what you corrected.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from threadpoolctl import threadpool_limits

from analysis.evaluation.corrected import corrected_sections
from analysis.evaluation.crossval import HeldOut, cross_validate
from analysis.evaluation.examples import load_data
from analysis.evaluation.remembering import remembering_every_text
from analysis.evaluation.sections import sections
from analysis.evaluation.unseen import judged_documents, judged_unseen


def main(arguments: Sequence[str] | None = None) -> int:
    """Cross-validate by group and print every figure."""
    data = load_data()
    known = data.groups()
    parser = argparse.ArgumentParser(prog="python -m analysis.evaluation", description="How good the analyzer is.")
    parser.add_argument("--group", action="append", choices=known, help="judge this group only; may be repeated")
    parser.add_argument("--corrections", action="store_true", help="judge your own corrected sessions instead")
    parser.add_argument("--unseen", action="store_true", help="judge sessions nothing was trained on instead")
    parser.add_argument(
        "--documents", type=Path, metavar="FOLDER", help="judge the stages of labelled documents instead"
    )
    given = parser.parse_args(arguments)
    if given.documents and not any(given.documents.rglob("*.session")):
        parser.error(f"there is no *.session below {given.documents}")
    if given.unseen or given.documents:
        for section in judged_documents(given.documents) if given.documents else judged_unseen():
            print(f"{section}\n")
        return 0
    if given.corrections:
        return _against_corrections()
    chosen = sorted(set(given.group or known))
    # One thread: with more, the solver's many small products cost ten times as long on a busy machine.
    with threadpool_limits(1), remembering_every_text():
        held_out = list(_told(cross_validate(data, chosen)))
    judged = [one.written.session for one in held_out]
    utterances = sum(gold.stage is not None for session in judged for gold in session.gold)
    print(
        f"{len(judged)} sessions with {utterances} utterances of candidates, in groups {', '.join(chosen)}. Each group was"
        f" judged by classifiers trained without it, on the other sessions, {len(data.singles)} single utterances and"
        f" {len(data.comparisons)} passages, less what shares a group or a problem with it."
    )
    for section in sections(held_out):
        print(f"\n{section}")
    return 0


def _against_corrections() -> int:
    """What the shipped analyzer makes of the sessions in the user's data folder that somebody corrected."""
    # The one place that looks upwards: sessions are kept by the assistant.
    from assistant.corrected import corrected_sessions
    from assistant.settings import data_dir
    from assistant.store import Store

    folder = data_dir()
    sessions = list(corrected_sessions(Store(folder)))
    if not sessions:
        print(f"No session in {folder} was corrected; correct one on its review page (`viva serve`).", file=sys.stderr)
        return 1
    print(f"{len(sessions)} corrected sessions; what was not corrected is taken as right.\n")
    print(corrected_sections(sessions))
    return 0


def _told(held_out: Iterator[HeldOut]) -> Iterator[HeldOut]:
    """The same, with a line a session on standard error: the whole takes minutes."""
    began = time.monotonic()
    for one in held_out:
        print(f"{one.written.session.name} ({time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)
        yield one


if __name__ == "__main__":
    sys.exit(main())
