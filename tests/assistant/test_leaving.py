"""How the program ends."""

import subprocess
import sys

import pytest

from tests.assistant.viva import viva

# Half a dozen threads, so that at least one is inside the library whenever the program ends.
COMPUTING = """
import sys, threading
from analysis.embedding import embed, token_states
def compute(number):
    at = 0
    while True:
        token_states(f"{number} {at} " + "a long sentence about what a model learns " * 6)
        at += 1
embed(["begin"])
for number in range(6):
    threading.Thread(target=compute, args=(number,), daemon=True).start()
sys.argv = ["viva", "frameworks"]
from assistant.cli import main
main()
"""


@pytest.mark.parametrize("attempt", range(3))
def test_a_thread_that_computes_just_then_does_not_bring_the_end_down(attempt: int) -> None:
    done = subprocess.run([sys.executable, "-c", COMPUTING], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "six-stage" in done.stdout


def test_everything_that_was_said_is_out_and_the_code_is_kept() -> None:
    assert viva("frameworks").stdout.endswith("\n")
    assert viva("sessions", "no-such").returncode == 1
