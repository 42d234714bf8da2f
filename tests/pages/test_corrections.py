"""Saying what is not right, and taking notes: kept with the session, and the report follows."""

from collections.abc import Callable

import pytest

from tests.pages.chromium import Tab
from tests.server.conftest import Served, happened, keep

READY = "document.readyState === 'complete' && !!document.querySelector('.wrong:not([hidden])')"
"""The page is there, and its scripts listen."""


@pytest.fixture
def review(served: Served) -> str:
    return f"{served.url}/sessions/{keep(served.store, happened(served.store.new_id()))}"


def opened(tab: Tab, address: str) -> None:
    tab.open(address)
    tab.until(READY)


def texts(tab: Tab, selector: str) -> list[str]:
    found: list[str] = tab.run(f"[...document.querySelectorAll('{selector}')].map(e => e.textContent.trim())")
    return found


def test_a_finding_that_is_not_right_costs_nothing_and_can_be_taken_back(tab: Tab, review: str) -> None:
    opened(tab, review)
    findings, score = texts(tab, ".finding h3"), texts(tab, ".score b")
    tab.click(".finding .wrong")
    tab.until(f"!!document.querySelector('.right:not([hidden])') && {READY}")
    assert texts(tab, ".finding h3") == findings[1:]
    assert int(texts(tab, ".score b")[0]) >= int(score[0])
    assert "set aside by you: 1" in tab.run("document.querySelector('main').textContent")
    tab.click(".right")
    tab.until(f"!document.querySelector('.right') && {READY}")
    assert (texts(tab, ".finding h3"), texts(tab, ".score b")) == (findings, score)


def test_what_was_filtered_stays_so_after_a_correction(tab: Tab, review: str) -> None:
    opened(tab, review)
    before = texts(tab, ".finding h3")
    tab.page.get_by_label("Severity").select_option("info")
    shown = texts(tab, ".finding:not([hidden]) h3")
    assert 1 < len(shown) < len(before)
    tab.click(".finding:not([hidden]) .wrong")
    tab.until(f"!!document.querySelector('.right:not([hidden])') && {READY}")
    assert tab.run("document.querySelector('#by-severity').value") == "info"
    assert texts(tab, ".finding:not([hidden]) h3") == shown[1:]
    assert tab.run("document.activeElement.querySelector('h3').textContent") == shown[1]


def test_a_note_and_a_stage_are_given_by_keyboard_and_stay(
    tab: Tab, review: str, violations: Callable[[Tab], list[str]]
) -> None:
    opened(tab, review)
    line = tab.run("[...document.querySelectorAll('.said')].find(e => e.textContent.includes('The label')).id")
    tab.run(f"document.querySelector('#{line} .at').focus()")
    tab.press("n")
    tab.until("document.querySelector('#correct').open")
    assert violations(tab) == []
    tab.press(*"<b>first")
    tab.run("document.querySelector('#right-stage').value = 'production'")
    tab.click("#correct [value=save]")
    tab.until(f"!!document.querySelector('.own-note') && {READY}")
    assert texts(tab, f"#{line} .own-note") == ["<b>first"]
    assert tab.run(f"document.querySelector('#{line}').dataset.stage") == "production"
    assert "Your note at 0:30: <b>first" in tab.run("document.querySelector('#notes').parentElement.textContent")
    tab.run(f"document.querySelector('#{line} .at').focus()")
    tab.press("n")
    tab.run("document.querySelector('#note').value = ''; document.querySelector('#right-stage').value = ''")
    tab.click("#correct [value=save]")
    tab.until(f"!document.querySelector('.own-note') && {READY}")
    assert tab.run(f"document.querySelector('#{line}').dataset.corrected === undefined")


def told(tab: Tab) -> None:
    """Wait until the correction is told of, with the score as the page has it."""
    tab.until("document.querySelector('#status').textContent.startsWith('Kept.')")
    assert tab.run("document.querySelector('#status').checkVisibility()")
    assert texts(tab, "#status") == [f"Kept. The score is {texts(tab, '.score b')[0]} now."]


