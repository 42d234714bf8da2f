"""Showing how far a download is: a bar on a terminal, a few plain lines anywhere else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from models.download import Report

LINE_SECONDS = 5.0  # between plain lines about the same step


@contextmanager
def progress(stream: TextIO) -> Iterator[Report]:
    """A report for `models.fetch.fetch` that writes to `stream` while the context lasts."""
    if stream.isatty():
        with _bar(stream) as report:
            yield report
    else:
        yield _lines(stream)


@contextmanager
def _bar(stream: TextIO) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task("", total=None)
        current = ""

        def report(done: int, total: int, what: str) -> None:
            nonlocal current
            if what != current:
                current = what
                bar.reset(task, description=what, total=total or None)
            bar.update(task, completed=done)

        yield report


def _lines(stream: TextIO) -> Report:
    current, said = "", 0.0

    def report(done: int, total: int, what: str) -> None:
        nonlocal current, said
        now = time.monotonic()
        if what != current:
            current, said = what, now
            size = f" ({total / 1e6:,.0f} MB)" if total else ""
            print(f"{what}{size}", file=stream, flush=True)
        elif total and now - said > LINE_SECONDS:
            said = now
            print(f"{what}: {done * 100 // total} %", file=stream, flush=True)

    return report
