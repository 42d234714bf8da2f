"""Looking back on a session: what stands where, and what the mouse and every key do."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import httpx
import numpy as np
import pytest

from analysis.render.spans import actual_spans
from analysis.render.wording import clock
from assistant.events import AudioStarted, SessionEnded, SessionStarted, WordsHeard
from speech.frames import pcm16_bytes
from speech.transcript import Word
from tests.pages.chromium import Tab
from tests.pages.conftest import fits
from tests.server.conftest import SAID, Served, happened, keep, problem

RECORDED_SECONDS = 62


@pytest.fixture(scope="module")
def review(served: Served) -> str:
    """The address of a session's review, with a recording as long as it."""
    sound = np.sin(np.arange(16_000 * RECORDED_SECONDS, dtype=np.float32) * 0.05) * np.float32(0.1)
    id = keep(served.store, happened(served.store.new_id()), pcm16_bytes(sound))
    return f"{served.url}/sessions/{id}"


def second(tab: Tab) -> float:
    """Second of the session at which the recording stands; its first sample belongs to second 0.5."""
    at: float = tab.run("document.querySelector('audio').currentTime + 0.5")
    return at


def loaded(tab: Tab, address: str) -> None:
    tab.open(address)
    tab.until("document.querySelector('audio').readyState > 0 && !document.querySelector('#filters').hidden")


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (320, "light"), (1300, "light"), (1300, "dark")])
def test_it_is_accessible_and_fits(
    tab: Tab, review: str, violations: Callable[[Tab], list[str]], width: int, scheme: str
) -> None:
    tab.size(width, 800)
    tab.colours(scheme)
    loaded(tab, review)
    assert fits(tab)
    assert violations(tab) == []


@pytest.mark.parametrize(("width", "height"), [(320, 256), (1300, 256), (320, 700)])
def test_the_player_leaves_most_of_the_window_to_the_page(tab: Tab, review: str, width: int, height: int) -> None:
    tab.size(width, height)
    loaded(tab, review)
    tab.run("document.querySelector('.said').scrollIntoView({block: 'center'})")
    covered = "(box => Math.max(0, Math.min(innerHeight, box.bottom) - Math.max(0, box.top)))(document.querySelector('.player').getBoundingClientRect())"  # fmt: skip
    assert tab.run(covered) < height / 3
    assert fits(tab)


@pytest.mark.parametrize(("width", "height"), [(1046, 718), (718, 1046)], ids=["landscape", "portrait"])
def test_printed_on_a4_no_part_lies_on_another_or_is_cut_off(tab: Tab, review: str, width: int, height: int) -> None:
    tab.size(width, height)
    loaded(tab, review)
    tab.page.emulate_media(media="print")
    assert tab.run(
        """[...document.querySelectorAll('main section, main > header')].map(e => e.getBoundingClientRect())
           .filter(box => box.height).toSorted((one, other) => one.top - other.top).every((box, n, all) => !n || all[n - 1].bottom < box.top + 1)"""
    )
    assert tab.run("[...document.querySelectorAll('.columns, .side')].every(e => e.scrollHeight <= e.clientHeight + 1)")
    colours = "[...document.querySelectorAll('.legend span')].map(e => getComputedStyle(e).printColorAdjust)"
    assert set(tab.run(colours)) == {"exact"}


def test_what_to_do_next_time_comes_first_and_leads_to_its_reason(tab: Tab, review: str) -> None:
    loaded(tab, review)
    assert tab.run("document.querySelector('main h2').textContent") == "What to do next time"
    assert tab.run(
        "[...document.querySelectorAll('.actions a')].every(a => document.querySelector(a.getAttribute('href')))"
    )


