"""What analyzing costs: `python tests/bench/analysis_cost.py` prints CPU seconds and peak memory by length of talk.

Each length runs in a process of its own with everything loaded anew. "again" is the same talk analyzed a second time,
when its embeddings and parses are remembered, as they are at the end of a live session.
"""

import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

_MINUTES = (15, 45, 120, 240)
_GAP_SECONDS = 0.6


def measure(minutes: float) -> dict[str, float]:
    """Seconds of CPU for loading, analyzing and analyzing again, and peak memory in MB, for a talk of this length."""
    from analysis.analyzer import analyze
    from analysis.embedding import embed
    from analysis.language import read
    from analysis.report import SessionFacts
    from analysis.training.sessions import load_sessions
    from speech.transcript import Utterance

    utterances: list[Utterance] = []
    clock = 0.0
    sessions = load_sessions(ROOT / "analysis" / "training" / "sessions")
    texts = [utterance for session in sessions if session.kind == "spoken" for utterance in session.utterances]
    for round_, one in ((r, one) for r in range(9) for one in texts):
        if clock >= 60 * minutes:
            break
        end = clock + one.end - one.start
        # A talk repeats no sentence word for word, and what is remembered would cost nothing.
        text = one.text if not round_ else f"{one.text} {round_}"
        utterances.append(replace(one, id=len(utterances), start=clock, end=end, text=text))
        clock = end + _GAP_SECONDS
    facts = SessionFacts("bench", None, "six-stage", "senior", 60 * minutes, 0.0)
    began = time.process_time()
    read(["warm up"]), embed(["warm up"])
    loaded = time.process_time()
    analyze(utterances, facts)
    analyzed = time.process_time()
    analyze(utterances, facts)
    again = time.process_time()
    return {
        "utterances": len(utterances),
        "words": sum(len(one.text.split()) for one in utterances),
        "load": loaded - began,
        "analyze": analyzed - loaded,
        "again": again - analyzed,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> int:
    """Measure every length and print a table."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(float(sys.argv[1]))))
        return 0
    print("| minutes | utterances | words | loading, CPU s | analyzing, CPU s | again, CPU s | peak memory, MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for minutes in _MINUTES:
        done = subprocess.run(
            [sys.executable, __file__, str(minutes)], capture_output=True, text=True, check=True, cwd=ROOT
        )
        row = json.loads(done.stdout)
        print(
            f"| {minutes} | {row['utterances']} | {row['words']} | {row['load']:.1f} | {row['analyze']:.1f} |"
            f" {row['again']:.2f} | {row['peak']:.0f} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
