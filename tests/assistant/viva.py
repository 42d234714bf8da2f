"""The real `viva` command, run as a user runs it."""

import os
import subprocess
import sys
from pathlib import Path

VIVA = Path(sys.executable).with_name("viva")


def viva(*arguments: object, typed: str = "", stdout: int = subprocess.PIPE, **environment: str) -> "Done":
    """Run a command to its end. typed: its standard input. environment: variables set on top of this process's own."""
    return subprocess.run(
        [str(VIVA), *map(str, arguments)],
        input=typed,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        timeout=120,
        env={**os.environ, "COLUMNS": "100", **environment},
    )


Done = subprocess.CompletedProcess[str]


def fails_in_one_line(done: Done, *says: str, code: int = 1) -> None:
    """The command failed with this code and one line on stderr that says all of this, and nothing on stdout."""
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stderr
    assert not done.stdout
    assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), done.stderr
    for text in says:
        assert text in done.stderr
