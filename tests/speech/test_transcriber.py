import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import jiwer
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.store import WeightsMissing
from prompts.errors import UserError
from speech.endpointer import PATIENT, Endpointer
from speech.frames import Frame, Segment
from speech.loops import find_loop
from speech.transcriber import Transcribed, Transcriber, in_context, place, transcribe_file
from speech.transcript import Word
from tests.bench.silence import KINDS
from tests.speech.conftest import BASELINE, INTRODUCTION, LABELS

RATE = 16_000
TERMS = ("XGBoost", "two-tower", "NDCG", "precision", "recall", "embedding", "logistic regression", "A/B test", "p99")


@pytest.fixture(scope="module")
def base() -> Transcriber:
    return Transcriber("base")


@pytest.fixture(scope="module")
def tiny() -> Transcriber:
    return Transcriber("tiny.en")


@pytest.fixture(scope="module")
def with_terms() -> Transcriber:
    return Transcriber("base", hotwords=TERMS)


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


def segment(samples: np.ndarray, start: float = 0.0) -> Segment:
    return Segment(start, start + len(samples) / RATE, samples.astype(np.float32))


def check(found: Transcribed) -> None:
    assert found.text == " ".join(word.text for word in found.words)
    earliest = found.start
    for word in found.words:
        assert earliest <= word.start <= word.end <= found.end
        assert 0 <= word.probability <= 1
        assert word.text == word.text.strip() != ""
        earliest = word.end


