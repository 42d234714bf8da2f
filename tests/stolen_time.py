"""Tests that measure the machine are tried again where the machine was not there: its host gave its processors to others.

What a virtual machine was ready to do and was not let do is counted by its kernel as stolen (proc(5), `/proc/stat`). In
that time no sound is recorded and no answer given, whatever the program does. A test that fails while much was stolen
says nothing about the program, so it has another try, and is skipped with that reason when the third was no better.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

_STAT = Path("/proc/stat")
_TRIES = 3
_MUCH = 0.1
"""Of all processors' time. A quiet hour of the machine in docs/reliability.md has 0.01 to 0.02, its bad minutes 0.3."""


def run(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run a test, up to three times; for the hook `pytest_runtest_protocol`."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for _ in range(_TRIES):
        before = _processor_seconds()
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        share = _stolen(before, _processor_seconds())
        if share < _MUCH or not any(report.failed for report in reports):
            break
    else:
        _excuse(reports, share)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _excuse(reports: Iterable[pytest.TestReport], share: float) -> None:
    reason = f"{share:.0%} of the processors' time was stolen from this machine meanwhile, in {_TRIES} tries"
    for report in reports:
        if report.failed:
            path, line, _ = report.location
            failure = getattr(getattr(report.longrepr, "reprcrash", None), "message", "").partition("\n")[0]
            report.outcome, report.longrepr = "skipped", (path, line or 0, f"{reason}: {failure}")


def _processor_seconds() -> tuple[float, float]:
    """Seconds of all processors since the start of the machine, and those of them that were stolen; 0 where not told."""
    if not _STAT.exists():
        return 0.0, 0.0
    ticks = [int(count) for count in _STAT.read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks) / os.sysconf("SC_CLK_TCK"), ticks[7] / os.sysconf("SC_CLK_TCK")


def _stolen(before: tuple[float, float], after: tuple[float, float]) -> float:
    return (after[1] - before[1]) / max(after[0] - before[0], 1e-9)
