"""Words, notes and problem files that are really commands to a browser, a terminal or a parser."""

import json
import random
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from analysis.render import FORMATS
from assistant.events import InterviewerSpoke, SessionEnded, WordsHeard
from prompts.problem_check import check_problem
from prompts.problems import load_bank, read_problem
from prompts.reader import BrokenFile, read_toml
from speech.transcript import Word
from tests.assistant.viva import viva
from tests.pages.chromium import Chromium
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.mutants import CORPUS, problem_file, problem_files
from tests.server.conftest import Served, happened, keep

pytestmark = pytest.mark.hostile

ROOT = Path(__file__).parents[2]
CLAIM = "What is said, written or named commands neither browser, terminal nor parser"
WORDS = (
    "<script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", "</style></title><svg onload=window.pwned=1>",
    "javascript:window.pwned=1", "\" autofocus onfocus='window.pwned=1' x=\"", "{{ 7*7 }}{% raw %}${7*7}", "<!--", "]]>",
    "\x1b[2J\x1b]0;pwned\x07\x9b31m\x1b]8;;http://evil.example\x07link", "\x1b]52;c;cm0gLXJmIH4=\x07", "\r\x08\x08 overwritten",
    "\u202egnp.exe\u202c \u2066isolated\u2069 \u200f", "[click](javascript:window.pwned=1) ![x](http://evil.example/x.png)", "| a | b |\n# heading",
    "1\n00:00:01,000 --> 00:00:02,000\nnot said", "WEBVTT\n\nNOTE", "=cmd|' /C calc'!A0", "w" * 100_000, "a\u0301" * 3000, "\U0001f469\u200d\U0001f4bb" * 500,
    "\ufeff\u0000\uffff", "%s %n {0} {stage}", "../../etc/passwd", "http://evil.example/?q=" + "x" * 500,
)  # fmt: skip
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Tags(HTMLParser):
    """The tags and attributes of a page that could act."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.acting: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "base", "form", "img", "link"):
            self.acting.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (name in ("href", "src") and not (value or "").startswith(("#", "/"))):
                self.acting.append(f"{tag} {name}={value}")


@pytest.fixture
def spoken(served: Served) -> str:
    """The id of a session in which all of that was said, by both."""
    events = happened(served.store.new_id(), ended=False)
    for number, words in enumerate(WORDS):
        at = 70.0 + 10 * number
        events.append(InterviewerSpoke(at - 2, at - 1, words, "answer"))
        timed = tuple(Word(at + 0.1 * n, at + 0.1 * n + 0.05, word, 0.9) for n, word in enumerate(words.split()[:50]))
        events.append(WordsHeard(at, at + 6, timed, words))
    events.append(SessionEnded(70.0 + 10 * len(WORDS), "finished"))
    return keep(served.store, events)


def test_words_in_every_rendering(claim: Claim, served: Served, api: httpx.Client, spoken: str) -> None:
    row = claim("B10", CLAIM)
    where = f"/api/v1/sessions/{spoken}"
    unsafe: list[tuple[str, str, str]] = []
    acting: list[str] = []
    for words in WORDS[:8]:
        api.post(f"{where}/corrections/notes", json={"at": 70.0, "text": words}).raise_for_status()
    for format in FORMATS:
        answer = api.get(f"{where}/report", params={"format": format})
        assert answer.status_code == 200, answer.text[:300]
        if format == "json":
            assert json.loads(answer.content)["utterances"]
        elif found := UNSAFE.search(answer.text):
            unsafe.append((format, found[0], answer.text[max(0, found.start() - 40) : found.end()]))
        if format == "html":
            acting += Tags(answer.text).acting
            assert "default-src 'none'" in answer.headers["content-security-policy"]
    shown = [
        viva("sessions", spoken, VIVA_DATA_DIR=str(served.store.root)),
        viva("sessions", VIVA_DATA_DIR=str(served.store.root)),
        viva("sessions", spoken, "--format", "markdown", VIVA_DATA_DIR=str(served.store.root)),
    ]
    for done in shown:
        assert done.returncode == 0, done.stderr
        unsafe += [("terminal", found[0], "") for found in UNSAFE.finditer(done.stdout)]
    row.tried(
        f"{len(WORDS)} kinds of markup, escape sequences, changes of direction and endless words, in {len(FORMATS)} formats and on the terminal"
    )
    row.none("characters that could act on a terminal", unsafe)
    row.none("tags and attributes that could act in a page", acting)


def test_words_in_a_real_browser(
    claim: Claim, served: Served, api: httpx.Client, spoken: str, chromium: Chromium
) -> None:
    row = claim("B10", CLAIM)
    api.post(f"/api/v1/sessions/{spoken}/corrections/notes", json={"at": 70.0, "text": WORDS[1]}).raise_for_status()
    utterances = [{"start": 9 * n, "end": 9 * n + 5, "text": words} for n, words in enumerate(WORDS)]
    analysis = api.post("/api/v1/analyses", json={"utterances": utterances}).json()["id"]
    tab = chromium.tab()
    done, errors = [], []
    places = (
        "/",
        f"/sessions/{spoken}",
        f"/analyses/{analysis}",
        f"/api/v1/sessions/{spoken}/report?format=html",
        "/progress",
    )
    for place in places:
        tab.open(f"http://127.0.0.1:{served.port}{place}")
        tab.run("new Promise(done => setTimeout(done, 300))")
        if tab.run("window.pwned") is not None or tab.run(
            "document.querySelectorAll('[onload],[onerror],[onfocus]').length"
        ):
            done.append(place)
    errors = [error for error in tab.errors if "evil.example" in error]
    tab.close()
    row.tried(f"the same words on {len(places)} pages in Chromium")
    row.none("pages in which they did anything", done)
    row.none("requests to elsewhere that the policy had to stop", errors)


TRANSCRIPTS = {
    "deep.json": b'{"utterances":' + b"[" * 200_000,
    "endless.txt": b"w" * 1_000_000,
    "numbers.json": b'{"utterances":[{"start":0,"end":' + b"9" * 10_000 + b',"text":"x"}]}',
    "many.srt": b"".join(b"%d\n00:00:01,000 --> 00:00:02,000\nword\n\n" % n for n in range(1, 2000)),
    "stamps.txt": b"[00:00:00.000 --> " * 2000,
    "spaces.vtt": b"WEBVTT\n\n" + b" \t" * 200_000,
    "times.vtt": b"WEBVTT\n\n99999999:59:59.999 --> 00:00:00.000\nword\n",
    "utf16.srt": "1\n00:00:01,000 --> 00:00:02,000\nword\n".encode("utf-16"),
    "voices.vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"<v interviewer" * 3000,
    "nul.txt": b"who\0 are the users",
    "terminal.txt": b"\x1b[2Jwho are the users",
    "bidi.txt": "\u202eWho are the users?\u202c The label is a click.".encode(),
}  # fmt: skip


def test_transcripts(claim: Claim, api: httpx.Client) -> None:
    row = claim("B10", CLAIM)
    beyond, slowest = [], 0.0
    corpus = {path.name: path.read_bytes() for path in sorted((CORPUS / "transcripts").iterdir())}
    for name, content in [*TRANSCRIPTS.items(), *corpus.items()]:
        answer = api.post("/api/v1/analyses", files={"file": (name, content)})
        slowest = max(slowest, answer.elapsed.total_seconds())
        if answer.status_code >= 500:
            beyond.append((name, answer.text[:200]))
    done = viva("analyze", CORPUS / "transcripts" / "terminal.srt")
    assert UNSAFE.search(done.stdout + done.stderr) is None
    row.tried(f"{len(TRANSCRIPTS) + len(corpus)} hostile transcripts: {', '.join([*TRANSCRIPTS, *corpus])}")
    row.none("of the transcripts answered 5xx", beyond)
    row.within("slowest of the transcripts", slowest, 10)


FEED = (ROOT / "prompts" / "problems" / "feed.toml").read_text(encoding="utf-8")
PROBLEMS = {
    "nested lists": FEED + "\nx = " + "[" * 90_000,
    "nested tables": FEED + "\nx = " + "{a=" * 1000,
    "a key of 50,000 parts": FEED + "\n" + ".".join(["a"] * 50_000) + " = 1",
    "a number of 5,000 digits": FEED + "\nx = " + "9" * 3500 + "\ny = " + "9" * 3500,
    "10 MB of text": FEED.replace('title = "', 'title = "' + "x" * 10_000_000, 1),
    "60 MB of comment": FEED + "\n# " + "a" * 60_000_000,
    "a terminal's commands": FEED.replace('title = "', 'title = "\\u001b]0;x\\u0007', 1),
    "a change of direction": FEED.replace('title = "', 'title = "\\u202e', 1),
    "nothing in a text": FEED.replace('title = "', 'title = "\\u0000', 1),
    "100,000 keys": FEED + "\n" + "\n".join(f"k{n} = 1" for n in range(100_000)),
    "YAML": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "Python": "!!python/object/apply:os.system ['true']\n",
}


def test_problem_files(claim: Claim, tmp_path: Path) -> None:
    row = claim("B10", CLAIM)
    taken = []
    for name, content in PROBLEMS.items():
        (tmp_path / "feed.toml").write_text(content, encoding="utf-8")
        try:
            load_bank(tmp_path)
            taken.append(name)
        except BrokenFile as error:
            assert UNSAFE.search(str(error)) is None and "\n" not in str(error)
    row.tried(f"{len(PROBLEMS)} problem files: {', '.join(PROBLEMS)}")
    row.none("of the problem files taken", taken)


def test_mutated_problem_files(claim: Claim, sized: Sized, tmp_path: Path) -> None:
    """Each is read, or refused by a sentence with the file and the place in it, and checking it says the same."""
    row = claim("B10", CLAIM)
    count, file = sized(500, 20_000), tmp_path / "bakery-queue.toml"
    read, slowest = 0, 0.0
    nameless, acting, differing = [], [], []
    for number in range(count):
        dice = random.Random(number)
        file.write_bytes(problem_files()[number] if number < len(problem_files()) else problem_file(dice))
        began = time.perf_counter()
        checked = check_problem(file)
        try:
            read_problem(read_toml(file))
            read += 1
            refusals = []
        except BrokenFile as error:
            refusals = [str(error)]
            # What is nested or long beyond the parser's means has no place that it could tell.
            placed = error.line or error.key or "nested too deeply" in refusals[0]
            if str(file) not in refusals[0] or not placed:
                nameless.append((number, refusals[0]))
        slowest = max(slowest, time.perf_counter() - began)
        acting += [
            (number, told)
            for told in (*refusals, *checked.mistakes, *checked.advice)
            if UNSAFE.search(told) or "\n" in told
        ]
        # The check also minds what the problem is called.
        if refusals and not checked.mistakes:
            differing.append((number, refusals))
    row.tried(f"{count} mutants of {len(problem_files())} problem files, {read} of which could be read")
    row.none("refusals that name neither line nor key", nameless)
    row.none("sentences about them that could act on a terminal", acting)
    row.none("refused files that the check finds nothing wrong with", differing)
    row.within("slowest of the mutated problem files", slowest, 1)
    assert count / 20 < read < count / 2
