"""A browser on another machine: the address is opened as such a machine would have it, not as a name of this one."""

from pathlib import Path

import pytest

from tests.pages.chromium import Tab
from tests.server.conftest import Served
from tests.server.test_token import serve_remote

pytestmark = pytest.mark.hostile


def test_with_the_token_the_pages_work_and_without_it_they_say_what_to_do(tab: Tab, tmp_path: Path) -> None:
    with serve_remote(tmp_path) as remote:
        address = f"http://0.0.0.0:{remote.served.port}"
        tab.open(f"{address}/")
        assert "`viva serve` printed" in tab.run("document.querySelector('main').textContent")
        assert not tab.run("isSecureContext")

        tab.run(f"location.assign('/practice?problem=feed&token={remote.token}')")
        tab.until("location.pathname === '/practice' && document.readyState === 'complete'")
        assert remote.token not in tab.run("location.href + document.cookie")
        # To such a page, browsers give no microphone.
        tab.click("#begin")
        tab.until("document.querySelector('#status').textContent.includes('the desk')")
        made = "fetch('/api/v1/sessions', {method: 'POST', headers: {'content-type': 'application/json'}, body: '{}'})"
        id = tab.run(f"{made}.then(r => r.json()).then(r => r.id)")
        tab.run(f"window.live = new WebSocket(`ws://${{location.host}}/api/v1/sessions/{id}/live`); null")
        tab.run("live.onmessage = (m) => { window.told = m.data; }; null")
        assert "session_started" in tab.until("window.told", 60)
        tab.run("live.send('end')")
        # The browser complains of the first answer, and that a header counts for nothing without encryption.
        tab.errors.clear()


def test_a_link_on_another_site_opens_a_page(served: Served, tab: Tab, tmp_path: Path) -> None:
    with serve_remote(tmp_path) as remote:
        # The printed address as it arrives by mail, read in a browser; then one without the token.
        for path in (f"/problems?token={remote.token}", "/sessions"):
            tab.open(served.url)
            tab.run(f"document.body.innerHTML = '<a href=\"http://0.0.0.0:{remote.served.port}{path}\">look</a>'")
            tab.click("a")
            tab.until(f"location.hostname === '0.0.0.0' && location.pathname === '{path.split('?')[0]}'")
            assert tab.run("document.querySelector('h1').textContent") in ("Problems", "Sessions")
        tab.errors.clear()
