"""Nothing leaves this machine, and nothing is missing where there is no network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from speech.decode import decode
from speech.recorder import write_wav
from tests.scorecard.conftest import Claim
from tests.server.conftest import SAID

ROOT = Path(__file__).parents[2]
VIVA = Path(sys.executable).with_name("viva")
SPEAK = """
import os
from speech.voice import choose_voices, render_with_fallback
made = render_with_fallback(choose_voices(), f"Design the feed that has number {os.getpid()}.")
assert made.spoken is not None, made
"""
_NAMESPACE = ("unshare", "--map-root-user", "--net")


def alone(*command: object, **environment: str) -> int:
    """Run a command without a network; how many packets it tried to send to elsewhere."""
    # Set for the tests alone, they would hide what the program itself does.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "HF_"))}
    run = subprocess.run(
        [*_NAMESPACE, sys.executable, "-m", "tests.scorecard.alone", *map(str, command)],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr[-2000:] + run.stdout[-2000:]
    return int(run.stdout.splitlines()[-1])


@pytest.fixture
def can_be_alone() -> None:
    if shutil.which("unshare") is None or subprocess.run([*_NAMESPACE, "true"], capture_output=True).returncode:
        pytest.skip("this machine does not let the test make a network namespace")


@pytest.mark.hostile
def test_nothing_is_sent_anywhere(claim: Claim, can_be_alone: None, tmp_path: Path) -> None:
    row = claim("B13", "Practice, analysis and serving work without a network, and try to reach nobody")
    direct = "import socket\ntry: socket.create_connection(('192.0.2.1', 443))\nexcept OSError: pass"
    assert alone(sys.executable, "-c", direct) > 0, "the count does not see what is sent"
    samples = decode(ROOT / "demo" / "answer.opus").samples
    recording, transcript = tmp_path / "talk.wav", tmp_path / "talk.txt"
    write_wav(recording, samples[: 16_000 * 30])
    transcript.write_text("\n".join(text for text, _ in SAID))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    home = {"VIVA_DATA_DIR": str(tmp_path / "data"), "TMPDIR": str(scratch)}
    sent = {
        "a practice session": alone(VIVA, "practice", "feed", "--input", recording, "--fast", "--mute", **home),
        "a line spoken by a voice": alone(sys.executable, "-c", SPEAK, **home),
        "a transcript analyzed": alone(VIVA, "analyze", transcript, "--problem", "feed", **home),
        "a recording analyzed": alone(VIVA, "analyze", recording, "--problem", "feed", **home),
        "history and progress": alone(VIVA, "progress", **home),
        "a server": alone(sys.executable, "-m", "tests.scorecard.serving", tmp_path / "served", recording, **home),
    }  # fmt: skip
    row.tried(f"{', '.join(sent)}, each in a network namespace where the kernel counts what finds no route")
    row.none("of them sent anything to elsewhere", {what for what, packets in sent.items() if packets})
    row.none("files left in the temporary folder", [path.name for path in scratch.iterdir()])
