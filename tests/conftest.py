"""For all tests: whatever they load, nothing is sent to anybody; a slow machine fails no property; and who runs alone."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

import prompts as prompts  # turns the telemetry of ONNX Runtime off before any test can load it
from tests import stolen_time

settings.register_profile("vivavoce", deadline=None)
settings.load_profile("vivavoce")

_ALONE = tuple(Path(__file__).with_name(name) for name in ("e2e", "scorecard"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Faults, loads and sound devices measure the machine as well; what bad input does, it does beside other work, too."""
    for item in items:
        if item.path.parent in _ALONE and item.get_closest_marker("hostile") is None:
            item.add_marker("alone")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: half of the tests wait most of the time."""
    return min(4, (os.cpu_count() or 1) + 1)


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """At night everything must hold at the first try."""
    measures = item.path.parent in _ALONE or item.get_closest_marker("alone") is not None
    if not measures or item.config.getoption("--nightly", default=False):
        return None
    return stolen_time.run(item, nextitem)
