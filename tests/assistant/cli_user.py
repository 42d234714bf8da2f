"""A user of the command line: a folder without sessions, no sound devices, and a transcript to give."""

import json
from pathlib import Path

import pytest

TALK = {
    "utterances": [
        {"start": 0, "end": 4, "speaker": "interviewer", "text": "Design a home feed."},
        {"start": 5, "end": 9, "text": "I would use a two tower neural network right away."},
        {"start": 10, "end": 15, "text": "For the labels, clicks are our positives."},
        {
            "start": 16,
            "end": 21,
            "text": "Only \x1b[31mone in a hundred\x1b[0m posts is clicked, so the classes are imbalanced.",
        },
    ],
    "mood": "ignored",
}


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without sessions, and without sound devices."""
    folder = tmp_path / "data"
    nothing = tmp_path / "asound.conf"
    nothing.touch()
    monkeypatch.setenv("VIVA_DATA_DIR", str(folder))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(nothing))
    return folder


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A transcript."""
    file = tmp_path / "talk.json"
    file.write_text(json.dumps(TALK))
    return file
