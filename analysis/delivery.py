"""How the candidate spoke: pace, pauses and fillers."""

from collections import defaultdict
from collections.abc import Sequence

from analysis.language import Reading
from analysis.report import Delivery, Filler, PacePoint, Pause
from speech.transcript import Utterance

LONG_PAUSE_SECONDS = 5.0
"""Pauses worth showing; those from 20 s on, unannounced, are findings."""

PACE_WINDOW_SECONDS = 60.0
_WORD_GAP_SECONDS = 1.0


def filler_times(utterance: Utterance, reading: Reading) -> list[tuple[str, float]]:
    """Every filler word or phrase with the second it was said."""
    return [(text, _time_at(utterance, start)) for text, start in reading.fillers]


def _time_at(utterance: Utterance, character: int) -> float:
    """When a character of the text was said: from word times, else by its place in the text."""
    word = len(utterance.text[: character + 1].split()) - 1  # the one that holds the character
    if len(utterance.words) == len(utterance.text.split()):
        return utterance.words[word].start
    share = character / max(1, len(utterance.text))
    return utterance.start + share * (utterance.end - utterance.start)


def speech_stretches(utterances: Sequence[Utterance]) -> list[tuple[float, float]]:
    """When somebody was speaking: disjoint stretches in order, from word times where there are any."""
    stretches: list[tuple[float, float]] = []
    for utterance in sorted(utterances, key=lambda u: u.start):
        parts = [(word.start, word.end) for word in utterance.words] or [(utterance.start, utterance.end)]
        for start, end in parts:
            if stretches and start <= stretches[-1][1] + _WORD_GAP_SECONDS:
                stretches[-1] = (stretches[-1][0], max(stretches[-1][1], end))
            else:
                stretches.append((start, end))
    return stretches


def pauses(utterances: Sequence[Utterance], duration: float, least: float) -> list[Pause]:
    """Stretches of at least so many seconds in which nobody speaks, up to the session's end."""
    found, clock = [], 0.0
    for start, end in [*speech_stretches(utterances), (duration, duration)]:
        if start - clock >= least:
            found.append(Pause(round(clock, 2), round(start, 2)))
        clock = max(clock, end)
    return found


def measure(utterances: Sequence[Utterance], readings: Sequence[Reading], duration: float) -> Delivery:
    """Pace, pauses and fillers of the candidate's utterances; duration is the session's, in seconds."""
    own = [(u, r) for u, r in zip(utterances, readings, strict=True) if u.speaker == "candidate"]
    # Rounded first: a rate over less than a hundredth of a second would have no end.
    speaking = round(sum(end - start for start, end in speech_stretches([utterance for utterance, _ in own])), 2)
    interviewer = sum(
        end - start for start, end in speech_stretches([u for u in utterances if u.speaker != "candidate"])
    )
    words = sum(len(utterance.text.split()) for utterance, _ in own)
    times: dict[str, list[float]] = defaultdict(list)
    for utterance, reading in own:
        for text, second in filler_times(utterance, reading):
            times[text].append(round(second, 2))
    minutes = speaking / 60
    return Delivery(
        words_per_minute=round(words / minutes, 1) if minutes else 0.0,
        speaking_seconds=speaking,
        silence_seconds=round(max(0.0, duration - speaking - interviewer), 2),
        fillers=tuple(
            Filler(text, len(starts), tuple(starts))
            for text, starts in sorted(times.items(), key=lambda item: (-len(item[1]), item[0]))
        ),
        fillers_per_minute=round(sum(map(len, times.values())) / minutes, 2) if minutes else 0.0,
        long_pauses=tuple(pauses(utterances, duration, LONG_PAUSE_SECONDS)),
        pace=_pace([utterance for utterance, _ in own]),
    )


def _pace(utterances: Sequence[Utterance]) -> tuple[PacePoint, ...]:
    """Words per minute of speaking time, minute by minute; minutes with under ten seconds of speech are left out."""
    words: dict[int, float] = defaultdict(float)
    spoken: dict[int, float] = defaultdict(float)
    for utterance in utterances:
        length = utterance.end - utterance.start
        count = len(utterance.text.split())
        window = int(utterance.start // PACE_WINDOW_SECONDS)
        while window * PACE_WINDOW_SECONDS < utterance.end or length == 0:
            first = max(utterance.start, window * PACE_WINDOW_SECONDS)
            inside = min(utterance.end, (window + 1) * PACE_WINDOW_SECONDS) - first
            words[window] += count * (inside / length if length else 1)
            spoken[window] += inside
            window += 1
            if length == 0:
                break
    return tuple(
        PacePoint(window * PACE_WINDOW_SECONDS, round(60 * words[window] / spoken[window], 1))
        for window in sorted(words)
        if spoken[window] >= 10
    )
