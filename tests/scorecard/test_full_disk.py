"""F3: no room left, at any moment."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.recovery import recover
from assistant.store import Store
from speech.frames import SAMPLE_RATE, to_pcm16
from speech.transcriber import Transcriber
from tests.assistant.conftest import tiny as tiny
from tests.assistant.viva import VIVA
from tests.e2e.virtual_audio import VirtualAudio, heard_by_the_microphone, wait_until
from tests.scorecard.conftest import Claim
from tests.scorecard.practising import Practising, lost, missing, programme, words_of
from tests.scorecard.small_disk import small_disk
from tests.speech.conftest import Samples

pytestmark = pytest.mark.fault

_FULL_SECONDS = 3.0


def test_a_disk_that_fills_up(
    claim: Claim,
    virtual_audio: VirtualAudio,
    tmp_path: Path,
    speak: Callable[[str], Samples],
    tiny: Transcriber,
) -> None:
    row = claim("F3", "A full disk ends no session: all before is kept, and recording goes on when there is room")
    said = programme(speak, 45)
    data = tmp_path / "data"
    data.mkdir()
    with small_disk(data, 210) as disk:
        session = Practising(data, tmp_path / "given", disk.prefix, disk.seen)
        try:
            with heard_by_the_microphone(said.samples):
                wait_until(lambda: session.folder is not None, "the session to record", 60)
                time.sleep(3)
                disk.fill()
                wait_until(lambda: "The disk is full" in session.shown, "the full disk to be shown")
                time.sleep(_FULL_SECONDS)
                folder = session.folder
                assert folder is not None
                before = (folder / "audio.pcm").stat().st_size // 2
                assert "The session is recorded again" not in session.shown
                freed = time.monotonic()
                disk.make_room()
                wait_until(lambda: "The session is recorded again" in session.shown, "recording to go on")
                again = time.monotonic() - freed
                time.sleep(4)
                disk.fill()
                status = session.end()
        finally:
            session.kill()
        told = session.shown
        disk.make_room()
        store = Store(disk.seen)
        recover(store, lambda: tiny, lambda line: None)
        recording = store.recording(folder.name)
        assert recording is not None
        sound = to_pcm16(recording.read())
        given = session.given(time.monotonic())
        again_at = before + int(np.flatnonzero(sound[before:])[0])
        row.tried(
            "a file system of 210 MB filled while a session recorded, emptied, and filled again before its report was kept"
        )
        row.none("exceptions shown", [line for line in told.splitlines() if "Traceback" in line or "Error" in line])
        row.at_most("status of the session", status, 0)
        gone = missing(given[:before], sound[:before])
        row.at_most("sound lost from before it was full", 1000 * gone / SAMPLE_RATE, 0, "ms")
        row.within("time until recording went on", again, 3)
        row.none("finished sentences not written down", lost(said.whole_in(sound), words_of(folder)))
        assert "judged" in told.splitlines()[-1]
        assert [summary.state for summary in store.list_sessions()] == ["finished"]
        follows = given.tobytes().find(sound[again_at : again_at + SAMPLE_RATE // 10].tobytes())
        assert follows == 2 * again_at, "what follows is not at its time"


def test_a_disk_with_little_room(claim: Claim, tmp_path: Path) -> None:
    row = claim("F3", "A full disk ends no session: all before is kept, and recording goes on when there is room")
    data = tmp_path / "data"
    data.mkdir()
    with small_disk(data, 150) as disk:
        done = subprocess.run(
            [*disk.prefix, str(VIVA), "--data-dir", str(data), "practice", "feed", "--input", "typed", "--mute"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        row.tried("a session begun with less than 200 MB")
        row.at_least("status of one begun with 157 MB", done.returncode, 1)
        assert "157 MB" in done.stderr and "Free some space" in done.stderr
        assert list(disk.seen.glob("sessions/*")) == []
