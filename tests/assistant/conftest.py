"""Spoken answers as files, a small recogniser, and a screen that remembers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from assistant.live_state import LiveState
from assistant.store import Store
from speech.recorder import write_wav
from speech.transcriber import Transcriber
from tests.speech.conftest import Samples
from tests.speech.conftest import speak as speak
from tests.speech.conftest import talk as talk


def plain(text: str) -> str:
    """The words alone, as nobody spells them differently."""
    return " ".join(re.findall(r"[a-z0-9']+", text.lower())).replace("three hundred million", "300 million")


@dataclass(slots=True)
class Screen:
    """A view that keeps what it was shown. on_tick: called with every moment."""

    on_tick: Callable[[LiveState], None] = lambda state: None
    states: list[LiveState] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def tick(self, state: LiveState) -> None:
        self.states.append(state)
        self.on_tick(state)

    def line(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture(scope="session")
def tiny() -> Transcriber:
    return Transcriber("tiny.en")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


@pytest.fixture(scope="session")
def talk_file(talk: Samples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The talk of three sentences, 2 s of silence before, between and after them."""
    path = tmp_path_factory.mktemp("talk") / "talk.wav"
    write_wav(path, talk)
    return path


@pytest.fixture(scope="session")
def answer_file(speak: Callable[[str], Samples], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One short sentence."""
    path = tmp_path_factory.mktemp("answer") / "answer.wav"
    write_wav(
        path, np.concatenate([speak("As a baseline, I would rank movies by popularity."), np.zeros(8000, np.float32)])
    )
    return path
