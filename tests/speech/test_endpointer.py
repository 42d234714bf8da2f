import itertools
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.endpointer import Endpointer, VoiceDetector
from speech.frames import Frame, Segment, to_pcm16
from tests.speech.conftest import BASELINE, INTRODUCTION, LABELS

RATE = 16_000
CHUNK = 512


def frames(samples: np.ndarray, size: int = 320, start: float = 0.0) -> Iterator[Frame]:
    for at in range(0, len(samples), size):
        yield Frame(start + at / RATE, samples[at : at + size])


def segments(samples: np.ndarray, size: int = 320, start: float = 0.0, **options: Any) -> list[Segment]:
    endpointer = Endpointer(**options)
    found = [segment for frame in frames(samples, size, start) for segment in endpointer.feed(frame)]
    return found + endpointer.flush()


def times(found: list[Segment]) -> list[tuple[float, float]]:
    return [(segment.start, segment.end) for segment in found]


def speech_times(samples: np.ndarray) -> list[tuple[float, float]]:
    """Every chunk the voice detector itself takes for speech, in seconds."""
    detector = VoiceDetector()
    padded = np.pad(samples, (0, -len(samples) % CHUNK))
    return [
        (at / RATE, min(at + CHUNK, len(samples)) / RATE)
        for at in range(0, len(padded), CHUNK)
        if detector.probability(padded[at : at + CHUNK]) >= 0.5
    ]


def check(found: list[Segment], samples: np.ndarray, longest: float = 25.0) -> None:
    for segment in found:
        first, last = round(segment.start * RATE), round(segment.end * RATE)
        assert np.array_equal(segment.samples, samples[first:last])
        assert 0 < segment.end - segment.start <= longest
    for one, following in itertools.pairwise(found):
        assert one.end <= following.start
    for start, end in speech_times(samples):
        covered = sum(max(0.0, min(end, one.end) - max(start, one.start)) for one in found)
        assert covered == pytest.approx(end - start, abs=1e-6)


@pytest.fixture(scope="module")
def monologue(speak: Callable[[str], np.ndarray]) -> np.ndarray:
    """A minute and a half without a pause longer than a breath."""
    text = [INTRODUCTION, LABELS, BASELINE, "Then we collect features from every click, and train on last month."]
    return np.concatenate([speak(sentence)[1600:-1600] for sentence in text * 7])


def test_each_spoken_sentence_is_one_segment(talk: np.ndarray) -> None:
    found = segments(talk)
    assert len(found) == 3
    assert found[0].start == pytest.approx(2.0, abs=0.5)
    check(found, talk)


def test_times_are_those_of_the_session(talk: np.ndarray) -> None:
    late = segments(talk, start=100.0)
    assert times(late) == pytest.approx(np.array(times(segments(talk))) + 100.0)


def test_int16_frames_are_heard_like_floats(talk: np.ndarray) -> None:
    assert times(segments(to_pcm16(talk))) == times(segments(to_pcm16(talk) / np.float32(32768)))


def test_finds_what_the_batch_detector_of_faster_whisper_finds(talk: np.ndarray) -> None:
    from faster_whisper.vad import get_speech_timestamps

    expected = get_speech_timestamps(talk, min_silence_duration_ms=600, speech_pad_ms=200)
    found = segments(talk, silences=[(0.0, 0.6)])
    assert times(found) == [(one["start"] / RATE, one["end"] / RATE) for one in expected]


@settings(max_examples=15)
@given(sizes=st.lists(st.integers(1, 40_000), min_size=1, max_size=20))
def test_the_size_of_the_frames_changes_nothing(talk: np.ndarray, sizes: list[int]) -> None:
    endpointer, found, at = Endpointer(), [], 0
    while at < len(talk):
        size = sizes[at % len(sizes)]
        found += endpointer.feed(Frame(at / RATE, talk[at : at + size]))
        at += size
    assert times(found + endpointer.flush()) == times(segments(talk))


@settings(max_examples=15)
@given(
    order=st.lists(st.tuples(st.sampled_from([INTRODUCTION, LABELS, BASELINE]), st.floats(0, 3)), max_size=6),
    longest=st.sampled_from([3.0, 6.0, 25.0]),
)
def test_all_speech_is_in_exactly_one_segment(
    speak: Callable[[str], np.ndarray], order: list[tuple[str, float]], longest: float
) -> None:
    pieces = [np.concatenate([speak(text), np.zeros(int(pause * RATE), np.float32)]) for text, pause in order]
    sound = np.concatenate([np.zeros(0, np.float32), *pieces])
    check(segments(sound, max_segment_seconds=longest), sound, longest)


def test_a_monologue_is_cut_where_it_is_quietest(monologue: np.ndarray) -> None:
    found = segments(monologue)
    check(found, monologue)
    assert len(found) >= 4
    assert all(segment.end - segment.start > 12 for segment in found[:-1])
    loud = np.sqrt(np.mean(np.square(monologue)))
    for segment in found[:-1]:
        at = round(segment.end * RATE)
        assert np.sqrt(np.mean(np.square(monologue[at - 800 : at + 800]))) < loud / 2


