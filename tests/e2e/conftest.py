"""A virtual loudspeaker and microphone for tests that really speak and really record."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.practising import Practising
from tests.e2e.virtual_audio import VirtualAudio


@pytest.fixture(scope="session")
def virtual_audio_server() -> Iterator[VirtualAudio]:
    """One sound server for all tests; in a short path, because the name of a socket is limited to 108 bytes."""
    with tempfile.TemporaryDirectory(prefix="viva-audio-") as folder:
        audio = VirtualAudio(Path(folder, "server"))
        try:
            audio.start()
            yield audio
        finally:
            audio.stop()


@pytest.fixture
def virtual_audio(virtual_audio_server: VirtualAudio, monkeypatch: pytest.MonkeyPatch) -> VirtualAudio:
    """The virtual devices, up and found by whatever this test starts."""
    virtual_audio_server.start()
    for name, value in virtual_audio_server.environment.items():
        monkeypatch.setenv(name, value)
    return virtual_audio_server


@pytest.fixture
def practise(virtual_audio: VirtualAudio, tmp_path: Path) -> Iterator[Callable[..., Practising]]:
    """Begins a session on a problem, of so many minutes; it ends with the test at the latest."""
    begun: list[Practising] = []

    def begin(problem: str = "", minutes: float = 10, fault: str = "") -> Practising:
        begun.append(Practising(tmp_path, problem, minutes, fault))
        return begun[-1]

    yield begin
    for session in begun:
        session.end()
