"""A test that fails on a machine whose time was stolen is tried again; a machine that has its time excuses nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# No test can steal from the machine it runs on, so what the kernel would count is set.
CONFTEST = """
from tests import stolen_time

COUNTS = iter({counts})
stolen_time._processor_seconds = lambda: next(COUNTS)
pytest_runtest_protocol = stolen_time.run
"""
FAILS_TWICE = """
TRIES = []

def test_the_machine():
    TRIES.append(1)
    assert len(TRIES) > 2, "too late"
"""
QUIET, BUSY = [(0.0, 0.0), (10.0, 0.5)], [(0.0, 0.0), (10.0, 3.0)]


def outcome(folder: Path, test: str, *tries: list[tuple[float, float]]) -> str:
    """What a run of one test shows; tries: what was counted before and after each try."""
    (folder / "conftest.py").write_text(CONFTEST.format(counts=[count for one in tries for count in one]))
    (folder / "test_it.py").write_text(test)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-rs",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--rootdir={folder}",
        str(folder),
    ]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    ("test", "tries", "told"),
    [
        (FAILS_TWICE, [BUSY, BUSY, BUSY], "1 passed"),
        (FAILS_TWICE, [QUIET], "1 failed"),
        (FAILS_TWICE, [BUSY, QUIET], "1 failed"),
        (
            FAILS_TWICE.replace("> 2", "> 3"),
            [BUSY, BUSY, BUSY],
            "30% of the processors' time was stolen",
        ),
    ],
)
def test_it(tmp_path: Path, test: str, tries: list[list[tuple[float, float]]], told: str) -> None:
    assert told in outcome(tmp_path, test, *tries)
