"""Where sessions are kept, and what is said when they cannot be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.settings import DataFolderUnusable, data_dir


def test_what_is_asked_for_comes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_DATA_DIR", str(tmp_path / "environment"))
    assert data_dir(tmp_path / "asked") == tmp_path / "asked"
    assert data_dir() == tmp_path / "environment"


def test_without_either_it_is_the_platforms_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIVA_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_dir().is_relative_to(tmp_path)
    assert data_dir().name == "vivavoce"


def test_only_its_owner_can_look_in(tmp_path: Path) -> None:
    assert data_dir(tmp_path / "a" / "b").stat().st_mode & 0o077 == 0


@pytest.mark.fault
def test_a_file_in_its_place_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderUnusable, match="--data-dir"):
        data_dir(tmp_path / "file")
    with pytest.raises(DataFolderUnusable, match="--data-dir"):
        data_dir(tmp_path / "file" / "below")


READ_ONLY_CHILD = """
import os, sys
from pathlib import Path
from assistant.settings import DataFolderUnusable, data_dir
if os.geteuid() == 0:
    os.setuid(65534)        # permissions do not bind root
try:
    data_dir(Path(sys.argv[1]))
except DataFolderUnusable as error:
    print(error)
"""


@pytest.mark.fault
@pytest.mark.skipif(sys.platform == "win32", reason="Windows folders have no mode")
def test_a_read_only_folder_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    run = subprocess.run(
        [sys.executable, "-c", READ_ONLY_CHILD, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert "Sessions cannot be kept in" in run.stdout
    assert "--data-dir" in run.stdout