def test_after_a_correction_one_goes_on_reading_where_one_was(tab: Tab, review: str) -> None:
    # The address names a place that would otherwise take the focus, as after a click on a reason.
    opened(tab, f"{review}#f1")
    second = texts(tab, ".finding h3")[1]
    tab.run("document.querySelector('.finding .wrong').focus()")
    tab.press("Enter")
    tab.until(f"!!document.querySelector('.right:not([hidden])') && {READY}")
    told(tab)
    assert tab.run("document.activeElement.querySelector('h3').textContent") == second
    tab.run("document.querySelector('.right').focus()")
    tab.press("Enter")
    tab.until(f"!document.querySelector('.right') && {READY}")
    told(tab)
    assert tab.run("document.activeElement.id") == "f1"

    tab.run("document.querySelector('.finding:last-of-type .wrong').focus()")
    tab.press("Enter")
    tab.until(f"!!document.querySelector('.right:not([hidden])') && {READY}")
    told(tab)
    assert tab.run("document.activeElement.id") == "findings"

    line = tab.run("[...document.querySelectorAll('.said')].at(-1).id")
    tab.run(f"document.querySelector('#{line} .at').focus()")
    tab.press("n", *"later")
    tab.click("#correct [value=save]")
    tab.until(f"!!document.querySelector('.own-note') && {READY}")
    told(tab)
    focused = "document.activeElement.getBoundingClientRect()"
    assert tab.run("document.activeElement.closest('.at').getAttribute('href')") == f"#{line}"
    assert tab.run(f"{focused}.top >= 0 && {focused}.bottom <= innerHeight")
    # It is said once.
    tab.page.reload()
    tab.until(READY)
    tab.page.wait_for_timeout(300)
    assert texts(tab, "#status") == [""]


def test_escape_changes_nothing(tab: Tab, review: str) -> None:
    opened(tab, review)
    tab.press("n")
    tab.until("document.querySelector('#correct').open")
    tab.press("x", "Escape")
    tab.until("!document.querySelector('#correct').open")
    assert texts(tab, ".own-note") == []


@pytest.mark.parametrize("width", [320, 700, 1280])
def test_the_button_at_a_line_covers_no_word(tab: Tab, review: str, width: int) -> None:
    tab.size(width, 800)
    opened(tab, review)
    for number in range(len(texts(tab, ".transcript .text"))):
        rows = f"[...document.querySelectorAll('.transcript .text')[{number}].getClientRects()]"
        tab.run(f"document.querySelectorAll('.transcript .text')[{number}].scrollIntoView({{block: 'center'}})")
        x, y = tab.run(f"(b => [b.right - 3, (b.top + b.bottom) / 2])({rows}[0])")
        tab.page.mouse.move(x, y)
        tab.until(f"document.querySelectorAll('.transcript .said')[{number}].contains(document.querySelector('.open'))")
        assert tab.run(
            f"{rows}.every(b => !!document.elementFromPoint(b.right - 3, (b.top + b.bottom) / 2).closest('.text'))"
        )


def test_the_rows_of_a_note_are_kept(tab: Tab, review: str) -> None:
    opened(tab, review)
    tab.press("n")
    tab.until("document.querySelector('#correct').open")
    tab.press(*"- p99", "Enter", *"- cost")
    tab.click("#correct [value=save]")
    tab.until(f"!!document.querySelector('.own-note') && {READY}")
    assert tab.run("document.querySelector('.own-note').textContent") == "- p99\n- cost"


def test_without_the_server_a_correction_says_so(tab: Tab, review: str) -> None:
    opened(tab, review)
    tab.page.context.set_offline(True)
    tab.click(".finding .wrong")
    tab.until("document.querySelector('#status').textContent.startsWith('The server does not answer.')")
    tab.page.context.set_offline(False)
    tab.errors.clear()


def test_the_mouse_finds_a_button_at_every_line(tab: Tab, review: str) -> None:
    opened(tab, review)
    place = tab.run(
        "(() => { const e = document.querySelectorAll('.text')[2]; e.scrollIntoView({block: 'center'}); "
        "const b = e.getBoundingClientRect(); return [b.x + 5, b.y + 5]; })()"
    )
    tab.page.mouse.move(place[0], place[1])
    tab.until("!!document.querySelector('.said .open')")
    tab.click(".said .open")
    assert tab.run("document.querySelector('#correct').open")
