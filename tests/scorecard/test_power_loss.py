"""F2: power that is lost, at every moment: what the disk had not been told to keep is gone, or reads as zeros."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import assistant.log
import speech.recorder
from assistant.events import Noted
from assistant.log import SessionLog, read_log
from speech.frames import SAMPLE_RATE, Frame, to_pcm16
from speech.recorder import Recorder
from speech.recording import Recording
from tests.assistant.sessions import heard, started
from tests.scorecard.conftest import Claim, Sized

_FRAME = SAMPLE_RATE // 50
_UNWRITTEN = 4096
_ID = "20260302-100000-00ab"


@pytest.mark.fault
def test_power_is_lost(claim: Claim, sized: Sized, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = claim("F2", "Lost power costs the last half second of sound at most, and no word that was written down")
    seconds = sized(6, 60)
    session = tmp_path / "session"
    session.mkdir()
    # What the disk keeps of each file: all up to the last time it was told to.
    kept: dict[str, int] = {"audio.pcm": 0, "events.jsonl": 0}
    moments: list[tuple[int, int, dict[str, int]]] = []
    sync: Callable[[int], None] = speech.recorder._sync

    def synced(file: int) -> None:
        size = os.fstat(file).st_size
        sync(file)
        kept[Path(os.readlink(f"/proc/self/fd/{file}")).name] = size

    monkeypatch.setattr(speech.recorder, "_sync", synced)
    monkeypatch.setattr(assistant.log, "_sync", synced)
    samples = np.arange(seconds * SAMPLE_RATE).astype(np.int16)
    with SessionLog(session) as log, Recorder(session / "audio.pcm") as recorder:
        log.append(started(_ID))
        events = 1
        for at in range(0, len(samples), _FRAME):
            recorder.write(Frame(at / SAMPLE_RATE, samples[at : at + _FRAME]))
            moments.append((at + _FRAME, events, dict(kept)))
            if at % SAMPLE_RATE == 0:
                log.append(heard("a sentence", at / SAMPLE_RATE))
                events += 1
                moments.append((at + _FRAME, events, dict(kept)))
    lost_seconds, lost_events = 0.0, 0
    after = tmp_path / "after"
    after.mkdir()
    whole = {name: (session / name).read_bytes() for name in kept}
    for captured, acknowledged, sizes in moments:
        for name, size in sizes.items():
            (after / name).write_bytes(whole[name][:size])
        sound = to_pcm16(Recording(after).read())
        assert np.array_equal(sound, samples[: len(sound)])
        # A disk that kept a file's length before what is in it.
        for name, size in sizes.items():
            (after / name).write_bytes(whole[name][:size] + bytes(_UNWRITTEN))
        assert np.array_equal(to_pcm16(Recording(after).read())[: len(sound)], sound)
        lost_seconds = max(lost_seconds, (captured - len(sound)) / SAMPLE_RATE)
        lost_events = max(
            lost_events, acknowledged - len([one for one in read_log(after) if not isinstance(one, Noted)])
        )
    row.tried(
        f"power lost after each of {len(moments)} writes, and with it all that was not yet forced onto the disk (replayed), which leaves nothing or zeros"
    )
    row.at_most("sound lost", lost_seconds, 0.5, "s")
    row.at_most("events lost", lost_events, 0)
