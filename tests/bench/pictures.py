"""Takes the pictures in docs and docs/pages again, light and dark, in a real Chromium.

    python tests/bench/pictures.py [NAME ...]

NAME: pictures to take, such as `review`; all by default. A server is filled with bundled talks as sessions of the last
weeks, with a session on the bundled recording, heard by the model `base` as fast as it can be, and with uploads; for the
live page the recording is played into the browser's microphone for a minute. Look at what comes out.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.events import Event, InterviewerSpoke, SessionEnded, SessionStarted, WordsHeard
from assistant.practice import load_recogniser
from assistant.runner import SessionRunner
from assistant.session_setup import SessionSetup
from assistant.sources import FileSource
from assistant.store import Store
from speech.decode import decode
from speech.frames import SAMPLE_RATE
from tests.bench.live import ROOT, Screen
from tests.pages.chromium import Chromium, Tab
from tests.server.conftest import keep, start, stop, wav

FOLDER = ROOT / "docs" / "pages"
ANSWER = ROOT / "demo" / "answer.opus"
_TALKS = {
    "card-fraud-rambling": "card-fraud",
    "job-matching-blended": "job-matching",
    "feed-brisk": "feed",
    "eta-prediction-rides-hesitant": "eta",
}
"""Talks and their problems, oldest first."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the pictures are taken of. address: the server's. session: the one on the recording."""

    address: str
    session: str
    api: httpx.Client


def practised(store: Store) -> None:
    """A session a week, the last of them broken off by a crash."""
    for number, (name, problem) in enumerate(_TALKS.items()):
        talk = json.loads((ROOT / "analysis" / "training" / "spoken" / f"{name}.json").read_text())
        begun = datetime.now().astimezone() - timedelta(weeks=len(_TALKS) - number)
        said = talk["utterances"]
        end, planned = said[-1]["end"], 60.0 * round(said[-1]["end"] / 60)
        broken = number == len(_TALKS) - 1
        id = f"{begun:%Y%m%d-%H%M%S}-00000000000000{number:02d}"
        events: list[Event] = [
            SessionStarted(0.0, id, problem, "six-stage", "senior", planned, begun.isoformat(timespec="seconds"), "mic")
        ]
        for one in said:
            if broken and one["end"] > end / 2:
                break
            if one["speaker"] == "interviewer":
                events.append(InterviewerSpoke(one["start"], one["end"], one["text"], "prompt"))
            else:
                events.append(WordsHeard(one["start"], one["end"], (), one["text"]))
        events.append(SessionEnded(end / 2, "recovered") if broken else SessionEnded(end, "finished"))
        keep(store, events)
        store.report(id)


def heard(store: Store) -> str:
    """A session on the bundled recording; its id."""
    recogniser = load_recogniser("feed", "base")
    setup = SessionSetup("feed", "six-stage", "senior", 300.0, mute=True)
    runner = SessionRunner(store, setup, FileSource(ANSWER, fast=True), recogniser, (), Screen())
    runner.run()
    recogniser.close()
    store.compress(runner.id)
    return runner.id


def uploaded(api: httpx.Client, sound: bytes, name: str = "talk.wav") -> str:
    """The path of the analysis of an upload's page."""
    answer = api.post("/api/v1/analyses", files={"file": (name, sound)}, data={"problem": "feed"}, timeout=300)
    return f"/analyses/{answer.json()['id']}"


def report(tab: Tab, site: Site) -> None:
    """The report in one file, which needs no server."""
    text = site.api.get(f"/api/v1/sessions/{site.session}/report", params={"format": "html"}).text
    with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False) as file:
        file.write(text)
    tab.open(Path(file.name).as_uri())
    Path(file.name).unlink()


def opened(path: str) -> Callable[[Tab, Site], None]:
    """Only goes to a page."""
    return lambda tab, site: tab.open(site.address + path)


