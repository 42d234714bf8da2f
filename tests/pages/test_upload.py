"""A recording or transcript of one's own, from the file to its review."""

from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.pages.chromium import Tab
from tests.pages.conftest import fits
from tests.server.conftest import Served, problem, wav

TRANSCRIPT = """Interviewer: Design the home feed of a social network.
Who are the users, and what does success mean for the business?
I would train a two-tower model on clicks.
"""


def send(tab: Tab, served: Served, file: Path) -> None:
    tab.open(f"{served.url}/analyses")
    tab.page.set_input_files("#file", file)
    tab.run("document.querySelector('#problem').value = 'feed'")
    tab.click("#upload button")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_is_accessible_and_fits(
    served: Served, tab: Tab, violations: Callable[[Tab], list[str]], scheme: str
) -> None:
    tab.colours(scheme)
    tab.size(320, 640)
    tab.open(f"{served.url}/analyses")
    assert fits(tab)
    assert violations(tab) == []


def test_a_transcript_is_reviewed_like_a_session(served: Served, api: httpx.Client, tab: Tab, tmp_path: Path) -> None:
    file = tmp_path / "talk.txt"
    file.write_text(TRANSCRIPT)
    send(tab, served, file)
    tab.until("location.pathname.startsWith('/analyses/') && !!document.querySelector('.transcript')")
    assert "two-tower model" in tab.run("document.querySelector('.transcript').textContent")
    assert tab.run("document.querySelector('h1').textContent") == "Home feed of a social network"
    assert "There is no recording" in tab.run("document.querySelector('.player').textContent")
    tab.until("!document.querySelector('#filters').hidden")
    tab.press("j")
    assert tab.run("document.activeElement.id") == "f1"
    assert (
        tab.run("Promise.all([...document.querySelectorAll('.export a')].map(a => fetch(a.href).then(r => r.status)))")
        == [200] * 9
    )
    address = tab.run("location.pathname")
    problem(api.get(f"/api/v1{address}/report", params={"format": "html", "audio": "true"}), 404)
    problem(api.get(f"/api/v1{address}/report", params={"format": "text", "audio": "true"}), 422)


def test_a_recording_shows_how_far_it_is_until_the_review_is_there(
    served: Served, tab: Tab, clip: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "talk.wav"
    file.write_bytes(clip)
    send(tab, served, file)
    tab.until("!!document.querySelector('.transcript .text')", 120)
    assert "movies" in tab.run("document.querySelector('.transcript').textContent")


def test_its_words_can_be_heard_and_it_is_found_again(
    served: Served,
    api: httpx.Client,
    tab: Tab,
    clip: bytes,
    tmp_path: Path,
    violations: Callable[[Tab], list[str]],
) -> None:
    file = tmp_path / "talk.wav"
    file.write_bytes(clip)
    send(tab, served, file)
    tab.until("document.querySelector('audio')?.readyState > 0", 120)
    id = tab.run("location.pathname.split('/').pop()")
    assert tab.run("document.querySelector('audio').duration") == pytest.approx((len(clip) - 44) / 32_000, abs=0.1)
    tab.page.locator(".text").first.click()
    tab.until("!document.querySelector('audio').paused")
    assert api.get(f"/analyses/{id}/waveform.svg").headers["content-type"].startswith("image/svg+xml")
    assert (
        tab.run("Promise.all([...document.querySelectorAll('.export a')].map(a => fetch(a.href).then(r => r.status)))")
        == [200] * 11
    )
    carried = api.get(f"/api/v1/analyses/{id}/report", params={"format": "html", "audio": "true"})
    assert (
        'src="data:audio/ogg;base64,' in carried.text
        and "media-src data:" in carried.headers["content-security-policy"]
    )
    tab.size(320, 640)
    tab.open(f"{served.url}/analyses")
    assert fits(tab) and violations(tab) == []
    tab.click(f".sessions a[href='/analyses/{id}']")
    tab.until("!!document.querySelector('.transcript')")
    tab.click("#deletion summary")
    tab.click("#deletion button")
    tab.until("location.pathname === '/analyses'")
    problem(api.get(f"/api/v1/analyses/{id}"), 404)
    assert not served.store.analyses.sound_folder(id).exists()
    problem(api.get(f"/analyses/{id}/sound.wav"), 404)


def test_what_cannot_be_analyzed_is_said(served: Served, tab: Tab, tmp_path: Path) -> None:
    file = tmp_path / "talk.wav"
    file.write_bytes(b"nothing that sounds")
    send(tab, served, file)
    assert tab.until("document.querySelector('#status.alert')?.textContent").endswith(".")
    assert tab.run("location.pathname") == "/analyses"
    assert not tab.run("document.querySelector('#upload button').disabled")
    tab.errors[:] = [error for error in tab.errors if "422" not in error and "415" not in error]


def test_an_analysis_can_be_cancelled(
    served: Served,
    api: httpx.Client,
    tab: Tab,
    clip: bytes,
    tmp_path: Path,
    violations: Callable[[Tab], list[str]],
) -> None:
    file = tmp_path / "talk.wav"
    file.write_bytes(wav(np.tile(np.frombuffer(clip[44:], np.int16).astype(np.float32) / 32768, 60)))
    send(tab, served, file)
    tab.until("!!document.querySelector('#cancel:not([hidden])')")
    where = tab.run("document.querySelector('#analysis').dataset.address")
    tab.size(320, 640)
    assert fits(tab) and violations(tab) == []
    tab.click("#cancel")
    tab.until("location.pathname === '/analyses'")
    problem(api.get(where), 404)
