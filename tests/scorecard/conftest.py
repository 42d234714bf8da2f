"""The fixtures of a row, and the plugin that gathers what the rows measured."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import httpx
import pytest

from tests.e2e.conftest import virtual_audio as virtual_audio
from tests.e2e.conftest import virtual_audio_server as virtual_audio_server
from tests.pages.chromium import Chromium
from tests.scorecard.rows import Row, begun, keep
from tests.server.conftest import Served, start, stop
from tests.server.conftest import no_proxy as no_proxy
from tests.server.conftest import session as session
from tests.speech.conftest import speak as speak

Claim = Callable[[str, str], Row]
_Size = TypeVar("_Size", int, float)


class Sized(Protocol):
    """Chooses how much is tried, on each change or at night."""

    def __call__(self, ci: _Size, night: _Size, /) -> _Size: ...


_PATIENCE = 5.0
# In what a server writes to its terminal; that a request was broken may be told.
_FAULTS = (
    "Exception in",
    "never retrieved",
    "/server/",
    "/assistant/",
    "/speech/",
    "/analysis/",
    "Segmentation",
    "Warning:",
)
_ROWS = pytest.StashKey[dict[str, Row]]()
_CLAIMED = pytest.StashKey[list[Row]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("scorecard")
    group.addoption("--nightly", action="store_true", help="try as much as a night has time for")
    group.addoption("--page", type=Path, help="write what was measured to this page")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--page", None) is not None and not config.getoption("--nightly", False):
        raise pytest.UsageError("only what was measured at nightly size is published: --nightly --page PAGE")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed or report.skipped:
        for row in item.stash.get(_CLAIMED, ()):
            row.incomplete(f"{item.name} {report.outcome}")
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    page: Path | None = session.config.getoption("--page", None)
    if page is not None and (rows := session.config.stash.get(_ROWS, {})):
        keep(list(rows.values()), page)


@pytest.fixture
def claim(request: pytest.FixtureRequest, nightly: bool) -> Claim:
    """Begins or goes on with a row: its id, and what it claims."""
    rows = request.config.stash.setdefault(_ROWS, {})
    claimed = request.node.stash.setdefault(_CLAIMED, [])

    def claim(id: str, what: str) -> Row:
        row = rows.setdefault(id, begun(id, what, 1.0 if nightly else _PATIENCE))
        claimed.append(row)
        return row

    return claim


@pytest.fixture(scope="session")
def nightly(request: pytest.FixtureRequest) -> bool:
    """Whether there is time for everything."""
    return bool(request.config.getoption("--nightly", False))


@pytest.fixture(scope="session")
def sized(nightly: bool) -> Sized:
    """Chooses how much is tried, on each change or at night."""
    return lambda ci, night: night if nightly else ci


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's folder for temporary files."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, scratch: Path) -> Iterator[Served]:
    """A server for all rows. In the end it must still be the same process, and have complained about nothing."""
    folder = tmp_path_factory.mktemp("data")
    complaints = folder.with_name(f"{folder.name}-stderr")
    with complaints.open("wb") as stderr:
        server = start(folder, stderr=stderr, TMPDIR=str(scratch))
        try:
            yield server
            assert server.process.poll() is None
            assert httpx.get(f"{server.url}/api/v1/health").status_code == 200
        finally:
            stop(server)
    told = complaints.read_text()
    assert not [sign for sign in _FAULTS if sign in told], told[:4000]
    assert list(scratch.iterdir()) == []


@pytest.fixture(scope="session")
def api(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=180) as client:
        yield client


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    """A browser in which any `.example` is this machine, as after DNS rebinding."""
    browser = Chromium(arguments=["--host-resolver-rules=MAP *.example 127.0.0.1"])
    yield browser
    browser.close()
