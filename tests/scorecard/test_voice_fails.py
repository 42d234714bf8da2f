"""F6, F7, L6: an interviewer's voice that hangs, crashes, lies, is cut off, or speaks all night."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from assistant.clock import SessionClock
from assistant.events import InterviewerInterrupted, InterviewerSpoke
from assistant.interviewer import Interviewer
from prompts.problems import load_problems
from speech.player import Player
from speech.spoken import Spoken
from speech.voice import EspeakCommandVoice, Pyttsx3Voice, render_with_fallback
from tests.e2e.virtual_audio import Listener, VirtualAudio, wait_until
from tests.scorecard.conftest import Claim, Sized
from tests.scorecard.processes import children, needs_proc

PROMPT = "Design a feed for a social app. Where do you start?"
_WRITE = "import json,sys,wave; r=json.load(sys.stdin); w=wave.open(r['file'],'wb'); "
ENGINES = {
    "hangs": ("import time; time.sleep(60)", "no answer"),
    "crashes": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "status"),
    "ends the interpreter": ("import os; os._exit(1)", "status 1"),
    "says it is done and writes nothing": ("pass", "No such file"),
    "writes an empty file": ("import json,sys; open(json.load(sys.stdin)['file'], 'wb')", "EOFError"),
    "writes no sound": (_WRITE + "w.setparams((1,2,22050,0,'NONE','')); w.close()", "only 0 samples"),
    "writes silence": (
        _WRITE + "w.setparams((1,2,22050,0,'NONE','')); w.writeframes(bytes(2*22050*3)); w.close()",
        "silent",
    ),
    "writes a wrong rate": (
        _WRITE + "w.setparams((1,2,50,0,'NONE','')); w.writeframes(b'\\x00\\x40'*66150); w.close()",
        "1323 s",
    ),
    "writes stereo": (
        _WRITE + "w.setparams((2,2,22050,0,'NONE','')); w.writeframes(b'\\x00\\x40'*66150); w.close()",
        "16-bit mono",
    ),
    "complains": ("import sys; print('no voice data', file=sys.stderr); sys.exit(2)", "no voice data"),
    "takes all memory": (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (1<<28,)*2); bytes(1<<30)",
        "MemoryError",
    ),
}


def engine(code: str) -> Pyttsx3Voice:
    """A pyttsx3 voice whose child process runs this instead."""
    return Pyttsx3Voice(command=(sys.executable, "-c", code))


class Interview:
    """An interviewer with the real loudspeaker, and all that he told."""

    def __init__(self, *voices: Pyttsx3Voice | EspeakCommandVoice) -> None:
        self.told: list[InterviewerSpoke | InterviewerInterrupted] = []
        self.shown: list[str] = []
        self.clock = SessionClock(paced=True)
        self.interviewer = Interviewer(voices, self.clock, self.told.append, self.shown.append, Player())


def last_sound(listener: Listener) -> float:
    """`time.monotonic` second at which the last sound was heard."""
    frames = [frame for frame in listener.frames if np.abs(frame.samples).max() > 0.01]
    return frames[-1].end if frames else 0.0


@pytest.mark.fault
def test_a_voice_fails(claim: Claim, sized: Sized, virtual_audio: VirtualAudio) -> None:
    row = claim(
        "F6",
        "An engine that hangs, crashes or lies costs seconds, and the answer's time begins when the prompt has sounded",
    )
    # Beyond 16,000 letters at once, espeak crashes.
    times = sized(320, 570)

    def fall_back(told: tuple[str, str]) -> tuple[float, str | None]:
        (code, why), began = told, time.monotonic()
        rendering = render_with_fallback((engine(code), EspeakCommandVoice()), PROMPT)
        assert rendering.reason is not None and why in rendering.reason and "\n" not in rendering.reason
        return time.monotonic() - began, rendering.voice

    with ThreadPoolExecutor(4) as pool:
        long = pool.submit(Pyttsx3Voice().render, f"{PROMPT} " * times)
        outcomes = list(pool.map(fall_back, ENGINES.values()))
    # The prompt is really played, and its end is known, also after an engine that only says so.
    with Listener("speaker_tap") as listener:
        interview = Interview(engine(ENGINES["writes silence"][0]), EspeakCommandVoice())
        interview.interviewer.say(PROMPT, "prompt")
        interview.interviewer.wait()
        free = interview.clock.now() + interview.clock.origin
        heard = len(listener.frames)
        wait_until(lambda: len(listener.frames) > heard + 50, "what follows")
        ended = last_sound(listener) + listener.origin
        # Nobody waits for the engine that failed with the next line again.
        interview.interviewer.say("And your metric?", "probe")
        interview.interviewer.wait()
        assert len(interview.shown) == 1, interview.shown
    interview.interviewer.stop()
    (spoke, again) = interview.told
    assert isinstance(spoke, InterviewerSpoke) and spoke.aloud and isinstance(again, InterviewerSpoke)
    row.tried(f"engines: {', '.join(ENGINES)}; a prompt of {times * len(PROMPT)} letters")
    row.within("time until another engine had the prompt", max(seconds for seconds, _ in outcomes), 12)
    row.none("prompts not spoken by the other engine", [voice for _, voice in outcomes if voice != "espeak-ng"])
    row.at_most("answer's time begun before the last sound by", max(0.0, ended - free) * 1000, 50, "ms")
    row.within("answer's time begun after the last sound by", max(0.0, free - ended), 1)
    row.at_least("seconds spoken of the long one", long.result().seconds, 2.5 * times, "s")


@pytest.mark.fault
def test_a_prompt_is_cut_off(claim: Claim, sized: Sized, virtual_audio: VirtualAudio) -> None:
    row = claim("F7", "Told to stop, the interviewer is silent at once")
    chance, times, after = np.random.default_rng(7), sized(4, 50), []
    noise = Spoken(chance.integers(4000, 12_000, 10 * 16_000).astype(np.int16), 16_000)
    player = Player()
    with Listener("speaker_tap") as listener:
        for _ in range(times):
            quiet = len(listener.frames)
            playback = player.play(noise)
            wait_until(lambda: listener.hears(after=quiet), "the sound")  # noqa: B023
            time.sleep(chance.uniform(0.05, 0.8))
            stopped = time.monotonic()
            playback.stop()
            known = len(listener.frames)
            wait_until(lambda: len(listener.frames) > known + 30, "what follows")  # noqa: B023
            after.append(max(0.0, last_sound(listener) + listener.origin - stopped) * 1000)
    row.tried(f"{times} sounds stopped at random moments, heard at the loudspeaker")
    row.within("sound after that, the longest", max(after) / 1000, 0.1)


@needs_proc
@pytest.mark.load
def test_many_prompts(
    claim: Claim, sized: Sized, virtual_audio: VirtualAudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = claim("L6", "Prompt after prompt is spoken whole, and nothing is left of them")
    count, aloud = sized(25, 1000), sized(2, 50)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    sentences = [sentence for problem in load_problems().values() for sentence in problem.prompt.split(". ")]
    texts = [f"{second}. {first}" for first, second in product(sentences, sentences) if first != second]
    chosen = [texts[number] for number in np.random.default_rng(6).choice(len(texts), count, replace=False)]
    voice, other = Pyttsx3Voice(), EspeakCommandVoice()
    before, wrong, unheard = children(os.getpid()), [], []
    player = Player()
    for number, text in enumerate(chosen):
        spoken = voice.render(text)
        if abs(spoken.seconds / other.render(text).seconds - 1) > 0.05:
            wrong.append(text)
        if number < aloud:
            short = Spoken(spoken.samples[: 2 * spoken.sample_rate], spoken.sample_rate)
            with Listener("speaker_tap") as listener:
                whole = player.play(short).wait()
                wait_until(lambda: len(listener.frames) > 50, "what follows")
                if not whole or not listener.hears():
                    unheard.append(text)
    row.tried(f"{count} prompts in a row, each held against the length another engine speaks; {aloud} of them heard")
    row.none("missing or cut", wrong)
    row.none("not heard at the loudspeaker", unheard)
    row.none("temporary files left", list(tmp_path.iterdir()))
    row.none("processes left", children(os.getpid()) - before)