def test_findings_at_one_place_of_the_time_line_are_one_marker_that_leads_to_the_first(tab: Tab, review: str) -> None:
    tab.size(320, 700)
    loaded(tab, review)
    boxes = tab.run(
        "[...document.querySelectorAll('.marker')].map(e => e.getBoundingClientRect()).map(b => [b.left, b.right])"
    )
    assert all(before[1] <= after[0] for before, after in pairwise(boxes))
    counts = tab.run("[...document.querySelectorAll('.marker')].map(e => Number(e.querySelector('text')?.textContent ?? 1))")  # fmt: skip
    assert sum(counts) == tab.run("document.querySelectorAll('.finding').length") > len(counts)
    last = tab.page.get_by_role("group", name="Findings").get_by_role("link").last
    at = counts.index(max(counts))
    assert tab.run(f"document.querySelectorAll('.marker title')[{at}].textContent.split('\\n').length") == counts[at]
    last.focus()
    tab.press("Enter")
    first = last.get_attribute("href")
    assert tab.run("`#${document.activeElement.id}`") == first
    choose(tab, "severity", "info")
    tab.page.locator(".marker.fault").last.click()
    assert tab.run("document.activeElement.matches('.finding.fault')")


def test_a_click_on_a_word_is_heard_from_that_word_on(tab: Tab, review: str) -> None:
    loaded(tab, review)
    place = tab.run(
        """(() => {
          const text = [...document.querySelectorAll('.text')].find(e => e.textContent.includes('watch time'));
          text.scrollIntoView({block: 'center'});
          const range = document.createRange();
          const words = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
          while (!words.nextNode().data.includes('million')) continue;
          const node = words.currentNode, at = node.data.indexOf('million');
          range.setStart(node, at + 2); range.setEnd(node, at + 3);
          const box = range.getBoundingClientRect();
          return [box.x + 1, box.y + box.height / 2];
        })()"""
    )
    tab.run(
        "document.querySelector('audio').addEventListener('seeked', e => { e.target.dataset.sought = e.target.currentTime; })"
    )
    tab.page.mouse.click(*place)
    # "million" is the fifth word of a sentence that begins at 20 s, with a word every 0.4 s; the sound begins at 0.5 s.
    assert 21 < float(tab.until("document.querySelector('audio').dataset.sought")) < 21.6
    tab.until("!document.querySelector('audio').paused")
    assert "watch time" in tab.until("document.querySelector('.said.now')?.textContent")
    tab.run("(audio => { audio.pause(); audio.currentTime = 21.7; })(document.querySelector('audio'))")
    tab.until("[...CSS.highlights.get('now')].map(String).join() === 'users,'")
    tab.run("document.querySelector('audio').play()")
    tab.until("document.querySelector('.said.now')?.textContent.includes('The label')", 20)


