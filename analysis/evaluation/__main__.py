"""`python -m analysis.evaluation`: prints how good the analyzer is on groups of sessions it was not trained on.

Takes some minutes: one training per group. The figures are kept in `docs/analysis.md`.
"""

import sys
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from analysis.evaluation.baselines import keyword_labels, prototype_labels
from analysis.evaluation.crossval import Judged, cross_validate
from analysis.evaluation.measures import Labelled, boundary_errors, finding_hits, labelled
from analysis.training.sessions import load_sessions
from analysis.training.singles import load_singles
from prompts.vocabulary import STAGE_LABELS

_EXAMPLES = Path(__file__).parents[1] / "training"


def main() -> int:
    """Cross-validate by group and print every figure."""
    sessions, singles = load_sessions(_EXAMPLES / "sessions"), load_singles(_EXAMPLES / "utterances")
    with threadpool_limits(1):
        judged = list(cross_validate(sessions, singles))
    utterances = sum(gold.stage is not None for session in sessions for gold in session.gold)
    print(f"{len(sessions)} sessions, {utterances} utterances of candidates, {len(singles)} single utterances")
    print("Each group of sessions was judged by classifiers trained on the other groups.\n")
    _print_stages(judged)
    _print_findings(judged)
    return 0


def _print_stages(judged: list[Judged]) -> None:
    sessions = [one.session for one in judged]
    decoded = labelled((one.session, one.talk.labels, one.talk) for one in judged)
    ways: dict[str, Labelled] = {
        "the analyzer": decoded,
        "the analyzer, on simulated recognition": labelled((j.session, j.noisy.labels, j.noisy) for j in judged),
        "keyword counting": labelled((j.session, keyword_labels(j.session), j.talk) for j in judged),
        "nearest prototype": labelled(
            (j.session, prototype_labels(j.session, [s for s in sessions if s.group != j.session.group]), j.talk)
            for j in judged
        ),
    }
    print("| stages by | macro-F1 | accuracy |\n|---|---|---|")
    for name, result in ways.items():
        print(f"| {name} | {result.macro_f1():.3f} | {result.accuracy():.3f} |")
    errors = [error for one in judged for error in boundary_errors(one.session, one.talk)]
    print(f"\nBeginning of a stage: median error {np.median(errors):.1f} s, mean {np.mean(errors):.1f} s\n")
    print("| stage | F1 | " + " | ".join(STAGE_LABELS) + " |\n" + "|---" * (len(STAGE_LABELS) + 2) + "|")
    confusion = decoded.confusion()
    for truth in STAGE_LABELS:
        minutes = " | ".join(f"{confusion.get((truth, given), 0):.0f}" for given in STAGE_LABELS)
        print(f"| {truth} | {decoded.f1(truth):.2f} | {minutes} |")
    print("(rows: true stage; columns: minutes by the stage given)\n")


def _print_findings(judged: list[Judged]) -> None:
    print("| finding | raised | precision | recall |\n|---|---|---|---|")
    for code, hits in finding_hits((one.session, one.findings) for one in judged).items():
        print(f"| {code} | {hits.right + hits.wrong} | {hits.precision():.2f} | {hits.recall():.2f} |")
    clean = [j for j in judged if not j.session.flaws and not any(gold.findings for gold in j.session.gold)]
    faults = sum(finding.severity == "fault" for one in clean for finding in one.findings)
    print(f"\n{len(clean)} sessions without any flaw: {faults} findings of severity `fault`")


if __name__ == "__main__":
    sys.exit(main())
