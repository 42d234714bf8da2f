"""A served data folder, and a real browser in front of it."""

from collections.abc import Callable, Iterator
from importlib import resources

import pytest

from tests.pages.chromium import Chromium, Tab
from tests.server.conftest import Served, keep
from tests.server.conftest import api as api
from tests.server.conftest import clip as clip
from tests.server.conftest import happened as happened
from tests.server.conftest import no_proxy as no_proxy
from tests.server.conftest import served as served
from tests.server.conftest import session as session
from tests.server.conftest import speak as speak
from tests.server.conftest import started as started


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    browser = Chromium()
    yield browser
    browser.close()


@pytest.fixture
def tab(chromium: Chromium) -> Iterator[Tab]:
    """A new tab, in which no script may fail and the policy may refuse nothing."""
    tab = chromium.tab()
    tab.size(1200, 900)
    yield tab
    errors = tab.errors
    tab.close()
    assert errors == []


@pytest.fixture(scope="session")
def practised(served: Served) -> str:
    """The id of a finished session without a recording that the whole run shares."""
    return keep(served.store, happened(served.store.new_id()))


@pytest.fixture
def violations() -> Callable[[Tab], list[str]]:
    """What axe-core finds wrong with the accessibility of the page a tab shows."""
    axe = resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")

    def find(tab: Tab) -> list[str]:
        # What is not on the screen has a guessed height; axe would find it covered by what comes after.
        tab.run("document.querySelectorAll('.said').forEach(e => { e.style.contentVisibility = 'visible'; })")
        tab.run(f"(() => {{ {axe} }})()")
        found: list[str] = tab.run(
            "axe.run({resultTypes: ['violations']}).then(r => r.violations.flatMap("
            "v => v.nodes.map(n => v.id + ' ' + n.target + ' ' + n.failureSummary)))"
        )
        return found

    return find


def fits(tab: Tab) -> bool:
    """Whether nothing has to be scrolled to from the side."""
    fitting: bool = tab.run("document.documentElement.scrollWidth <= innerWidth")
    return fitting