def test_the_recording_is_seen_in_the_colours_of_its_stages_without_scripts(
    served: Served, api: httpx.Client, tab: Tab
) -> None:
    # Silence, then sound: what the mask lets through is where somebody speaks.
    sound = np.sin(np.arange(16_000 * RECORDED_SECONDS, dtype=np.float32) * 0.05) * np.float32(0.1)
    sound[: len(sound) // 2] = 0
    id = keep(served.store, happened(served.store.new_id()), pcm16_bytes(sound))
    tab.scripts(on=False)
    tab.open(f"{served.url}/sessions/{id}")
    tab.scripts(on=True)
    picture = api.get(f"/sessions/{id}/waveform.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    kept = (served.store.folder(id) / "peaks").read_bytes()
    assert set(kept[:395]) == {0} and set(kept[405:]) == {255}
    served.store.compress(id)
    assert api.get(f"/sessions/{id}/waveform.svg").text == picture.text
    stages = tab.run("[...document.querySelectorAll('.wave g rect:not(.rest)')].map(e => e.getAttribute('class'))")
    assert stages == [span.stage for span in actual_spans(served.store.report(id))]


def test_one_file_carries_the_sound_and_plays_it_without_a_server(
    api: httpx.Client, tab: Tab, review: str, tmp_path: Path
) -> None:
    found = re.search(r'<a href="([^"]+)"[^>]*>One HTML file with its sound', api.get(review).text)
    assert found is not None
    page = tmp_path / "report.html"
    page.write_text(api.get(html.unescape(found[1])).text)
    tab.open(page.as_uri())
    assert tab.until("document.querySelector('audio').duration") == pytest.approx(RECORDED_SECONDS, abs=0.1)
    tab.page.get_by_role("button", name="Play from 0:20").click()
    assert 20 <= tab.until("!document.querySelector('audio').paused && document.querySelector('audio').currentTime + 0.5") < 22  # fmt: skip
    assert "watch time" in tab.until("document.querySelector('.said.now')?.textContent")
    finding = tab.page.locator(".finding a").last
    finding.click()
    at = float(finding.get_attribute("data-second") or "nan")
    tab.until(f"Math.abs(document.querySelector('audio').currentTime + 0.5 - {at}) < 2")
    assert tab.errors == []


def test_a_click_on_the_waveform_seeks(tab: Tab, review: str) -> None:
    loaded(tab, review)
    box = tab.run("(() => { const b = document.querySelector('.wave').getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })()")  # fmt: skip
    total = tab.run("Number(document.querySelector('.wave').dataset.total)")
    tab.page.mouse.click(box[0] + box[2] * 30 / total, box[1] + box[3] / 2)
    assert second(tab) == pytest.approx(30, abs=total / box[2] + 0.5)
    assert tab.run("document.querySelector('.wave .cursor').hidden") is False


def test_without_a_recording_there_is_no_waveform(served: Served, api: httpx.Client) -> None:
    id = keep(served.store, happened(served.store.new_id()))
    assert "waveform" not in api.get(f"/sessions/{id}").text
    problem(api.get(f"/sessions/{id}/waveform.svg", headers={"accept": "*/*"}), 404)


def test_everything_can_be_reached_with_keys(tab: Tab, review: str) -> None:
    loaded(tab, review)
    tab.press("j")
    assert tab.run("document.activeElement.id") == "f1"
    tab.press("j")
    assert tab.run("document.activeElement.id") == "f2"
    tab.press("k", "k")
    last = tab.run("document.querySelectorAll('.finding').length")
    assert tab.run("document.activeElement.id") == f"f{last}"
    tab.run("document.querySelector('.at').focus()")
    tab.press("ArrowDown", "ArrowDown", "Enter")
    tab.until("!document.querySelector('audio').paused")
    assert 20 <= second(tab) < 23
    tab.press(" ")
    tab.until("document.querySelector('audio').paused")
    before = second(tab)
    tab.press("ArrowRight")
    assert second(tab) == pytest.approx(before + 5, abs=0.1)
    tab.press("ArrowLeft", "ArrowLeft")
    assert second(tab) == pytest.approx(before - 5, abs=0.1)


def test_the_keys_go_on_after_a_button_was_pressed(tab: Tab, review: str) -> None:
    loaded(tab, review)
    tab.click(".hear")
    tab.until("!document.querySelector('audio').paused")
    heard = tab.run("document.activeElement.id")
    tab.press(" ")
    tab.until("document.querySelector('audio').paused")
    before = second(tab)
    tab.press("ArrowRight")
    assert second(tab) == pytest.approx(before + 5, abs=0.1)
    tab.press("j")
    following = tab.run("document.activeElement.id")
    assert heard.startswith("f") and following == f"f{int(heard[1:]) + 1}"
    tab.run(f"document.querySelector('#{following} .wrong').focus()")
    tab.press("k")
    assert tab.run("document.activeElement.id") == heard
    tab.run("document.querySelector('.time summary').focus()")
    tab.press(" ")
    assert tab.run("document.querySelector('.time details').open && document.querySelector('audio').paused")
    tab.press("/")
    assert tab.run("document.activeElement.id") == "search"


def test_keys_of_the_page_do_nothing_behind_an_open_dialog(tab: Tab, review: str) -> None:
    loaded(tab, review)
    tab.press("n")
    tab.run("document.querySelector('#correct button').focus()")
    before = second(tab)
    tab.press("ArrowRight", "j")
    assert second(tab) == before


def test_keys_can_be_switched_off(tab: Tab, review: str) -> None:
    loaded(tab, review)
    tab.click("#keys")
    tab.press("j")
    assert tab.run("document.activeElement.id") == "keys"


def test_the_search_marks_and_walks_through_what_it_finds(tab: Tab, review: str) -> None:
    loaded(tab, review)
    tab.press("/", *"movie")
    assert tab.run("[...CSS.highlights.get('found')].map(String)") == ["movie"]
    tab.press("Enter")
    assert tab.run("document.querySelector('#status').textContent") == "1 of 1"
    tab.press("Escape")
    assert tab.run("CSS.highlights.get('found').size") == 0
    assert tab.run("document.activeElement.id") == "transcript"
    tab.press("j")
    assert "finding" in tab.run("document.activeElement.className")


def test_a_marker_of_what_was_never_said_shows_its_finding(tab: Tab, review: str) -> None:
    tab.size(1280, 600)
    loaded(tab, review)
    markers = "[...document.querySelectorAll('.marker')]"
    unsaid = f"{markers}.findIndex(e => !document.querySelector(e.getAttribute('href')).dataset.lines)"
    finding = tab.run(f"{markers}[{unsaid}].getAttribute('href')")
    tab.page.get_by_role("group", name="Findings").get_by_role("link").nth(tab.run(unsaid)).click()
    assert tab.run("`#${document.activeElement.id}`") == finding
    tab.until("(b => b.top >= 0 && b.bottom <= innerHeight)(document.activeElement.querySelector('h3').getBoundingClientRect())")  # fmt: skip


def test_a_search_says_what_the_filters_hide_and_lifts_them(tab: Tab, review: str) -> None:
    loaded(tab, review)
    choose(tab, "stage", "production")
    tab.press("/", *"movie")
    told = "document.querySelector('#status').textContent"
    assert "1 found, 1 of them hidden by the filters" in tab.run(told)
    choose(tab, "stage", "")
    assert tab.run(told) == "1 found; Enter goes to the next"
    choose(tab, "stage", "production")
    assert "hidden by the filters" in tab.run(told) and "lines" in tab.run(told)
    tab.press("Enter")
    assert tab.run(told) == "1 of 1; the filters are lifted, which hid it"


def test_the_time_line_has_a_name_and_its_findings_too(tab: Tab, review: str) -> None:
    loaded(tab, review)
    line = tab.page.get_by_role("group", name="Time line")
    assert line.get_by_role("img", name="Planned and actual stages").count() == 1
    assert line.get_by_role("group", name="Findings").get_by_role("link").count() > 0


def choose(tab: Tab, name: str, value: str) -> None:
    tab.run(
        f"(() => {{ const e = document.querySelector('[name={name}]'); e.value = '{value}'; "
        "e.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )


def test_filters_leave_the_findings_and_lines_they_name(tab: Tab, review: str) -> None:
    loaded(tab, review)
    everything = tab.run("document.querySelectorAll('.finding').length")
    choose(tab, "severity", "info")
    kept = tab.run("[...document.querySelectorAll('.finding:not([hidden])')].map(e => e.dataset.severity)")
    assert set(kept) <= {"info"} and len(kept) < everything
    assert f"{len(kept)} of {everything} findings" in tab.run("document.querySelector('#status').textContent")
    choose(tab, "severity", "")
    stage = tab.run("[...document.querySelectorAll('.said')].at(-1).dataset.stage")
    choose(tab, "stage", stage)
    stages = tab.run("[...document.querySelectorAll('.said:not([hidden])')].map(e => e.dataset.stage)")
    assert set(stages) == {stage}
    choose(tab, "stage", "")
    assert tab.run("document.querySelectorAll('.said[hidden], .finding[hidden], .band[hidden]').length") == 0


def test_filters_know_the_stage_of_a_silence_and_keep_the_transcript_of_what_was_never_said(
    served: Served, tab: Tab
) -> None:
    started, *rest = happened(served.store.new_id(), ended=False)
    assert isinstance(started, SessionStarted)
    later = WordsHeard(200.0, 203.0, (), "The two-tower model then retrieves a thousand candidates.")
    id = keep(served.store, [replace(started, planned_seconds=120.0), *rest, later, SessionEnded(210.0, "finished")])
    findings = served.store.report(id).findings
    silence = next(n for n, finding in enumerate(findings, start=1) if finding.code == "long_silence")
    assert findings[silence - 1].stage is None
    assert not any(finding.utterances for finding in findings if finding.code == "missed_stage")
    tab.open(f"{served.url}/sessions/{id}")
    tab.until("!document.querySelector('#filters').hidden")
    choose(tab, "stage", "modeling")
    assert tab.run(f"document.querySelector('#f{silence}').hidden") is False
    choose(tab, "stage", "problem")
    assert tab.run(f"document.querySelector('#f{silence}').hidden") is True
    choose(tab, "stage", "")
    choose(tab, "code", "missed_stage")
    assert tab.run("document.querySelectorAll('.said[hidden]').length") == 0
    assert tab.run("document.querySelectorAll('.finding[hidden]').length") > 0


def test_of_a_stage_that_was_never_reached_the_transcript_says_so(
    tab: Tab, review: str, violations: Callable[[Tab], list[str]]
) -> None:
    loaded(tab, review)
    unsaid = tab.page.get_by_text("Nothing was said in this stage.")
    assert not unsaid.is_visible()
    choose(tab, "stage", "wrap_up")
    assert tab.run("document.querySelectorAll('.said:not([hidden])').length") == 0
    assert unsaid.is_visible()
    assert violations(tab) == []
    choose(tab, "stage", tab.run("document.querySelector('.said').dataset.stage"))
    assert not unsaid.is_visible()
    choose(tab, "stage", "wrap_up")
    choose(tab, "stage", "")
    assert not unsaid.is_visible()


def test_a_topic_that_was_missed_leads_to_its_finding_whatever_the_filters_hide(tab: Tab, review: str) -> None:
    loaded(tab, review)
    choose(tab, "code", "missed_stage")
    tab.page.get_by_role("link", name="latency", exact=True).click()
    shown = tab.run("document.querySelector('.finding:target').innerText")
    assert "Nothing was said about latency" in shown
    assert tab.run("document.querySelector('[name=code]').value") == ""


def test_topics_and_findings_lead_to_their_evidence(tab: Tab, review: str) -> None:
    loaded(tab, review)
    links = tab.run(
        "[...document.querySelectorAll('.topics a[href^=\"#\"], .finding a')].map(a => a.getAttribute('href'))"
    )
    assert links and tab.run(f"{links}.every(link => document.querySelector(link))")


def test_every_export_is_there(api: httpx.Client, tab: Tab, review: str) -> None:
    loaded(tab, review)
    links = tab.run("[...document.querySelectorAll('.export a')].map(a => a.getAttribute('href'))")
    assert len(links) == 11
    assert {api.get(link).status_code for link in links} == {200}


def test_it_is_deleted_after_a_second_look(served: Served, tab: Tab) -> None:
    id = keep(served.store, happened(served.store.new_id()))
    tab.open(f"{served.url}/sessions/{id}")
    tab.until("!document.querySelector('#deletion').hidden")
    assert not tab.run("document.querySelector('#deletion button').checkVisibility()")
    tab.click("#deletion summary")
    assert "no way back" in tab.run("document.querySelector('#deletion').textContent")
    tab.click("#deletion button")
    tab.until("location.pathname === '/sessions'")
    assert id not in {session.id for session in served.store.list_sessions(-1)}


def test_it_can_be_read_without_scripts(api: httpx.Client, review: str) -> None:
    page = api.get(review, headers={"accept": "text/html"}).text
    assert "three hundred million users" in page and "onclick" not in page and " style=" not in page


def test_text_cannot_become_markup(served: Served, tab: Tab) -> None:
    events = happened(served.store.new_id())
    events.insert(4, WordsHeard(14.0, 15.0, (), "<img src=x onerror=alert(1)> <b>bold</b> </script>"))
    tab.open(f"{served.url}/sessions/{keep(served.store, events)}")
    assert tab.run("document.querySelectorAll('main img, main .text b').length") == 0
    assert "<b>bold</b>" in tab.run("document.querySelector('.transcript').textContent")


def test_an_earlier_attempt_is_compared_with(served: Served, tab: Tab, violations: Callable[[Tab], list[str]]) -> None:
    events = happened("20200101-000000-0001")
    # The first time nothing was said about data, and a model came out of nowhere.
    first = keep(served.store, [event for event in events if "label" not in getattr(event, "text", "")])
    second = keep(served.store, happened("20200102-000000-0002"))
    then, now = served.store.report(first), served.store.report(second)
    tab.scripts(on=False)
    tab.size(320, 700)
    tab.open(f"{served.url}/sessions/{second}")
    tab.scripts(on=True)
    text = tab.run("document.querySelector('.compared').innerText")
    assert f"Score {then.score.total:.0f} then, {now.score.total:.0f} now" in text
    assert "since the last attempt" in tab.run("document.querySelector('.score').textContent")
    assert tab.run("document.querySelector('.compared a').getAttribute('href')") == f"/sessions/{first}"
    rows = tab.run("[...document.querySelectorAll('.compared tbody tr')].map(r => r.innerText.split('\\t'))")
    data = next(stage for stage in now.stages if stage.stage == "data")
    assert [row[0].strip() for row in rows] == [
        "Problem",
        "High-level design",
        "Data",
        "Modeling",
        "Production",
        "Wrap-up",
    ]
    assert rows[2][1].startswith("0:00 (-") and rows[2][2].startswith(clock(data.actual_seconds))
    kinds = [{(f.code, f.stage, f.topic) for f in report.findings} for report in (then, now)]
    gone = [f.message for f in then.findings if (f.code, f.stage, f.topic) in kinds[0] - kinds[1]]
    new = [f.message for f in now.findings if (f.code, f.stage, f.topic) in kinds[1] - kinds[0]]
    shown = "[...document.querySelectorAll('.compared h3')].map(e => e.textContent)"
    assert tab.run(shown)[:2] == [f"Gone: {len(gone) or 'nothing'}", f"New: {len(new) or 'nothing'}"]
    assert gone and all(message in text for message in (*gone, *new))
    assert tab.run(
        "[...document.querySelectorAll('.compared li a')].every(a => document.querySelector(a.getAttribute('href')))"
    )
    assert fits(tab)
    assert violations(tab) == []
    for id in (first, second):
        served.store.delete(id)


def test_what_was_broken_off_says_so_and_where(served: Served, tab: Tab) -> None:
    events = [*happened(served.store.new_id(), ended=False), SessionEnded(60.0, "recovered")]
    whole, broken = keep(served.store, happened("20200103-000000-0001")), keep(served.store, events)
    tab.open(f"{served.url}/sessions/{broken}")
    assert "broken off at 1:00 of 45:00 planned" in tab.run("document.querySelector('header').innerText")
    assert "does not count as missed" in tab.run("document.querySelector('[aria-labelledby=notes]').innerText")
    assert not tab.run("!!document.querySelector('.compared')")
    tab.open(f"{served.url}/sessions")
    row = f"document.querySelector('tr:has(a[href=\"/sessions/{broken}\"])').innerText"
    assert "broken off" in tab.run(row)
    for id in (whole, broken):
        served.store.delete(id)


def test_an_hour_of_talk_is_a_light_page(served: Served, api: httpx.Client, tab: Tab) -> None:
    """9,000 words with a time each: no element a word, and what is not on the screen is laid out once the page can be used."""
    started, words = happened(served.store.new_id())[0], 9000
    assert isinstance(started, SessionStarted)
    said = [word for text, _ in SAID for word in text.split()]
    heard = []
    for first in range(0, words, len(said)):
        timed = tuple(Word(3 + 0.38 * (first + n), 3.3 + 0.38 * (first + n), word, 0.9) for n, word in enumerate(said))
        heard.append(WordsHeard(timed[0].start, timed[-1].end, timed, " ".join(said)))
    id = keep(served.store, [started, AudioStarted(0.0), *heard, SessionEnded(3500.0, "finished")])
    api.get(f"/sessions/{id}")
    tab.open(f"{served.url}/sessions/{id}")
    elements, size = tab.run("[document.querySelectorAll('*').length, document.documentElement.outerHTML.length]")
    assert elements < 10_000 and size < 1_500_000
    tab.until("document.querySelectorAll('.said:not(.laid-out)').length === 0")
    tab.run("document.querySelector('.said').classList.remove('laid-out')")
    assert tab.run("getComputedStyle(document.querySelector('.said')).contentVisibility") == "auto"
    served.store.delete(id)
