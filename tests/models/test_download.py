"""A downloader is watched while it works, whatever it does in its folder meanwhile."""

import sys
from pathlib import Path

import pytest

from models import download
from models.download import run_watched, silent

RESTLESS = """
import shutil, sys, time
from pathlib import Path
until = time.monotonic() + 1.5
while time.monotonic() < until:
    for n in range(30):
        Path(sys.argv[1], f"pip-unpack-{n}", "deep").mkdir(parents=True)
    for n in range(30):
        shutil.rmtree(Path(sys.argv[1], f"pip-unpack-{n}"))
Path(sys.argv[1], "wheel").write_bytes(bytes(100))
"""


def test_folders_that_come_and_go_are_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "POLL_SECONDS", 0.0)
    reported: list[int] = []
    command = [sys.executable, "-c", RESTLESS, str(tmp_path)]
    run_watched(command, tmp_path, 100, "downloading", lambda done, total, what: reported.append(done), {})
    assert len(reported) > 10
    assert reported == sorted(reported) and reported[-1] == 100


def test_what_a_downloader_said_last_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no such package'); raise SystemExit(1)"]
    with pytest.raises(download.SourceFailed, match="no such package"):
        run_watched(command, tmp_path, 100, "downloading", silent, {})
