"""The candidate may talk over the interviewer's line, and the line itself, heard from the loudspeaker, is nobody."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.signal import fftconvolve  # type: ignore[import-untyped]

from speech.barge_in import BargeIn
from speech.foreground import Foreground
from speech.frames import SAMPLE_RATE, Frame
from speech.track import To16k
from speech.voice import Pyttsx3Voice
from tests.speech.conftest import INTRODUCTION, LABELS, Samples
from tests.speech.conftest import speak as speak

LINE = (
    "Let us step back for a moment. Before we choose a model, what would success look like for this product, "
    "and how would you measure it? Please take a number that the business cares about."
)
BEGIN = 20.0
TALKS_AFTER = 3.0


@dataclass(frozen=True, slots=True)
class Room:
    """A loudspeaker and a microphone in a room. late: seconds from one to the other. reverberation: seconds until it is gone.

    echo: how loud the line arrives; distortion: how far the loudspeaker is driven beyond what it can.
    """

    late: float
    reverberation: float
    echo: float
    distortion: float
    noise: float

    def hears(self, line: Samples) -> Samples:
        """What arrives of a line at the microphone, of the same root mean square whatever the room does."""
        random = np.random.default_rng(7)
        tail = round(self.reverberation * SAMPLE_RATE)
        response = np.zeros(round(self.late * SAMPLE_RATE) + tail)
        decay = random.standard_normal(tail) * np.exp(-6.9 * np.arange(tail) / tail)
        response[-tail:] = 0.7 * decay / np.sqrt(np.sum(decay**2))
        response[-tail] = 1
        driven = np.tanh(self.distortion * line) / self.distortion
        arrived = fftconvolve(driven, response)
        arrived = self.echo * arrived / loudness(arrived)
        sound: Samples = (arrived + random.normal(0, self.noise, len(arrived))).astype(np.float32)
        return sound


ROOMS = {
    "headphones": Room(0.1, 0.05, 0.0, 0.1, 5e-4),
    "laptop on a desk": Room(0.15, 0.3, 0.05, 1.0, 5e-4),
    "loud and distorted": Room(0.2, 0.5, 0.2, 4.0, 1e-3),
    "living room": Room(0.25, 0.8, 0.05, 2.0, 1e-3),
    "Bluetooth loudspeaker": Room(0.6, 0.4, 0.05, 2.0, 5e-4),
}
rooms = pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS.keys())


def loudness(sound: Samples) -> float:
    return float(np.sqrt(np.mean(sound[np.abs(sound) > 0.1 * np.abs(sound).max()] ** 2)))


@pytest.fixture(scope="module", params=["pyttsx3", "the candidate's own voice"])
def line(request: pytest.FixtureRequest, speak: Callable[[str], Samples]) -> Samples:
    if request.param == "pyttsx3":
        spoken = Pyttsx3Voice().render(LINE)
        return To16k(spoken.sample_rate, 1).convert(spoken.samples)
    return speak(LINE)


def listen(heard: Samples, line: Samples, least_power: float = 0.0) -> tuple[BargeIn, float | None]:
    """A line listened through; and seconds after its beginning at which the candidate was clearly there."""
    barge_in = BargeIn(line, BEGIN, least_power)
    when = None
    for at in range(0, len(heard), 320):
        frame = Frame(BEGIN - 0.05 + at / SAMPLE_RATE, heard[at : at + 320])
        if barge_in.hear(frame) and when is None:
            when = frame.end - BEGIN
    return barge_in, when


def over(heard: Samples, candidate: Samples, after: float) -> Samples:
    """Somebody speaks in the room as well."""
    both = heard.copy()
    at = round((after + 0.05) * SAMPLE_RATE)
    both[at : at + len(candidate)] += candidate[: len(both) - at]
    return both


@rooms
def test_a_line_never_stops_itself(room: Room, line: Samples) -> None:
    _, when = listen(room.hears(line), line)
    assert when is None


@pytest.mark.fault
@rooms
@pytest.mark.parametrize(
    ("line", "fault"),
    [("pyttsx3", "sound that is lost"), ("the candidate's own voice", "clocks that drift apart")],
    indirect=["line"],
)
def test_not_even_where_the_prediction_fails(room: Room, line: Samples, fault: str) -> None:
    heard = room.hears(line)
    if fault == "clocks that drift apart":
        places = np.arange(int(len(heard) / 1.0015)) * 1.0015
        heard = np.interp(places, np.arange(len(heard)), heard).astype(np.float32)
    else:
        heard = np.concatenate([heard[: 3 * SAMPLE_RATE], heard[3 * SAMPLE_RATE + 1600 :]])
    _, when = listen(heard, line)
    assert when is None


@pytest.mark.parametrize("room", [ROOMS["headphones"], ROOMS["living room"]], ids=["headphones", "living room"])
def test_typing_does_not_stop_it(room: Room, line: Samples) -> None:
    heard = room.hears(line)
    random = np.random.default_rng(3)
    for at in np.cumsum(random.uniform(0.08, 0.3, 40)):
        click = random.normal(0, 0.2, 320) * np.exp(-np.arange(320) / 60)
        place = round(at * SAMPLE_RATE)
        heard[place : place + 320] += click[: max(0, len(heard) - place)].astype(np.float32)
    _, when = listen(heard, line)
    assert when is None


@pytest.mark.parametrize("near", [True, False], ids=["the candidate", "the next desk"])
def test_only_who_is_near_stops_it(line: Samples, speak: Callable[[str], Samples], near: bool) -> None:
    usual = Foreground()
    own = speak(INTRODUCTION)
    for at in range(0, len(own) - 512, 512):
        usual.has(own[at : at + 512], speech=True)
    talking = own if near else 10.0 ** (-24 / 20) * own
    _, when = listen(over(ROOMS["headphones"].hears(line), talking, TALKS_AFTER), line, usual.least_power)
    assert (when is not None) == near


@rooms
def test_a_candidate_as_loud_as_the_line_is_noticed_and_heard_without_it(
    room: Room, line: Samples, speak: Callable[[str], Samples]
) -> None:
    own = speak(INTRODUCTION)
    own = own[np.argmax(np.abs(own) > 0.1 * np.abs(own).max()) :]
    own = own * (room.echo or 0.05) / loudness(own)
    barge_in, when = listen(over(room.hears(line), own, TALKS_AFTER), line)
    assert when is not None
    # Half a second is usual; in between the line may cover him for a moment.
    assert TALKS_AFTER + 0.2 < when < TALKS_AFTER + 1.0
    words = barge_in.words(BEGIN + len(line) / SAMPLE_RATE)
    assert words.start == barge_in.since
    assert words.start - BEGIN == pytest.approx(TALKS_AFTER, abs=0.5)
    begin = round((BEGIN + TALKS_AFTER - words.start) * SAMPLE_RATE)
    clean = own[max(0, -begin) :]
    rest = words.samples[max(0, begin) :][: len(clean)]
    assert np.corrcoef(clean[: len(rest)], rest)[0, 1] > 0.8


def test_who_begins_together_with_the_line_is_noticed_once_the_room_is_known(
    line: Samples, speak: Callable[[str], Samples]
) -> None:
    own = speak(f"{INTRODUCTION} {LABELS}")
    barge_in, when = listen(over(ROOMS["headphones"].hears(line), 0.05 * own / loudness(own), 0.2), line)
    assert when is not None and when < 2.5
    assert barge_in.since is not None
    # Also what he said before he drew breath.
    assert barge_in.since - BEGIN < 0.5
