"""How loud a recording is, column by column."""

from pathlib import Path

import numpy as np
import pytest

from speech.frames import pcm16_bytes
from speech.loudness import COLUMNS, peaks
from speech.recording import RAW, Recording

KEPT = "peaks"


@pytest.mark.parametrize("samples", [1, 7, COLUMNS, 100_003, 1_000_000])
def test_a_column_is_as_loud_as_its_loudest_sample_in_whichever_form_the_recording_is(
    tmp_path: Path, samples: int
) -> None:
    sound = np.random.default_rng(samples).normal(0, 0.1, samples).astype(np.float32)
    (tmp_path / RAW).write_bytes(pcm16_bytes(sound))
    recording = Recording(tmp_path)
    kept = np.abs(np.frombuffer((tmp_path / RAW).read_bytes(), np.int16).astype(int))
    expected = np.zeros(COLUMNS)
    np.maximum.at(expected, np.arange(samples) * COLUMNS // samples, kept)
    found = peaks(recording, over=False)
    assert found.tolist() == (255 * expected / max(1, expected.max())).astype(int).tolist()
    recording.compress()
    assert peaks(recording, over=False).tolist() == found.tolist()


def test_it_is_measured_once_when_the_recording_is_over(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    (tmp_path / RAW).write_bytes(b"\0\1" * 1000)
    peaks(recording, over=False)
    assert not (tmp_path / KEPT).exists()
    found = peaks(recording, over=True)
    (tmp_path / RAW).unlink()
    assert peaks(recording, over=True).tolist() == found.tolist() == list((tmp_path / KEPT).read_bytes())
