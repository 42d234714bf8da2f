"""A session on the page that hears the microphone of the desk and speaks through its loudspeaker."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from assistant.events import InterviewerSpoke, WordsHeard
from tests.e2e.conftest import virtual_audio as virtual_audio
from tests.e2e.conftest import virtual_audio_server as virtual_audio_server
from tests.e2e.practising import answer, plain
from tests.e2e.virtual_audio import Listener, VirtualAudio
from tests.pages.chromium import Tab
from tests.server.conftest import Served, start, stop
from tests.speech.conftest import LABELS, Samples

pytestmark = pytest.mark.alone


@pytest.fixture
def at_desk(virtual_audio: VirtualAudio, tmp_path: Path) -> Iterator[Served]:
    """A server on a machine with a microphone and a loudspeaker."""
    server = start(tmp_path / "data")
    yield server
    stop(server)


def at_desk_too(server: Served) -> str:
    """The address of the websocket of another session with the desk's microphone."""
    made = httpx.post(f"{server.url}/api/v1/sessions", json={"problem": "feed", "microphone": "desk"}).json()
    return f"ws://127.0.0.1:{server.port}/api/v1/sessions/{made['id']}/live"


def test_the_desk_is_listened_to_and_spoken_to(
    at_desk: Served, tab: Tab, speak: Callable[[str], Samples], violations: Callable[[Tab], list[str]]
) -> None:
    # What the page says meanwhile is that the virtual microphone is digitally silent.
    listening = "document.readyState === 'complete' && document.querySelector('#note')?.disabled === false"
    with Listener("speaker_tap") as listener:
        tab.open(f"{at_desk.url}/practice?problem=feed&minutes=10")
        assert violations(tab) == []
        tab.run("document.querySelector('#microphone').value = 'desk'")
        tab.click("#begin")
        tab.until(listening, 60)
        id = tab.run("location.pathname.split('/').pop()")
        assert "home feed" in tab.until("document.querySelector('#interviewer p:not(.quiet)')?.textContent", 60)
        # Nobody else is let in at the desk meanwhile.
        with pytest.raises(InvalidStatus) as refused:
            connect(at_desk_too(at_desk), origin=None, proxy=None)
        assert refused.value.response.status_code == 503
        # Loaded again in the middle of the prompt: nothing is lost of what the desk hears.
        tab.page.reload()
        tab.until(listening, 60)
        assert tab.run("document.querySelector('#choose') === null")
        (prompt,) = [event for event in at_desk.store.events(id) if isinstance(event, InterviewerSpoke)]
        assert prompt.aloud
        tab.until(f"document.querySelector('#elapsed').textContent.split(':').pop() > {prompt.end + 1}", 60)
        answer(speak(LABELS))
        tab.until("/label/i.test(document.querySelector('#words').textContent)", 60)
        tab.click("#end")
        tab.until(f"location.pathname === '/sessions/{id}' && !!document.querySelector('.transcript')", 90)
        assert listener.hears(), "the prompt was not spoken aloud"
    said = " ".join(event.text for event in at_desk.store.events(id) if isinstance(event, WordsHeard))
    assert plain(LABELS) in plain(said)
    tab.until("document.querySelector('audio').duration > 10")


@pytest.mark.fault
def test_without_a_microphone_the_session_says_so(at_desk: Served, virtual_audio: VirtualAudio) -> None:
    virtual_audio.die()
    with (
        connect(at_desk_too(at_desk), origin=None, proxy=None) as connection,
        pytest.raises(ConnectionClosed) as closed,
    ):
        while True:
            connection.recv(timeout=60)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1011
    assert "No microphone can be used" in closed.value.rcvd.reason


@pytest.mark.fault
def test_without_a_microphone_the_page_says_what_to_do_and_the_other_one_can_be_chosen(
    at_desk: Served, virtual_audio: VirtualAudio, tab: Tab, violations: Callable[[Tab], list[str]]
) -> None:
    virtual_audio.die()
    tab.open(f"{at_desk.url}/practice?problem=feed&framework=five-step&level=mid&minutes=10")
    assert not tab.page.locator("#anew").is_visible()
    tab.run("document.querySelector('#microphone').value = 'desk'")
    tab.run("document.querySelector('#strictness').value = 'silent'")
    tab.click("#nudges")
    tab.click("#begin")
    said = tab.until("document.querySelector('#status.alert')?.textContent", 60)
    assert said.startswith("No microphone can be used: ")
    assert "take a browser's" in said
    assert violations(tab) == []
    tab.page.get_by_role("link", name="Begin anew").click()
    tab.until(
        "document.querySelector('#microphone')?.checkVisibility() && document.querySelector('#begin').checkVisibility()"
    )
    terms = tab.run("(({problem, framework, level, minutes}) => [problem, framework, level, minutes])(document.querySelector('#live').dataset)")  # fmt: skip
    assert terms == ["feed", "five-step", "mid", "10"]
    assert tab.run("[document.querySelector('#strictness').value, document.querySelector('#nudges').checked]") == [
        "silent",
        False,
    ]
