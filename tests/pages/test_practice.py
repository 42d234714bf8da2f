"""A whole session in the browser, its microphone a recording of somebody who speaks."""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from assistant.events import SessionStarted
from assistant.log import SessionLog
from prompts.vocabulary import STRICTNESSES
from server.terms import SessionTerms
from tests.pages.chromium import Chromium, Tab
from tests.pages.conftest import fits
from tests.server.conftest import Served, happened, keep, start, stop, wav
from tests.speech.conftest import INTRODUCTION, LABELS, Samples

pytestmark = pytest.mark.alone

TERMS = "problem=feed&framework=five-step&level=mid&minutes=30"


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory, speak: Callable[[str], Samples]) -> Iterator[Chromium]:
    """A browser whose microphone hears two sentences again and again."""
    folder = tmp_path_factory.mktemp("speaking")
    pause = np.zeros(24_000, np.float32)
    (folder / "spoken.wav").write_bytes(wav(np.concatenate([pause, speak(INTRODUCTION), pause, speak(LABELS), pause])))
    browser = Chromium(folder / "spoken.wav")
    yield browser
    browser.close()


@pytest.fixture
def page(speaking: Chromium) -> Iterator[Tab]:
    tab = speaking.tab()
    yield tab
    tab.close()


def begin(page: Tab, served: Served) -> str:
    """Begin a session and wait until it listens; its id."""
    page.open(f"{served.url}/practice?{TERMS}")
    page.click("#begin")
    page.until("document.querySelector('#status').textContent === 'Listening.'", 60)
    id: str = page.run("location.pathname.split('/').pop()")
    return id


def test_a_session_from_the_first_word_to_its_review(served: Served, api: httpx.Client, page: Tab) -> None:
    id = begin(page, served)
    assert "home feed" in page.until("document.querySelector('#interviewer p:not(.quiet)')?.textContent")
    # What is being said just now shows before it is written down.
    assert page.until("document.querySelector('#partial').textContent", 60)
    page.until("/movies|label/i.test(document.querySelector('#words').textContent)", 60)
    assert page.until("Number(document.querySelector('#elapsed').textContent.split(':').pop())") > 0
    page.until("document.querySelector('#level').value > -60")
    # What nobody pressed Enter for is kept all the same.
    page.run("document.querySelector('#note').focus()")
    page.press(*"p99")
    page.click("#end")
    page.until(f"location.pathname === '/sessions/{id}' && !!document.querySelector('.transcript')", 90)
    said = page.run("document.querySelector('.transcript').textContent")
    assert "movies" in said or "label" in said.lower()
    assert page.run("document.querySelector('.transcript .written-note').textContent").endswith("p99")
    session = api.get(f"/api/v1/sessions/{id}").json()
    assert (session["state"], session["framework"], session["level"], session["planned_seconds"]) == (
        "finished", "five-step", "mid", 1800,
    )  # fmt: skip
    page.until("document.querySelector('audio').duration > 1")
    assert page.errors == []


def test_a_page_loaded_again_goes_on_where_the_session_is(served: Served, api: httpx.Client, page: Tab) -> None:
    id = begin(page, served)
    page.until("!!document.querySelector('#interviewer p:not(.quiet)')")
    page.until("/movies|label/i.test(document.querySelector('#words').textContent)", 60)
    before = page.run(
        "[document.querySelector('#interviewer p:not(.quiet)').textContent, document.querySelectorAll('#interviewer p').length]"
    )
    page.page.reload()
    page.until(
        "document.readyState === 'complete' && document.querySelector('#status').textContent === 'Listening.'", 60
    )
    assert page.run("location.pathname") == f"/practice/{id}"
    page.until(f"document.querySelectorAll('#interviewer p').length >= {before[1]}")
    assert page.run("document.querySelector('#interviewer p').textContent") == before[0]
    page.until("/movies|label/i.test(document.querySelector('#words').textContent)", 60)
    assert api.get(f"/api/v1/sessions/{id}").json()["state"] == "running"
    page.click("#end")
    page.until(f"location.pathname === '/sessions/{id}'", 90)
    kinds = [type(event).__name__ for event in served.store.events(id)]
    assert kinds.count("SessionStarted") == kinds.count("SessionEnded") == 1


