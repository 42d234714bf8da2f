"""The pages around practice: home, problems, sessions, and what is said when something is not there."""

from collections.abc import Callable
from urllib.parse import parse_qs, quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prompts.problems import load_problems
from tests.pages.chromium import Tab
from tests.pages.conftest import fits
from tests.server.conftest import Served

PAGES = ("/", "/problems", "/problems/feed", "/sessions", "/nothing-here")
HTML = {"accept": "text/html,*/*;q=0.8"}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit_a_phone(
    served: Served, tab: Tab, practised: str, violations: Callable[[Tab], list[str]], path: str, scheme: str
) -> None:
    tab.colours(scheme)
    tab.size(320, 640)
    tab.open(served.url + path)
    assert fits(tab)
    assert violations(tab) == []
    tab.errors[:] = [error for error in tab.errors if "404 (Not Found)" not in error]


def test_the_first_page_is_small_and_carries_no_script(api: httpx.Client, practised: str) -> None:
    page = api.get("/", headers=HTML)
    size = len(page.content)
    for name in ("report.css", "pages.css", "icon.svg"):
        assert f"/static/{name}" in page.text
        size += len(api.get(f"/static/{name}").content)
    assert size < 100_000
    assert "<script" not in page.text and "style=" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy


def test_home_begins_with_what_the_plan_says_is_next(
    served: Served, api: httpx.Client, tab: Tab, practised: str
) -> None:
    exercise = api.get("/api/v1/progress").json()["next"]
    tab.open(f"{served.url}/")
    assert tab.run("document.querySelector('#problem').value") == exercise["problem"]
    assert exercise["reason"] in tab.run("document.querySelector('section[aria-labelledby=next]').textContent")
    link = tab.run("document.querySelector('section[aria-labelledby=next] a').search")
    asked = parse_qs(link.removeprefix("?"))
    assert (asked["problem"], asked["framework"]) == ([exercise["problem"]], [exercise["framework"]])
    assert tab.run("document.querySelectorAll('.sessions tbody tr').length") >= 1
    assert tab.run(f"!!document.querySelector('a[href=\"/sessions/{practised}\"]')")


def test_a_session_that_was_never_begun_says_so_and_can_be_begun_or_deleted(
    served: Served, api: httpx.Client, tab: Tab, violations: Callable[[Tab], list[str]]
) -> None:
    asked = {"problem": "feed", "strictness": "silent", "nudges": False}
    id = api.post("/api/v1/sessions", json=asked).json()["id"]
    tab.open(f"{served.url}/sessions")
    row = tab.page.get_by_role("row").filter(has=tab.page.locator(f"a[href='/sessions/{id}']"))
    assert "not begun" in row.inner_text()
    row.get_by_role("link").click()
    tab.until(f"location.pathname === '/practice/{id}' && document.querySelector('#begin').checkVisibility()")
    again = parse_qs(tab.run("document.querySelector('#anew a').search").removeprefix("?"))
    assert (again["strictness"], again["nudges"], again["problem"]) == (["silent"], ["False"], ["feed"])
    tab.page.get_by_text("Delete", exact=True).click()
    assert violations(tab) == []
    tab.page.get_by_role("button", name="Delete it").click()
    tab.until("location.pathname === '/sessions' && document.readyState === 'complete'")
    assert api.get(f"/api/v1/sessions/{id}").status_code == 404


def test_the_first_key_leads_past_the_menu(served: Served, tab: Tab) -> None:
    tab.open(f"{served.url}/problems")
    tab.press("Tab")
    assert tab.run("document.activeElement.textContent") == "Skip to the content"
    tab.press("Enter", "Tab")
    assert tab.run("document.activeElement.id") == "q"


def test_problems_are_found_by_any_of_their_words(served: Served, tab: Tab) -> None:
    tab.open(f"{served.url}/problems")
    tab.run("document.querySelector('#q').focus()")
    tab.press(*"weapons", "Enter")
    tab.until("location.search === '?q=weapons' && !!document.querySelector('[role=status]')")
    assert "weapons" in tab.run("document.querySelector('[role=status]').textContent")
    titles = tab.run("[...document.querySelectorAll('.problems h3')].map(e => e.textContent)")
    assert 0 < len(titles) < len(load_problems())
    tab.open(f"{served.url}/problems?q=%3Cscript%3E")
    assert tab.run("document.querySelectorAll('.problems li, script').length") == 0


def test_what_the_interviewer_knows_is_folded_away(api: httpx.Client) -> None:
    page = api.get("/problems/feed", headers=HTML).text
    fact = load_problems()["feed"].facts[0].answer
    assert fact in page and page.index("<details>") < page.index(fact)


@pytest.mark.parametrize("path", ["/nothing-here", "/problems/nope", "/sessions?from=-1", "/static/../app.py"])
def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(api: httpx.Client, path: str) -> None:
    for_people, for_programs = api.get(path, headers=HTML), api.get(path)
    assert for_people.status_code == for_programs.status_code in (404, 422)
    assert for_people.headers["content-type"].startswith("text/html")
    assert "<h1>" in for_people.text and 'href="/sessions"' in for_people.text
    assert for_programs.headers["content-type"] == "application/problem+json"
    assert api.get("/api/v1/nothing", headers=HTML).headers["content-type"] == "application/problem+json"


def test_styles_are_asked_for_again_but_not_sent_again(api: httpx.Client) -> None:
    first = api.get("/static/pages.css")
    again = api.get("/static/pages.css", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert api.get("/static/base.html").status_code == 404


addresses = st.text(st.characters(codec="utf-8"), max_size=60)


@pytest.mark.hostile
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["problems", "sessions", "practice", "analyses", "static", "progress"]),
    addresses,
    st.dictionaries(st.sampled_from(["q", "from", "problem", "framework", "level", "minutes"]), addresses),
)
def test_any_address_of_a_page(api: httpx.Client, folder: str, id: str, query: dict[str, str]) -> None:
    for path in (f"/{folder}/{quote(id, safe='')}", f"/{folder}"):
        answer = api.get(path, params=query, headers=HTML)
        assert answer.status_code < 500, answer.text
        assert "Traceback" not in answer.text
