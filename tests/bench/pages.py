"""How heavy and how quick the pages are, in a real Chromium without a window.

    python tests/bench/pages.py [--times 5] [--minutes 60] [--words 9000]

First page: bytes over the wire with all it loads, and how long after `viva serve` answers it can be used; each time by a
server that was started anew. Review: a session of so many minutes and words, with a recording; how long after its
address was asked for it is drawn, its scripts have run and its sound can be played, the first time and again. Then for ten
seconds each, while it is scrolled through and while it follows the sound: the share of frames that took longer than
33 ms, the worst frame, and tasks that kept the page busy for more than 50 ms. The machine's load is printed: other work on
the same cores makes everything slower.
"""

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.events import AudioStarted, Event, InterviewerSpoke, SessionEnded, SessionStarted, WordsHeard
from assistant.store import Store
from speech.decode import decode
from speech.frames import SAMPLE_RATE, pcm16_bytes
from speech.transcript import Word
from tests.bench.live import ROOT, load
from tests.pages.chromium import Chromium, Tab
from tests.server.conftest import keep, start, stop

_LINE_WORDS = 20
_WATCHED_SECONDS = 10
_DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_BYTES = "performance.getEntries().reduce((sum, one) => sum + (one.transferSize ?? 0), 0)"
_USABLE = "!document.querySelector('#filters').hidden && document.querySelector('audio').readyState > 0"
_WATCH = """
(() => {
  const seen = window.seen = {frames: [], tasks: [], until: Infinity};
  new PerformanceObserver(list => seen.tasks.push(...list.getEntries().map(one => one.duration))).observe({type: 'longtask'});
  let before = null;
  const frame = now => {
    if (before !== null) seen.frames.push(now - before);
    before = now;
    if (seen.step) scrollBy(0, seen.step);
    if (now < seen.until) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})()
"""


def long_session(store: Store, minutes: float, words: int) -> str:
    """Keep a session with the words of bundled talks, a time for each, and a recording; its id."""
    talks = sorted((ROOT / "analysis" / "training" / "spoken").glob("*.json"))
    text = [w for talk in talks for u in json.loads(talk.read_text())["utterances"] for w in u["text"].split()]
    said, seconds = itertools.islice(itertools.cycle(text), words), minutes * 60
    times = np.linspace(10.0, seconds - 5.0, words + 1)
    timed = [Word(float(a), float(b) - 0.05, w, 0.9) for a, b, w in zip(times, times[1:], said, strict=False)]
    id = store.new_id()
    events: list[Event] = [
        SessionStarted(0.0, id, "feed", "six-stage", "senior", seconds, "2026-01-02T10:00:00+00:00", "mic", "base"),
        AudioStarted(0.0),
        InterviewerSpoke(1.0, 9.0, "Design the home feed of a social network.", "prompt"),
    ]
    for first in range(0, words, _LINE_WORDS):
        line = tuple(timed[first : first + _LINE_WORDS])
        events.append(WordsHeard(line[0].start, line[-1].end, line, " ".join(word.text for word in line)))
    events.append(SessionEnded(seconds, "finished"))
    sound = np.resize(decode(ROOT / "demo" / "answer.opus").samples, round(seconds * SAMPLE_RATE))
    keep(store, events, pcm16_bytes(sound))
    store.report(id)
    store.compress(id)
    return id


def first_page(chromium: Chromium, folder: Path) -> tuple[int, float]:
    """Bytes, and seconds from the server's first word until the page is drawn."""
    served = start(folder)
    try:
        tab = chromium.tab()
        began = time.perf_counter()
        tab.open(f"{served.url}/")
        tab.run(_DRAWN)
        usable = time.perf_counter() - began
        size = tab.run(_BYTES)
        tab.close()
    finally:
        stop(served)
    return size, usable


def opened(tab: Tab, address: str) -> float:
    """Seconds from the request for a review, by a browser that was on another page, until its sound and keys can be used."""
    began = time.perf_counter()
    tab.page.goto(address, wait_until="commit")
    tab.run(
        f"new Promise(done => {{ const look = () => {{ if (document.querySelector('#filters') && {_USABLE}) done(); else setTimeout(look, 5); }}; look(); }})"
    )
    tab.run(_DRAWN)
    return time.perf_counter() - began


def watched(tab: Tab, name: str, begin: str) -> str:
    """What the frames of ten seconds took after a script has begun something."""
    tab.run(_WATCH)
    tab.run(begin)
    time.sleep(_WATCHED_SECONDS)
    tab.run("seen.until = 0; document.querySelector('audio').pause()")
    tab.run(_DRAWN)
    frames, tasks = tab.run("[seen.frames, seen.tasks]")
    slow = sum(frame > 33.4 for frame in frames)
    return (
        f"{name}: {len(frames) / _WATCHED_SECONDS:.0f} frames a second, {slow / len(frames):.1%} above 33 ms, worst "
        f"{max(frames):.0f} ms; {len(tasks)} tasks above 50 ms{f', worst {max(tasks):.0f} ms' if tasks else ''}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5, help="how often each page is opened")
    parser.add_argument("--minutes", type=float, default=60.0, help="of the session that is reviewed")
    parser.add_argument("--words", type=int, default=9000)
    chosen = parser.parse_args()
    chromium = Chromium()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        id = long_session(Store(folder), chosen.minutes, chosen.words)
        print(load())
        pages = [first_page(chromium, folder) for _ in range(chosen.times)]
        seconds = [usable for _, usable in pages]
        print(
            f"first page: {max(size for size, _ in pages) / 1000:.0f} KB, usable after {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s"
        )
        served = start(folder)
        tab = chromium.tab()
        tab.size(1200, 900)
        tab.open(f"{served.url}/problems")
        address = f"{served.url}/sessions/{id}"
        first, *again = [opened(tab, address) for _ in range(chosen.times + 1)]
        size, elements = tab.run(f"[{_BYTES}, document.querySelectorAll('*').length]")
        print(f"review, {chosen.minutes:.0f} minutes, {chosen.words} words: {size / 1000:.0f} KB, {elements} elements")
        print(
            f"  usable after {first:.2f} s the first time, then {statistics.median(again):.2f} s, worst {max(again):.2f} s"
        )
        print(
            watched(tab, "  scrolled through", "document.querySelector('.transcript').scrollIntoView(); seen.step = 30")
        )
        tab.run("document.querySelector('.transcript').scrollIntoView()")
        print(watched(tab, "  following the sound", "document.querySelector('audio').play()"))
        print(load())
        tab.close()
        stop(served)
    chromium.close()


if __name__ == "__main__":
    main()