def review(tab: Tab, site: Site) -> None:
    """While it is heard."""
    tab.open(f"{site.address}/sessions/{site.session}")
    tab.until("document.querySelector('audio').readyState > 0 && !document.querySelector('#filters').hidden")
    tab.run("document.querySelector('audio').currentTime = 100")
    tab.until("document.querySelector('.cursor').hidden === false")


def transcript(tab: Tab, site: Site) -> None:
    """Transcript and findings side by side, a word marked."""
    review(tab, site)
    tab.run("document.querySelector('.columns').scrollIntoView()")


def practice(tab: Tab, site: Site) -> None:
    """A minute after the session began."""
    tab.open(f"{site.address}/practice?problem=feed&framework=six-stage&level=senior&minutes=5")
    tab.click("#begin")
    tab.until("document.querySelector('#elapsed').textContent >= '1:00'", 120)
    tab.run("document.querySelector('#note').focus()")
    tab.press(*"50 M users a day", "Enter")
    tab.until("!!document.querySelector('#kept li')")
    tab.run("scrollTo(0, 0)")


def running(tab: Tab, site: Site) -> None:
    """An analysis that has begun; it is cancelled when the page is left."""
    long = np.resize(decode(ANSWER).samples, 1800 * SAMPLE_RATE)
    tab.open(site.address + uploaded(site.api, wav(long)))
    tab.until("document.querySelector('#analysis')?.value > 0.01", 300)


def failed(tab: Tab, site: Site) -> None:
    """A recording in which nobody speaks."""
    tab.open(site.address + uploaded(site.api, wav(np.zeros(90 * SAMPLE_RATE, np.float32))))
    tab.until("!!document.querySelector('.alert')", 120)


SHOTS: Mapping[str, tuple[Callable[[Tab, Site], None], int]] = {
    "report": (report, 1330),
    "home": (opened("/"), 800),
    "problems": (opened("/problems"), 800),
    "problem": (opened("/problems/feed"), 800),
    "begin": (opened("/practice?problem=feed&framework=six-stage&level=senior&minutes=45"), 900),
    "practice": (practice, 900),
    "sessions": (opened("/sessions"), 600),
    "review": (review, 1000),
    "transcript": (transcript, 900),
    "progress": (opened("/progress"), 1000),
    "analysis-failed": (failed, 450),
    "analyses": (opened("/analyses"), 650),
    "analysis-running": (running, 450),
    "error": (opened("/problems/nothing"), 450),
}
"""How each is come to, and the height of the window in CSS pixels."""

_BROAD = ("begin", "practice", "review", "transcript")


def take(chromium: Chromium, site: Site, names: list[str]) -> Iterator[Path]:
    """Each picture in both colours."""
    for name in names:
        come, height = SHOTS[name]
        tab = chromium.tab()
        tab.size(1200 if name in _BROAD else 1000, height)
        come(tab, site)
        for scheme in ("light",) if name == "report" else ("light", "dark"):
            tab.colours(scheme)
            time.sleep(0.5)
            path = FOLDER.parent / "report.png" if name == "report" else FOLDER / f"{name}-{scheme}.png"
            tab.page.screenshot(path=path)
            yield path
        for button in ("#cancel:not([hidden])", "#end:not([hidden])"):
            if tab.page.locator(button).count():
                tab.click(button)
                tab.page.wait_for_timeout(1000)
        tab.close()


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = Store(folder)
        practised(store)
        session = heard(store)
        spoken = folder / "answer.wav"
        spoken.write_bytes(wav(decode(ANSWER).samples))
        served, chromium = start(folder, arguments=("--model", "base")), Chromium(spoken)
        with httpx.Client(base_url=served.url) as api:
            talk = (ROOT / "analysis" / "training" / "spoken" / "feed-brisk.json").read_bytes()
            uploaded(api, talk, "talk.json")
            for path in take(chromium, Site(served.url, session, api), names):
                print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} KB", flush=True)
        chromium.close()
        stop(served)


if __name__ == "__main__":
    main(sys.argv[1:] or list(SHOTS))
