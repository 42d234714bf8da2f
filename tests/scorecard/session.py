"""A practice session on this machine's microphone, with a small recogniser, that prints every moment.

python -m tests.scorecard.session DATA_FOLDER
"""

import sys
from pathlib import Path

from assistant.live_state import LiveState
from assistant.practice import practice
from assistant.session_setup import SessionSetup
from assistant.store import Store


class _Printed:
    def tick(self, state: LiveState) -> None:
        print(f"{state.elapsed:.2f} {state.message or ''}", flush=True)

    def line(self, text: str) -> None:
        print(text, flush=True)


def main() -> None:
    """Hold the session."""
    setup = SessionSetup(None, "six-stage", "senior", 600.0, mute=True)
    report = practice(Store(Path(sys.argv[1])), setup, _Printed(), print, input="mic", model="tiny.en")
    print("judged", len(report.utterances) if report else 0, flush=True)


if __name__ == "__main__":
    main()
