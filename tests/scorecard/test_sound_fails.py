"""F4: microphones and sound servers that go away."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.events import AudioGap
from assistant.log import read_log
from speech.frames import SAMPLE_RATE, Int16, to_pcm16
from tests.e2e.virtual_audio import VirtualAudio, heard_by_the_microphone, wait_until
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.practising import Practising, lost, programme, words_of
from tests.speech.conftest import Samples

pytestmark = pytest.mark.fault

_GONE = "Sound that goes away costs a marked gap of its own length: said at once, and recording goes on by itself"
_GONE_SECONDS = 4.0


def message(session: Practising) -> str:
    """What the screen says now."""
    moments = re.findall(r"^\d+\.\d\d (.*)\n", session.shown, re.MULTILINE)
    return moments[-1] if moments else ""


def seconds_until(true: Callable[[], bool], what: str) -> float:
    began = time.monotonic()
    wait_until(true, what, 60)
    return time.monotonic() - began


def test_sound_goes_away(
    claim: Claim, sized: Sized, virtual_audio: VirtualAudio, tmp_path: Path, speak: Callable[[str], Samples]
) -> None:
    row = claim("F4", _GONE)
    faults = [("unplug", "replug"), ("die", "start"), ("freeze", "thaw")] * sized(1, 4)
    said = programme(speak, 15, pause=1.0)
    session = Practising(tmp_path / "data", tmp_path / "given")
    warned, back, played = [], [], []
    try:
        wait_until(lambda: session.folder is not None, "the session to record", 60)
        for fault, repair in [*faults, ("", "")]:
            played.append(time.monotonic())
            with heard_by_the_microphone(said.samples):
                wait_until(lambda: message(session) == "", "sound", 60)
                time.sleep(max(0.0, said.said[0][1] + 1.5 - (time.monotonic() - played[-1])))
                if not fault:
                    break
                getattr(virtual_audio, fault)()
                warned.append(seconds_until(lambda: message(session) != "", f"{fault} to be said"))
                time.sleep(max(0.0, _GONE_SECONDS - warned[-1]))
            repaired = time.monotonic()
            getattr(virtual_audio, repair)()
            with heard_by_the_microphone(said.samples):
                wait_until(lambda: message(session) == "", f"sound after {repair}", 60)
            back.append(time.monotonic() - repaired)
        assert session.end() == 0, session.shown
    finally:
        session.kill()
        virtual_audio.start()
    folder = session.folder or next(session.store.root.glob("sessions/*"))
    recording = session.store.recording(folder.name)
    assert recording is not None
    found = places(to_pcm16(recording.read()), said.samples[8000:8320])
    # The sound that shows that the repair worked may be there, too.
    since = [(place - found[0]) / SAMPLE_RATE for place in found]
    away = [min(abs(place - (at - played[0])) for place in since) for at in played]
    sentence = said.said[0][2]
    row.tried(
        f"{len(faults)} times the microphone unplugged, the sound server killed, the sound server stopped, for 4 s each"
    )
    row.within("time until it was said", max(warned), 3)
    row.within("time until recording went on after the repair", max(back), 8)
    row.at_most("what follows is beside its true time by", max(away), 1, "s")
    row.none("sentences between not written down", lost([sentence] * len(played), words_of(folder)))
    gaps = [event for event in read_log(folder) if isinstance(event, AudioGap)]
    assert len(gaps) >= len(faults) * 2 // 3, "a sound server that is gone leaves a marked gap"
    assert any("Sound was lost" in note for note in session.store.report(folder.name).notes)


def places(recorded: Int16, piece: Int16) -> list[int]:
    """Where in a recording these very samples are, each time the first that is a while after the one before."""
    data, wanted = recorded.tobytes(), piece.tobytes()
    found, at = [], data.find(wanted)
    while at >= 0:
        found.append(at // 2)
        at = data.find(wanted, at + len(wanted))
    return found
