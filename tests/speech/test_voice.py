"""A prompt is spoken whole or not at all, by whichever voice manages, and a failing engine costs nothing else."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.errors import UserError
from speech.lexicon import split_for_voice, spoken_form
from speech.spoken import Spoken, VoiceFailed
from speech.voice import (
    CachedVoice,
    EspeakCommandVoice,
    HibariVoice,
    Pyttsx3Voice,
    Voice,
    choose_voice,
    choose_voices,
    render_with_fallback,
)

PROMPT = "Design a personal feed for a social app. Where do you start?"


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def child(code: str, seconds: float = 10.0) -> Pyttsx3Voice:
    """A pyttsx3 voice whose child process runs this instead."""
    return Pyttsx3Voice(command=(sys.executable, "-c", code), seconds=seconds)


@pytest.mark.parametrize("voice", [Pyttsx3Voice(), EspeakCommandVoice(), HibariVoice()], ids=lambda voice: voice.name)
def test_every_engine_speaks_the_whole_prompt_the_same_each_time(voice: Voice) -> None:
    spoken = voice.render(PROMPT)
    assert 2 < spoken.seconds < 8
    assert np.array_equal(voice.render(PROMPT).samples, spoken.samples)


def test_speaking_slower_takes_longer() -> None:
    assert Pyttsx3Voice(words_per_minute=100).render(PROMPT).seconds > 1.3 * Pyttsx3Voice().render(PROMPT).seconds


@pytest.mark.parametrize("text", ["-v", "--version", "<voice name='x'>hello</voice>", "naïve 100 € – 日本", '"quoted"'])
def test_odd_texts_are_only_texts(text: str) -> None:
    assert Pyttsx3Voice().render(f"{text} and more").seconds > 0.3
    assert EspeakCommandVoice().render(f"{text} and more").seconds > 0.3


@pytest.mark.fault
def test_a_hanging_engine_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    code = f"import os, time; open({str(note)!r}, 'a').write(f'{{os.getpid()}} '); time.sleep(60)"
    with pytest.raises(VoiceFailed, match="no answer"):
        child(code, seconds=1.0).render("Hello.")
    pids = [int(pid) for pid in note.read_text().split()]
    assert len(pids) == 1, "nobody waits twice"
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.fault
def test_an_engine_that_fails_once_is_tried_again(tmp_path: Path) -> None:
    real = Path(sys.modules["speech.voice_engines"].__file__ or "").with_name("voice_child.py")
    first = tmp_path / "first"
    code = (
        f"import pathlib, runpy, sys; flag = pathlib.Path({str(first)!r})\n"
        f"if not flag.exists(): flag.touch(); sys.exit(1)\n"
        f"runpy.run_path({str(real)!r}, run_name='__main__')"
    )
    rendering = render_with_fallback((child(code),), PROMPT)
    assert rendering.voice == "pyttsx3"
    assert rendering.reason is None


@pytest.mark.fault
def test_without_any_voice_the_prompt_is_shown() -> None:
    rendering = render_with_fallback((), PROMPT)
    assert rendering.spoken is None
    assert "shown" in (rendering.reason or "")
    rendering = render_with_fallback((EspeakCommandVoice(program="no-such-program"),), PROMPT)
    assert rendering.spoken is None
    assert "shown" in (rendering.reason or "")


def test_auto_prefers_the_natural_voice_and_a_name_comes_first() -> None:
    best = choose_voice()
    assert best is not None
    assert best.name == "hibari"
    assert [voice.name for voice in choose_voices("espeak-ng")] == ["espeak-ng", "hibari", "pyttsx3"]


def test_an_unknown_voice_names_the_ones_there_are() -> None:
    with pytest.raises(UserError, match="auto, hibari, pyttsx3, espeak-ng"):
        choose_voice("alexa")


class Counting:
    """A voice that counts how often it is asked."""

    name = "counting"

    def __init__(self, identity: str = "counting 1") -> None:
        self.identity = identity
        self.asked = 0

    def render(self, text: str) -> Spoken:
        self.asked += 1
        return Spoken((np.arange(16_000) % 2000).astype(np.int16), 16_000)


@pytest.fixture
def make_cached(tmp_path: Path) -> Callable[[Voice], CachedVoice]:
    return lambda voice: CachedVoice(voice, tmp_path / "prompts")


def test_a_prompt_is_rendered_once(make_cached: Callable[[Voice], CachedVoice]) -> None:
    voice = Counting()
    first, second = make_cached(voice).render(PROMPT), make_cached(voice).render(PROMPT)
    assert voice.asked == 1
    assert np.array_equal(first.samples, second.samples)
    assert first.sample_rate == second.sample_rate


def test_another_text_or_voice_is_another_prompt(make_cached: Callable[[Voice], CachedVoice]) -> None:
    one, two = Counting("speed 1"), Counting("speed 2")
    for voice in (one, two):
        make_cached(voice).render(PROMPT)
        make_cached(voice).render("Another text.")
    assert (one.asked, two.asked) == (2, 2)


@pytest.mark.fault
@pytest.mark.parametrize("damage", [b"", b"RIFF", b"\0" * 5000])
def test_a_damaged_cache_only_costs_time(
    damage: bytes, make_cached: Callable[[Voice], CachedVoice], tmp_path: Path
) -> None:
    voice = Counting()
    make_cached(voice).render(PROMPT)
    for file in (tmp_path / "prompts").iterdir():
        file.write_bytes(damage)
    assert make_cached(voice).render(PROMPT).seconds == 1
    assert voice.asked == 2


@pytest.mark.fault
def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert CachedVoice(Counting(), tmp_path / "file" / "prompts").render(PROMPT).seconds == 1


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Why XGBoost and not a ReLU network?", "Why X G boost and not a ray loo network?"),
        ("NDCG or PR-AUC?", "N D C G or P R A U C?"),
        ("An A/B test, k-NN with FAISS.", "An A B test, K N N with face."),
        ("a p99 of 200ms at 10k QPS", "a p ninety nine of 200 milliseconds at 10 thousand queries per second"),
        ("two IDs in SQL", "two I Ds in sequel"),
        ("~5M users", "about 5 million users"),
        ("The MLflow API's SQLite file", "The MLflow A P I's SQLite file"),
        ("  many \n lines ", "many lines"),
    ],
)
def test_terms_are_said_as_people_say_them(written: str, said: str) -> None:
    assert spoken_form(written) == said


@given(st.text(alphabet="ab .,;!?日", max_size=800), st.integers(1, 60))
def test_splitting_keeps_every_letter_and_the_limit(text: str, longest: int) -> None:
    pieces = split_for_voice(text, longest)
    assert all(0 < len(piece) <= longest for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_splitting_prefers_the_ends_of_sentences() -> None:
    assert split_for_voice("One two. Three four, five. Six", 20) == ["One two.", "Three four, five.", "Six"]