def noises() -> dict[str, np.ndarray]:
    count, noise = 6 * RATE, np.random.default_rng(5)
    return {
        "silence": np.zeros(count),
        "hiss": noise.normal(0, 0.003, count),
        "loud hiss": noise.normal(0, 0.1, count),
        "mains hum": 0.1 * np.sin(2 * np.pi * 50 * np.arange(count) / RATE),
        "one blink": np.zeros(RATE // 4),
    }


def test_a_talk_is_written_down_word_for_word(base: Transcriber, talk: np.ndarray) -> None:
    found = list(transcribe_file(talk, base))
    for one in found:
        check(one)
    said = plain(" ".join(one.text for one in found)).replace("300", "three hundred")
    assert jiwer.wer(plain(f"{INTRODUCTION} {LABELS} {BASELINE}"), said) < 0.06


def test_words_have_the_time_they_were_spoken_at(
    base: Transcriber, talk: np.ndarray, speak: Callable[[str], np.ndarray]
) -> None:
    words = [word for one in transcribe_file(talk, base) for word in one.words]
    second = 2.0 + len(speak(INTRODUCTION)) / RATE + 2.0
    third = second + len(speak(LABELS)) / RATE + 2.0
    assert next(w for w in words if "label" in w.text).start == pytest.approx(second + 0.5, abs=0.5)
    assert next(w for w in words if "baseline" in w.text).start == pytest.approx(third + 0.6, abs=0.5)
    assert words[-1].end < len(talk) / RATE - 1.5


def test_times_are_those_of_the_session(base: Transcriber, speak: Callable[[str], np.ndarray]) -> None:
    early, late = base.transcribe(segment(speak(LABELS))), base.transcribe(segment(speak(LABELS), 1000.0))
    check(late)
    assert late.text == early.text
    assert [w.start - 1000 for w in late.words] == pytest.approx([w.start for w in early.words], abs=1e-6)


def test_a_file_is_heard_like_a_session_with_longer_pauses(base: Transcriber, talk: np.ndarray) -> None:
    endpointer, live = Endpointer(silences=PATIENT), []
    for at in range(0, len(talk), 320):
        live += [base.transcribe(one) for one in endpointer.feed(Frame(at / RATE, talk[at : at + 320]))]
    live += [base.transcribe(one) for one in endpointer.flush()]
    assert [one.words for one in transcribe_file(talk, base)] == [one.words for one in live]


def test_progress_ends_with_the_length_of_the_sound(base: Transcriber) -> None:
    told: list[float] = []
    assert list(transcribe_file(np.zeros(RATE * 7 // 2, np.float32), base, told.append)) == []
    assert told == sorted(told)
    assert told[-1] == 3.5


@pytest.mark.parametrize("name", noises())
@pytest.mark.parametrize("terms", ["base", "with_terms"])
def test_noise_gives_no_words(name: str, terms: str, request: pytest.FixtureRequest) -> None:
    transcriber = request.getfixturevalue(terms)
    assert list(transcribe_file(noises()[name].astype(np.float32), transcriber)) == []
    # Also where the endpointer was wrong and took it for speech.
    assert transcriber.transcribe(segment(noises()[name])).text == ""


@pytest.mark.parametrize("name", noises())
def test_what_was_said_before_noise_is_not_heard_in_it(base: Transcriber, name: str) -> None:
    one = replace(
        segment(noises()[name]), before="So the labels come from clicks, and I would use a two-tower model for"
    )
    assert base.transcribe(one).text == ""


def test_what_follows_soon_is_read_as_going_on() -> None:
    said = Transcribed(0.0, 10.0, (), " ".join(f"word{number}" for number in range(50)), 0.0)
    soon, later = (segment(np.zeros(RATE), start) for start in (11.0, 12.0))
    assert in_context(soon, said).before.split() == [f"word{number}" for number in range(30, 50)]
    assert in_context(soon, said).samples is soon.samples
    assert in_context(later, said) is later
    assert in_context(soon, None) is soon


def test_a_sentence_that_a_breath_parts_is_read_as_one(base: Transcriber, speak: Callable[[str], np.ndarray]) -> None:
    parts = "And then, for the items that are new, I would fall back on the", "content embedding, and explore a little."
    breath = np.zeros(round(0.9 * RATE), np.float32)
    found = list(transcribe_file(np.concatenate([speak(parts[0]), breath, speak(parts[1]), breath]), base))
    assert len(found) == 2
    assert jiwer.wer(plain(" ".join(parts)), plain(" ".join(one.text for one in found))) < 0.1


@pytest.mark.parametrize("seed", [1, 3])
def test_a_lone_word_that_only_the_prompt_suggests_is_not_heard(tiny: Transcriber, seed: int) -> None:
    # Of the knocks in the benchmark those that the endpointer takes for speech.
    sound = KINDS["knocks"](59 * RATE, np.random.default_rng(100 * seed + list(KINDS).index("knocks")))
    taken = [heard.text for heard in transcribe_file(sound.astype(np.float32), tiny)]
    assert taken and set(taken) == {""}


@pytest.mark.parametrize("text", ["Yes.", "No.", "Right.", "Sure.", "Maybe.", "Features."])
@pytest.mark.parametrize("model", ["tiny", "base"])
def test_a_lone_word_is_heard(
    model: str, text: str, speak: Callable[[str], np.ndarray], request: pytest.FixtureRequest
) -> None:
    assert plain(request.getfixturevalue(model).transcribe(segment(speak(text))).text) == plain(text)


def test_hotwords_help_with_terms_and_add_none(with_terms: Transcriber, speak: Callable[[str], np.ndarray]) -> None:
    found = with_terms.transcribe(segment(speak("I would train XGBoost and compare it by NDCG.")))
    assert "XGBoost" in found.text
    assert "NDCG" in found.text
    other = with_terms.transcribe(segment(speak("Good morning, nice to meet you.")))
    assert plain(other.text) == "good morning nice to meet you"


def test_filled_pauses_are_kept(base: Transcriber, speak: Callable[[str], np.ndarray]) -> None:
    found = base.transcribe(segment(speak("So, um, the label is, uh, a click. Um, and we, uh, count them.")))
    said = plain(found.text).split()
    assert sum(word in {"um", "uh", "umm", "uhm"} for word in said) >= 3


def test_several_threads_hear_the_same(base: Transcriber, speak: Callable[[str], np.ndarray]) -> None:
    texts, found = (INTRODUCTION, LABELS, BASELINE), {}
    expected = {text: base.transcribe(segment(speak(text))).words for text in texts}

    def work(text: str) -> None:
        found[text] = base.transcribe(segment(speak(text))).words

    threads = [threading.Thread(target=work, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


def test_nothing_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch, speak: Callable[[str], np.ndarray]) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert Transcriber("tiny.en").transcribe(segment(speak(BASELINE))).text


def test_a_model_that_is_not_there_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(WeightsMissing, match="viva models pull base"):
        Transcriber("base")
    with pytest.raises(UserError):
        Transcriber("enormous")


@pytest.mark.fault
def test_the_text_survives_when_the_words_cannot_be_timed(
    base: Transcriber, monkeypatch: pytest.MonkeyPatch, speak: Callable[[str], np.ndarray]
) -> None:
    import faster_whisper

    expected = base.transcribe(segment(speak(LABELS)))

    def fail(*_: object, **__: object) -> None:
        raise IndexError("index 0 is out of bounds")

    monkeypatch.setattr(faster_whisper.WhisperModel, "add_word_timestamps", fail)
    found = base.transcribe(segment(speak(LABELS), 7.0))
    check(found)
    assert found.text == expected.text
    assert [w.start - 7 for w in found.words] == pytest.approx([w.start for w in expected.words], abs=1.0)


@pytest.mark.fault
def test_a_loop_of_the_recogniser_is_cut(
    base: Transcriber, monkeypatch: pytest.MonkeyPatch, speak: Callable[[str], np.ndarray]
) -> None:
    import faster_whisper

    real, runs = faster_whisper.WhisperModel.transcribe, []

    def looping(self: object, *args: object, **options: object) -> tuple[Iterable[object], object]:
        runs.append(options)
        found, info = real(self, *args, **options)
        pieces = []
        for piece in found:
            words = [SimpleNamespace(start=w.start, end=w.end, word=w.word, probability=0.9) for w in piece.words] * 8
            pieces.append(
                SimpleNamespace(
                    start=piece.start,
                    end=piece.end,
                    text=piece.text * 8,
                    words=words,
                    no_speech_prob=0.0,
                    avg_logprob=-0.1,
                )
            )
        return iter(pieces), info

    spoken = segment(speak("We rank movies by popularity."))
    expected = base.transcribe(spoken)
    monkeypatch.setattr(faster_whisper.WhisperModel, "transcribe", looping)
    found = base.transcribe(spoken)
    check(found)
    assert found.text == expected.text
    assert len(runs) == 2


@pytest.fixture
def two_sentences(speak: Callable[[str], np.ndarray]) -> tuple[Segment, float]:
    """A segment of LABELS and BASELINE, and the second at which the first of them ends."""
    return segment(np.concatenate([speak(LABELS), speak(BASELINE)])), len(speak(LABELS)) / RATE


@pytest.mark.fault
@pytest.mark.parametrize("kept", ["first", "last"])
def test_a_sentence_the_recogniser_passes_over_is_asked_for_again(
    base: Transcriber, monkeypatch: pytest.MonkeyPatch, two_sentences: tuple[Segment, float], kept: str
) -> None:
    import faster_whisper

    real = faster_whisper.WhisperModel.transcribe
    spoken, border = two_sentences

    def skipping(self: object, samples: np.ndarray, **options: object) -> tuple[Iterable[object], object]:
        found, info = real(self, samples, **options)
        pieces = list(found)
        if len(samples) == len(spoken.samples):
            for piece in pieces:
                piece.words = [word for word in piece.words if (word.start < border) == (kept == "first")]
        return iter(pieces), info

    monkeypatch.setattr(faster_whisper.WhisperModel, "transcribe", skipping)
    found = base.transcribe(spoken)
    check(found)
    assert jiwer.wer(plain(f"{LABELS} {BASELINE}"), plain(found.text)) < 0.1


@pytest.mark.fault
def test_what_the_prompt_keeps_it_from_reading_is_read_without(
    base: Transcriber, monkeypatch: pytest.MonkeyPatch, two_sentences: tuple[Segment, float]
) -> None:
    import faster_whisper

    real = faster_whisper.WhisperModel.transcribe
    spoken, border = two_sentences

    def stopping(self: object, samples: np.ndarray, **options: object) -> tuple[Iterable[object], object]:
        found, info = real(self, samples, **options)
        if not options["initial_prompt"]:
            return found, info
        pieces = list(found) if len(samples) == len(spoken.samples) else []
        for piece in pieces:
            piece.words = [word for word in piece.words if word.start < border]
        return iter(pieces), info

    monkeypatch.setattr(faster_whisper.WhisperModel, "transcribe", stopping)
    found = base.transcribe(spoken)
    check(found)
    assert jiwer.wer(plain(f"{LABELS} {BASELINE}"), plain(found.text)) < 0.1


@pytest.mark.fault
def test_a_loop_inside_one_word_is_cut(base: Transcriber, monkeypatch: pytest.MonkeyPatch) -> None:
    import faster_whisper

    word = SimpleNamespace(start=0.1, end=1.5, word=" mon" + "-treat-mon" * 20, probability=0.9)
    piece = SimpleNamespace(start=0.0, end=1.6, text=word.word, words=[word], no_speech_prob=0.0, avg_logprob=-0.1)
    monkeypatch.setattr(faster_whisper.WhisperModel, "transcribe", lambda *_, **__: (iter([piece]), None))
    assert base.transcribe(segment(np.zeros(2 * RATE))).text == "mon-treat-mon"


words = st.builds(
    Word, st.floats(-5, 40), st.floats(-5, 40), st.sampled_from(["so", "um", "model"]), st.floats(-0.5, 1.5)
)


@given(st.lists(words, max_size=80), st.floats(0, 3600), st.floats(0.05, 30))
def test_words_are_always_placed_in_order_inside_their_segment(found: list[Word], start: float, length: float) -> None:
    placed = place(found, start, start + length)
    assert [word.text for word in placed] == [word.text for word in found]
    earliest = start
    for word in placed:
        assert earliest <= word.start <= word.end <= start + length + 1e-9
        earliest = word.end


@pytest.mark.parametrize(
    ("said", "loop"),
    [
        ("and the model is a linear model", None),
        ("I I I I I mean no no no", None),
        ("uh uh uh uh uh uh montreal", None),
        ("so " + "or " * 12, (1, 1, 12)),
        ("we rank, We rank! we rank we rank we rank we rank", (0, 2, 6)),
        ("then " + "thank you for watching " * 3, (1, 4, 3)),
    ],
)
def test_what_counts_as_a_loop(said: str, loop: tuple[int, int, int] | None) -> None:
    assert find_loop(said.split()) == loop


def loops() -> Iterator[tuple[list[str], int]]:
    for size in range(1, 9):
        yield [f"w{n}" for n in range(size)], size


@pytest.mark.parametrize(("round_", "size"), list(loops()))
def test_loops_of_up_to_eight_words_are_found(round_: list[str], size: int) -> None:
    rounds = max(3, -(-12 // size))
    assert find_loop(["so", *round_ * rounds, "then"]) == (1, size, rounds)
