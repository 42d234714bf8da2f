"""A whole practice session on virtual devices: the interviewer really speaks, the candidate is really recorded."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import jiwer
import pytest

from assistant.events import InterviewerInterrupted, InterviewerSpoke
from assistant.store import Store
from tests.e2e.practising import (
    PRACTISING,
    ROOT,
    Practising,
    answer,
    check_a_session,
    loudspeaker_heard_by_the_microphone,
    plain,
)
from tests.e2e.virtual_audio import Listener, VirtualAudio, wait_until
from tests.speech.conftest import BASELINE, LABELS, Samples
from tests.speech.conftest import speak as speak


def test_a_session_with_headphones(practise: Callable[[str], Practising], speak: Callable[[str], Samples]) -> None:
    with Listener("speaker_tap") as listener:
        meanwhile = check_a_session(practise("feed"), speak)
        assert listener.hears(), "the prompt was not spoken aloud"
    assert not meanwhile.any()


@pytest.mark.parametrize("loudspeaker", [False, True], ids=["headphones", "loudspeaker"])
def test_who_talks_over_the_prompt_is_let_talk_and_written_down(
    practise: Callable[[str], Practising], speak: Callable[[str], Samples], loudspeaker: bool
) -> None:
    room = loudspeaker_heard_by_the_microphone() if loudspeaker else nullcontext()
    with room, Listener("mic" if loudspeaker else "speaker_tap") as listener:
        session = practise("feed")
        wait_until(lambda: any(isinstance(event, InterviewerSpoke) for event in session.events), "the prompt")
        (prompt,) = [event for event in session.events if isinstance(event, InterviewerSpoke)]
        wait_until(lambda: session.elapsed > prompt.at + 3, "some of the prompt", 60)
        answer(speak(f"{LABELS} {BASELINE}"))
        silence = len(listener.frames)
        wait_until(lambda: "popularity" in session.said, "the answer to be written down", 60)
        session.interrupt()
    assert not listener.hears(after=silence)
    (broken_off,) = [event for event in session.events if isinstance(event, InterviewerInterrupted)]
    assert broken_off.line_at == prompt.at
    assert 3 < broken_off.heard_seconds < prompt.end - prompt.at - 3
    assert prompt.text.startswith(broken_off.text) and len(broken_off.text) > 20
    assert jiwer.wer(plain(f"{LABELS} {BASELINE}"), session.said) < 0.2
    (summary,) = session.store.list_sessions()
    first, *answers = session.store.report(summary.id).utterances
    assert first.text == f"{broken_off.text} …"
    assert first.end == pytest.approx(broken_off.at)
    assert answers[0].start < prompt.end


@pytest.mark.fault
def test_what_is_read_of_the_prompt_where_its_echo_is_not_taken_out_is_nobodys_answer(
    practise: Callable[..., Practising],
) -> None:
    deaf = "from assistant.interviewer import Interviewer\nInterviewer.sounds_in = lambda self, frame: False\n"
    with loudspeaker_heard_by_the_microphone():
        session = practise("feed", fault=deaf)
        wait_until(lambda: any(isinstance(event, InterviewerSpoke) for event in session.events), "the prompt")
        (prompt,) = [event for event in session.events if isinstance(event, InterviewerSpoke)]
        wait_until(lambda: session.elapsed > prompt.end + 1, "the prompt's end", 60)
        session.interrupt()
    assert len(session.said.split()) < len(prompt.text.split()) / 3


@pytest.mark.fault
def test_without_a_microphone_asking_for_one_is_one_line(virtual_audio: VirtualAudio, tmp_path: Path) -> None:
    virtual_audio.die()
    asking = PRACTISING.replace('voice="pyttsx3"', 'input="mic", model="tiny.en"')
    child = subprocess.run(
        [sys.executable, "-c", asking, str(tmp_path), "", "10"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert "NoMicrophone: No microphone can be used" in child.stderr
    assert Store(tmp_path).count() == 0