def test_notes_are_written_by_keyboard_and_survive_a_reload(
    served: Served, api: httpx.Client, page: Tab, violations: Callable[[Tab], list[str]]
) -> None:
    kept = "[...document.querySelectorAll('#kept li span')].map(e => e.textContent)"
    id = begin(page, served)
    page.until("!document.querySelector('#note').disabled")
    page.run("document.querySelector('#note').focus()")
    page.press(*"qps", "Enter")
    page.until(f"{kept}.join() === 'qps'")
    assert "kept" in page.until("document.querySelector('#note-status').textContent")
    page.press(*"ads", "Enter")
    page.until(f"{kept}.join() === 'ads,qps'")
    page.press(*"unsaved")
    assert violations(page) == []
    # What is being typed is kept every few seconds.
    page.until(f"{kept}.join() === 'unsaved,ads,qps'")
    page.page.reload()
    page.until(f"document.readyState === 'complete' && {kept}.join() === 'unsaved,ads,qps'", 60)
    page.until("document.querySelector('#note').value === 'unsaved'")
    assert page.run("document.querySelector('#kept button').ariaLabel").startswith("Change the note at 0:")
    page.run("document.querySelector('#kept li:last-child button').focus()")
    page.press("Enter")
    # What was being written is kept before another note is changed.
    page.until("document.querySelector('#note').value === 'qps'")
    page.press(*"x", "Enter")
    page.until(f"{kept}.join() === 'unsaved,ads,qpsx'")
    page.run("document.querySelector('#kept li:nth-child(2) button:last-child').focus()")
    page.press("Enter")
    page.until(f"{kept}.join() === 'unsaved,qpsx'")
    assert page.run("document.activeElement.id") == "note"
    page.click("#end")
    page.until(f"location.pathname === '/sessions/{id}'", 90)
    notes = [note["text"] for note in api.get(f"/api/v1/sessions/{id}/corrections").json()["notes"]]
    assert notes == ["qpsx", "unsaved"]
    assert page.errors == []


@pytest.mark.fault
def test_a_note_that_nobody_kept_outlives_the_server(
    started: Callable[..., Served], speaking: Chromium, tmp_path: Path
) -> None:
    first, page = started(tmp_path), speaking.tab()
    id = begin(page, first)
    page.run("document.querySelector('#note').focus()")
    page.press(*"qps")
    first.process.kill()
    first.process.wait()
    page.until("document.querySelector('#status').textContent.includes('lost')")
    page.press(*"99")
    again = start(tmp_path, arguments=["--port", str(first.port)])
    try:
        # The start ends the session, and the page goes on to its review.
        assert "qps99" in page.until("document.querySelector('.written-note')?.textContent", 120)
        notes = httpx.get(f"{again.url}/api/v1/sessions/{id}/corrections").json()["notes"]
        assert [note["text"] for note in notes] == ["qps99"]
        assert page.run("localStorage.length") == 0
    finally:
        page.close()
        stop(again)


@pytest.mark.fault
def test_a_server_that_hangs_is_said_and_the_session_goes_on_after_it(served: Served, page: Tab) -> None:
    begin(page, served)
    page.until("document.querySelector('#status').textContent.startsWith('Listening')", 60)
    served.process.send_signal(signal.SIGSTOP)
    try:
        page.until("document.querySelector('#status').textContent.startsWith('The server does not answer')")
        assert page.run("document.querySelector('#level').value") == -60
        page.run("document.querySelector('#note').focus()")
        page.press(*"hung", "Enter")
        page.until("document.querySelector('#note-status').textContent.includes('on its way')")
    finally:
        served.process.send_signal(signal.SIGCONT)
    page.until("document.querySelector('#status').textContent.startsWith('Listening')", 60)
    page.until("document.querySelector('#kept span')?.textContent === 'hung'")
    page.click("#end")
    page.until("location.pathname.startsWith('/sessions/')", 120)
    page.errors.clear()


@pytest.mark.fault
def test_a_note_that_was_not_answered_is_sent_again_by_itself(served: Served, page: Tab) -> None:
    begin(page, served)
    page.run("document.querySelector('#note').focus()")
    page.page.context.set_offline(True)
    page.press(*"qps", "Enter")
    page.until("document.body.textContent.includes('tried again by itself')")
    page.page.context.set_offline(False)
    page.until("document.querySelector('#kept span')?.textContent === 'qps'")
    assert page.run("document.querySelector('#note').value") == ""
    assert "tried again" not in page.run("document.body.textContent")
    page.click("#end")
    page.until("location.pathname.startsWith('/sessions/')", 120)
    page.errors.clear()