def test_a_pause_within_a_short_utterance_does_not_end_it(speak: Callable[[str], np.ndarray]) -> None:
    trimmed = round(0.2 * RATE)
    pause = np.zeros(round(0.25 * RATE), np.float32)
    sound = np.concatenate([speak("So, the label.")[:-trimmed], pause, speak("It is a click.")[trimmed:]])
    assert len(segments(sound)) == 1
    assert len(segments(sound, silences=[(0.0, 0.3)])) == 2


def test_a_long_utterance_ends_at_a_short_pause(speak: Callable[[str], np.ndarray]) -> None:
    pause = np.zeros(int(0.2 * RATE), np.float32)
    sentences = [speak(text)[1600:-1600] for text in (INTRODUCTION, LABELS, BASELINE) * 4]
    sound = np.concatenate([piece for sentence in sentences for piece in (sentence, pause)])
    found = segments(sound, silences=[(0.0, 3.0), (6.0, 0.35)])
    check(found, sound)
    assert all(6 <= segment.end - segment.start < 12 for segment in found[:-1])
    borders = np.cumsum([len(sentence) + len(pause) for sentence in sentences]) / RATE
    for segment in found[:-1]:
        assert min(abs(borders - segment.end)) < 0.6
    assert len(segments(sound, silences=[(0.0, 3.0)])) < len(found)


@settings(max_examples=15)
@given(order=st.lists(st.tuples(st.sampled_from([INTRODUCTION, LABELS, BASELINE]), st.floats(0, 3)), max_size=6))
def test_what_is_open_in_silence_is_what_will_be_complete(
    speak: Callable[[str], np.ndarray], order: list[tuple[str, float]]
) -> None:
    pieces = [np.concatenate([speak(text), np.zeros(int(pause * RATE), np.float32)]) for text, pause in order]
    sound = np.concatenate([*pieces, np.zeros(2 * RATE, np.float32)])
    endpointer, before = Endpointer(), None
    for frame in frames(sound):
        complete = endpointer.feed(frame)
        for segment in complete:
            if before is not None and segment.end == before.end:
                assert segment.start == before.start
                assert np.array_equal(segment.samples, before.samples)
        running = endpointer.open_segment
        assert (running is not None) or not endpointer.settling
        if running is not None:
            assert running.start <= running.end <= frame.end + 1e-6
            assert len(running.samples) == round((running.end - running.start) * RATE)
        if endpointer.settling:
            before = running
        if complete and endpointer.silence_seconds > 1:
            assert before is not None and complete[-1].end == before.end


@pytest.mark.parametrize("name", ["nothing", "silence", "hiss", "mains hum", "loud hiss", "keyboard"])
def test_there_is_no_speech_in_noise(name: str) -> None:
    count, noise = 20 * RATE, np.random.default_rng(3)
    clicks = np.zeros(count)
    clicks[:: RATE // 3] = 0.5
    sound = {
        "nothing": np.zeros(0),
        "silence": np.zeros(count),
        "hiss": noise.normal(0, 0.003, count),
        "mains hum": 0.1 * np.sin(2 * np.pi * 50 * np.arange(count) / RATE),
        "loud hiss": noise.normal(0, 0.1, count),
        "keyboard": np.convolve(clicks, noise.normal(0, 1, 200) * np.exp(-np.arange(200) / 40), "same"),
    }[name]
    assert segments(sound.astype(np.float32)) == []


def test_an_open_utterance_shows_while_it_is_spoken(talk: np.ndarray, speak: Callable[[str], np.ndarray]) -> None:
    endpointer = Endpointer()
    seen = [(list(endpointer.feed(frame)), endpointer.speaking, endpointer.silence_seconds) for frame in frames(talk)]
    until_first = 2.0 + len(speak(INTRODUCTION)) / RATE
    silent, middle = seen[int(1.5 * 50)], seen[int((2.0 + until_first) / 2 * 50)]
    assert not silent[1]
    assert silent[2] == pytest.approx(1.5, abs=0.1)
    assert middle[1]
    assert middle[2] < 0.5
    done = next(index for index, (complete, _, _) in enumerate(seen) if complete)
    assert until_first < done / 50 < until_first + 2.0


def test_after_a_flush_listening_begins_anew(talk: np.ndarray) -> None:
    endpointer = Endpointer()
    first = [one for frame in frames(talk) for one in endpointer.feed(frame)] + endpointer.flush()
    second = [one for frame in frames(talk, start=60.0) for one in endpointer.feed(frame)] + endpointer.flush()
    assert times(second) == pytest.approx(np.array(times(first)) + 60.0)


def test_sound_that_was_lost_moves_nothing_after_it(talk: np.ndarray) -> None:
    whole = segments(talk)
    lost_from, lost_to = whole[1].start - 0.5, whole[1].end + 0.5
    kept = [frame for frame in frames(talk) if not lost_from <= frame.start < lost_to]
    endpointer = Endpointer()
    found = [one for frame in kept for one in endpointer.feed(frame)] + endpointer.flush()
    assert np.array(times(found)) == pytest.approx(np.array(times([whole[0], whole[2]])), abs=0.1)


def test_hours_need_no_more_memory_than_minutes(monologue: np.ndarray) -> None:
    endpointer = Endpointer()
    tracemalloc.start()
    for frame in frames(monologue):
        endpointer.feed(frame)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 30 * RATE * 4
