"""What is kept of an upload's sound."""

from pathlib import Path

import numpy as np

from server.upload_sound import kept, recording, trim
from speech.frames import SAMPLE_RATE, Frame
from speech.recording import RAW


def frames(*starts: float) -> list[Frame]:
    return [Frame(start, np.full(SAMPLE_RATE, 0.5, np.float32)) for start in starts]


def test_a_place_in_the_file_is_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    assert len(list(kept(frames(0, 2), folder))) == 2
    found = recording(folder)
    assert found is not None
    sound = found.read()
    assert found.seconds == 3 and not sound[SAMPLE_RATE : 2 * SAMPLE_RATE].any() and (sound[:SAMPLE_RATE] > 0.4).all()
    # An analysis that begins again begins its sound again.
    list(kept(frames(0), folder))
    assert found.seconds == 1


def test_without_room_it_is_analyzed_all_the_same(tmp_path: Path) -> None:
    assert len(list(kept(frames(0, 1), tmp_path / "missing" / "one"))) == 2
    assert recording(tmp_path / "missing" / "one") is None


def test_the_oldest_sound_goes_first(tmp_path: Path) -> None:
    for name in ("20260101", "20260102", "20260103"):
        list(kept(frames(0), tmp_path / name))
    (tmp_path / "20260101.json").touch()
    trim(tmp_path, most_bytes=2 * (tmp_path / "20260101" / RAW).stat().st_size)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["20260101.json", "20260102", "20260103"]