def test_a_note_that_nobody_kept_outlives_its_window(served: Served, api: httpx.Client, page: Tab) -> None:
    id = begin(page, served)
    page.run("document.querySelector('#note').focus()")
    page.press(*"abc", "Enter")
    page.until("document.querySelector('#kept span')?.textContent === 'abc'")
    page.click("#kept button[aria-label^=Change]")
    page.press(*"def")
    window = Tab(page.page.context.new_page())
    page.page.close()
    window.open(f"{served.url}/practice/{id}")
    window.until("document.querySelector('#note').value === 'abcdef'", 60)
    window.until("!document.querySelector('#note').disabled")
    window.run("document.querySelector('#note').focus()")
    window.press("Enter")
    window.until("[...document.querySelectorAll('#kept span')].map(one => one.textContent).join() === 'abcdef'")
    window.click("#end")
    window.until("location.pathname.startsWith('/sessions/')", 120)


def test_how_much_the_interviewer_says_is_chosen_before_it_begins(served: Served, page: Tab) -> None:
    page.open(f"{served.url}/practice?{TERMS}")
    interviewer = page.page.get_by_role("combobox", name="Interviewer")
    assert page.run("[...document.querySelector('#strictness').options].map(e => e.value)") == list(STRICTNESSES)
    assert interviewer.input_value() == SessionTerms().strictness
    interviewer.select_option("coaching")
    page.page.get_by_label("help when I am stuck").uncheck()
    page.click("#begin")
    page.until("document.querySelector('#status').textContent === 'Listening.'", 60)
    assert not page.page.locator("#choose").is_visible()
    started = served.store.events(page.run("location.pathname.split('/').pop()"))[0]
    assert isinstance(started, SessionStarted)
    assert (started.strictness, started.nudges) == ("coaching", False)
    page.click("#end")
    page.until("location.pathname.startsWith('/sessions/')", 90)


def test_a_part_alone_is_chosen_before_it_begins(served: Served, tab: Tab) -> None:
    tab.open(f"{served.url}/practice?{TERMS}")
    tab.page.get_by_role("link", name="Data").click()
    tab.until("document.querySelectorAll('.plan > li').length === 1")
    assert tab.run("document.querySelector('.plan > li').dataset.stage") == "data"
    # A drill takes ten minutes.
    assert tab.run("Object.values((({framework, level, minutes, problem}) => ({framework, level, minutes, problem}))(document.querySelector('#live').dataset))") == ["five-step:data", "mid", "10", "feed"]  # fmt: skip
    assert tab.page.get_by_role("link", name="Quick questions").count() == 1
    tab.page.get_by_role("link", name="Everything").click()
    tab.until("document.querySelector('#live').dataset.framework === 'five-step'")
    # What is asked quickly are the questions of the bank's problem.
    tab.open(f"{served.url}/practice?framework=business-first:problem")
    assert tab.page.get_by_role("link", name="Modeling").count() == 1
    assert tab.page.get_by_role("link", name="Quick questions").count() == 0


def test_another_window_takes_the_session_over(
    served: Served, api: httpx.Client, speaking: Chromium, page: Tab
) -> None:
    id = begin(page, served)
    other = speaking.tab()
    other.open(f"{served.url}/practice/{id}")
    other.until("document.querySelector('#status').textContent === 'Listening.'", 60)
    assert "another window" in page.until("document.querySelector('#status.alert')?.textContent")
    # A note that comes too late for the session is kept all the same.
    other.run(
        "(() => { const real = fetch; window.fetch = (at, how) => at.endsWith(`/notes`) && !at.includes('corr') ? Promise.reject() : real(at, how); })()"
    )
    other.run("document.querySelector('#note').focus()")
    other.press(*"late")
    other.click("#end")
    other.until(f"location.pathname === '/sessions/{id}'", 90)
    assert "late" in other.until("document.querySelector('.written-note')?.textContent")
    assert [note["text"] for note in api.get(f"/api/v1/sessions/{id}/corrections").json()["notes"]] == ["late"]
    other.close()


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1200, "light")])
def test_the_page_is_accessible_and_fits(
    served: Served, tab: Tab, violations: Callable[[Tab], list[str]], width: int, scheme: str
) -> None:
    tab.size(width, 700)
    tab.colours(scheme)
    tab.open(f"{served.url}/practice?{TERMS}")
    assert fits(tab)
    assert violations(tab) == []
    steps = tab.run("[...document.querySelectorAll('.plan > li')].map(e => e.dataset.stage)")
    assert steps[:4] == ["problem", "high_level", "data", "modeling"]
    assert "By the plan" in tab.run("document.querySelector('#due').textContent")


