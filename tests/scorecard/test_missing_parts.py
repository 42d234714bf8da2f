"""F5: a machine without a microphone, without PortAudio, without a sound server, without espeak-ng and aplay."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from speech.recorder import write_wav
from tests.assistant.viva import Done, viva
from tests.scorecard.conftest import Claim
from tests.scorecard.practising import ROOT
from tests.speech.conftest import INTRODUCTION, Samples

pytestmark = pytest.mark.fault

_NO_LIBRARY = {"PYTHONPATH": str(ROOT / "tests" / "speech" / "fake_card"), "FAKE_CARD": '{"missing": true}'}
_NO_SERVER = {"PULSE_SERVER": "unix:/nowhere", "ALSA_CONFIG_PATH": "/nowhere"}
_NO_PROGRAMS = {"PATH": "/nowhere"}


def held(*arguments: object, without: dict[str, str], typed: str = "") -> Done:
    return viva(*arguments, typed=typed, stdout=subprocess.PIPE, **without)


def test_parts_are_missing(claim: Claim, tmp_path: Path, speak: Callable[[str], Samples]) -> None:
    row = claim(
        "F5", "Without sound a session is typed and shown, a recording judged, and the doctor says what to install"
    )
    recording = tmp_path / "talk.wav"
    write_wav(recording, speak(INTRODUCTION))
    machines = {
        "PortAudio": (_NO_LIBRARY, "libportaudio2"),
        "a sound server and devices": (_NO_SERVER, "Connect one"),
        "PortAudio and every program": (_NO_LIBRARY | _NO_PROGRAMS, "libportaudio2"),
    }
    unjudged, unheard, unnamed = [], [], []
    for number, (missing, (without, named)) in enumerate(machines.items()):
        data = ("--data-dir", tmp_path / str(number))
        typed = held(
            *data, "practice", "feed", "--input", "typed", "--minutes", 1, typed="Who are the users?\n", without=without
        )
        assert "Traceback" not in typed.stderr
        kept = held(*data, "sessions", *re.findall(r"Kept as (\S+):", typed.stderr), "--format", "srt", without=without)
        if typed.returncode or "Findings" not in typed.stdout or "Who are the users?" not in kept.stdout:
            unjudged.append((missing, typed, kept))
        judged = held(*data, "analyze", recording, without=without)
        if judged.returncode or "Findings" not in judged.stdout:
            unheard.append((missing, judged))
        checks = json.loads(held(*data, "doctor", "--format", "json", without=without).stdout)
        unnamed += [missing] * (named not in json.dumps(checks))
    row.tried(f"a typed session, a recording and the doctor without {', without '.join(machines)}")
    row.none("sessions not held", unjudged)
    row.none("recordings not judged", unheard)
    row.none("of them not named by the doctor", unnamed)