def test_a_page_just_loaded_shows_the_time_spent_in_every_stage(served: Served, tab: Tab) -> None:
    state = {
        "elapsed": 500, "planned": 1800, "stage": "data", "stage_seconds": 65, "stage_planned": 400,
        "stages": {"problem": 320, "data": 65}, "partial": None, "level_db": -30, "speaking": False,
    }  # fmt: skip
    tab.open(f"{served.url}/practice?{TERMS}")
    tab.run(f"import('/static/stage.js').then(page => page.showState({json.dumps(state)}))")
    assert tab.run("[...document.querySelectorAll('.spent')].map(e => e.textContent)") == [
        "5:20, 2:00 over", "", "1:05", "", "", "",
    ]  # fmt: skip
    assert tab.run("[...document.querySelectorAll('.plan progress')].slice(0, 3).map(e => e.value)") == [200, 0, 65]
    assert tab.run("document.querySelector('.plan [aria-current]').dataset.stage") == "data"


def test_each_side_has_a_region_of_its_own(served: Served, tab: Tab) -> None:
    tab.open(f"{served.url}/practice?{TERMS}")
    assert tab.page.get_by_role("region", name="You", exact=True).locator("#words").count() == 1
    assert tab.page.get_by_role("region", name="Interviewer", exact=True).locator("#words").count() == 0


@pytest.mark.parametrize("width", [320, 1200])
def test_the_interviewers_newest_line_is_shown_whole_and_the_others_by_scrolling(
    served: Served, tab: Tab, violations: Callable[[Tab], list[str]], width: int
) -> None:
    tab.size(width, 700)
    tab.open(f"{served.url}/practice?{TERMS}")
    assert not tab.page.get_by_role("region", name="What the interviewer said before").is_visible()
    for number in range(40):
        line = {"event": "interviewer_spoke", "at": 60 * number, "rule": "prompt", "text": f"{number} " + "asked " * 90}
        tab.run(f"import('/static/stage.js').then(page => page.showEvent({json.dumps(line)}))")
    spoken = tab.run("[...document.querySelectorAll('#interviewer p')].map(e => e.innerText.split(' ')[1])")
    assert spoken == [str(number) for number in range(39, 9, -1)]
    cut = """(() => {
      const line = document.querySelector('#newest p').getBoundingClientRect();
      for (let e = document.querySelector('#newest'); e !== document.body; e = e.parentElement) {
        const box = e.getBoundingClientRect();
        if (e.scrollHeight > e.clientHeight + 1 || box.bottom < line.bottom || box.right < line.right) return true;
      }
      return false;
    })()"""
    assert tab.run(cut) is False
    tab.page.get_by_role("region", name="What the interviewer said before").focus()
    tab.press("End")
    tab.until("(e => e.scrollTop > 0 && e.scrollTop + e.clientHeight > e.scrollHeight - 2)(document.querySelector('#earlier'))")  # fmt: skip
    assert fits(tab)
    assert violations(tab) == []


def test_without_leave_to_use_the_microphone_it_says_what_to_do(served: Served, tab: Tab) -> None:
    tab.open(f"{served.url}/practice?{TERMS}")
    tab.run(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError')); null"
    )
    tab.click("#begin")
    assert "Allow it" in tab.until("document.querySelector('#status.alert')?.textContent")
    assert not tab.run("document.querySelector('#begin').disabled")
    assert tab.run("location.pathname") == "/practice"


def test_a_session_held_elsewhere_is_watched(served: Served, tab: Tab) -> None:
    events = happened(served.store.new_id(), ended=False)
    id = keep(served.store, events[:3])
    with SessionLog(served.store.folder(id)) as log:
        tab.open(f"{served.url}/practice/{id}")
        assert "video service" in tab.until("document.querySelector('#interviewer p:not(.quiet)')?.textContent")
        for event in events[3:]:
            log.append(event)
        assert "two-tower" in tab.until(
            "document.querySelector('#words').textContent.includes('two-tower') && document.querySelector('#words').textContent"
        )
        log.append(happened(id)[-1])
    tab.until(f"location.pathname === '/sessions/{id}'", 60)


def test_a_session_that_is_over_is_looked_back_on(api: httpx.Client, practised: str) -> None:
    answer = api.get(f"/practice/{practised}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sessions/{practised}")


@pytest.mark.parametrize("query", ["minutes=0", "level=god", "problem=nope", "framework=x"])
def test_terms_that_make_no_sense_are_refused(api: httpx.Client, query: str) -> None:
    answer = api.get(f"/practice?{query}", headers={"accept": "text/html"})
    assert answer.status_code == 422 and "<h1>" in answer.text
