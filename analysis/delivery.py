"""How the candidate spoke: pace, pauses, fillers, hedges and monologues, each beside what is usual."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from analysis.delivery_table import Measure, Usual, load_delivery_table
from analysis.language import Reading
from analysis.monologue import monologues
from analysis.report import Delivery, Filler, Hedge, Norm, PacePoint, Pause, Verdict
from analysis.rules import rule
from speech.transcript import Utterance

LONG_PAUSE_SECONDS = 5.0
"""Pauses worth showing; those from 20 s on, unannounced, are findings."""

MONOLOGUE_SECONDS = 120.0
"""Monologues worth showing: guides to interviews allow an answer up to two minutes."""

LEAST_WORDS = 120
"""Rates over fewer words say nothing and are not compared."""

PACE_WINDOW_SECONDS = 60.0
_WORD_GAP_SECONDS = 1.0


def filler_times(utterance: Utterance, reading: Reading) -> list[tuple[str, float]]:
    """Every filler word or phrase with the second it was said; "kind of" and "sort of" are hedges, counted there."""
    hedges = load_delivery_table().phrases["hedge"]
    return [(text, _time_at(utterance, start)) for text, start in reading.fillers if text not in hedges]


def hedge_times(utterance: Utterance, reading: Reading) -> list[tuple[str, float]]:
    """Every hedging phrase with the second it was said."""
    return [(phrase.text, _time_at(utterance, phrase.start)) for phrase in reading.said("hedge")]


def _time_at(utterance: Utterance, character: int) -> float:
    """When a character of the text was said: from word times, else by its place in the text."""
    word = len(utterance.text[: character + 1].split()) - 1  # the one that holds the character
    if len(utterance.words) == len(utterance.text.split()):
        return utterance.words[word].start
    share = character / max(1, len(utterance.text))
    return utterance.start + share * (utterance.end - utterance.start)


def _parts(utterance: Utterance) -> list[tuple[float, float]]:
    return [(word.start, word.end) for word in utterance.words] or [(utterance.start, utterance.end)]


def speech_stretches(utterances: Sequence[Utterance]) -> list[tuple[float, float]]:
    """When somebody was speaking: disjoint stretches in order, from word times where there are any."""
    stretches: list[tuple[float, float]] = []
    for utterance in sorted(utterances, key=lambda u: u.start):
        for start, end in _parts(utterance):
            if stretches and start <= stretches[-1][1] + _WORD_GAP_SECONDS:
                stretches[-1] = (stretches[-1][0], max(stretches[-1][1], end))
            else:
                stretches.append((start, end))
    return stretches


def pauses(utterances: Sequence[Utterance], readings: Sequence[Reading], least: float) -> tuple[Pause, ...]:
    """The candidate's silences of at least so many seconds, each between two utterances or two words.

    A silence that the interviewer ends is the interviewer's, unless words after it show that the candidate was stuck.
    """
    parts = sorted((start, end, row) for row, u in enumerate(utterances) for start, end in _parts(u))
    rows = [row for _, _, row in parts]
    found = []
    until = parts[0][1] if parts else 0.0
    for place, (start, end, row) in enumerate(parts):
        if start - until >= least:
            before = _first_two(rows[earlier] for earlier in range(place - 1, -1, -1))
            after = _first_two(rows[later] for later in range(place, len(rows)))
            stuck = any(readings[other].said("stuck") for other in after)
            if utterances[row].speaker == "candidate" or stuck:
                announced = any(readings[other].said("announcement") for other in before)
                found.append(Pause(round(until, 2), round(start, 2), announced))
        until = max(until, end)
    return tuple(found)


def _first_two(rows: Iterable[int]) -> list[int]:
    """The first two different ones, looking no further than needed."""
    found: list[int] = []
    for row in rows:
        if row not in found:
            found.append(row)
        if len(found) == 2:
            break
    return found


def measure(utterances: Sequence[Utterance], readings: Sequence[Reading], duration: float) -> Delivery:
    """How the candidate's utterances were spoken; duration is the session's, in seconds."""
    own = [(u, r) for u, r in zip(utterances, readings, strict=True) if u.speaker == "candidate"]
    # Rounded first: a rate over less than a hundredth of a second would have no end.
    speaking = round(sum(end - start for start, end in speech_stretches([utterance for utterance, _ in own])), 2)
    interviewer = sum(
        end - start for start, end in speech_stretches([u for u in utterances if u.speaker != "candidate"])
    )
    words = sum(len(utterance.text.split()) for utterance, _ in own)
    fillers = _by_phrase(said for utterance, reading in own for said in filler_times(utterance, reading))
    hedges = _by_phrase(said for utterance, reading in own for said in hedge_times(utterance, reading))
    filler_count, hedge_count = (sum(map(len, some.values())) for some in (fillers, hedges))
    minutes, hundreds = speaking / 60, words / 100
    silences = pauses(utterances, readings, LONG_PAUSE_SECONDS)
    talks = monologues(utterances, readings)
    figures: dict[Measure, float] = {
        "words_per_minute": round(words / minutes, 1) if minutes else 0.0,
        "fillers_per_hundred": round(filler_count / hundreds, 2) if words else 0.0,
        "hedges_per_hundred": round(hedge_count / hundreds, 2) if words else 0.0,
        "longest_monologue_seconds": max((round(talk.end - talk.start, 2) for talk in talks), default=0.0),
        "longest_pause_seconds": max((round(p.end - p.start, 2) for p in silences if not p.announced), default=0.0),
    }
    return Delivery(
        **figures,
        speaking_seconds=speaking,
        silence_seconds=round(max(0.0, duration - speaking - interviewer), 2),
        fillers=tuple(Filler(text, len(starts), starts) for text, starts in fillers.items()),
        fillers_per_minute=round(filler_count / minutes, 2) if minutes else 0.0,
        long_pauses=silences,
        pace=_pace([utterance for utterance, _ in own]),
        hedges=tuple(Hedge(text, len(starts), starts) for text, starts in hedges.items()),
        monologues=tuple(talk for talk in talks if talk.end - talk.start >= MONOLOGUE_SECONDS),
        norms=_norms(figures, words, answered=len(own) < len(utterances)),
    )


def _by_phrase(said: Iterable[tuple[str, float]]) -> Mapping[str, tuple[float, ...]]:
    """The seconds at which each phrase was said, the most frequent phrase first."""
    times: dict[str, list[float]] = defaultdict(list)
    for text, second in said:
        times[text].append(round(second, 2))
    ordered = sorted(times.items(), key=lambda item: (-len(item[1]), item[0]))
    return {text: tuple(sorted(starts)) for text, starts in ordered}


def _norms(figures: Mapping[Measure, float], words: int, *, answered: bool) -> tuple[Norm, ...]:
    """Each figure beside what is usual, as far as the two can be compared.

    answered: an interviewer was heard. In a recording of one voice nobody knows who else spoke.
    """
    norms = dict(load_delivery_table().norms)
    if not answered:
        del norms["longest_monologue_seconds"]
    # Nobody speaks as slowly as that: such times count pauses as speech, so they say nothing of pace.
    if figures["words_per_minute"] < rule("pace").numbers["implausible"]:
        del norms["words_per_minute"]
    return tuple(
        Norm(
            measure,
            figures[measure],
            usual.low,
            usual.high,
            _verdict(figures[measure], usual),
            usual.source,
            usual.note,
        )
        for measure, usual in norms.items()
        if words >= LEAST_WORDS
    )


def _verdict(value: float, usual: Usual) -> Verdict:
    if value > usual.high:
        return "above"
    return "below" if usual.low is not None and value < usual.low else "usual"


def _pace(utterances: Sequence[Utterance]) -> tuple[PacePoint, ...]:
    """Words per minute of speaking time, minute by minute; minutes with under ten seconds of speech are left out."""
    words: dict[int, float] = defaultdict(float)
    spoken: dict[int, float] = defaultdict(float)
    for utterance in utterances:
        parts = _parts(utterance)
        each = len(utterance.text.split()) / len(parts)
        for start, end in parts:
            for window, seconds in _windows(start, end):
                words[window] += each * (seconds / (end - start) if end > start else 1)
    for start, end in speech_stretches(utterances):
        for window, seconds in _windows(start, end):
            spoken[window] += seconds
    return tuple(
        PacePoint(window * PACE_WINDOW_SECONDS, round(60 * words[window] / spoken[window], 1))
        for window in sorted(spoken)
        if spoken[window] >= 10
    )


def _windows(start: float, end: float) -> Iterator[tuple[int, float]]:
    """The minutes a stretch lies in, each with the seconds of it that do; one that has no length lies in one."""
    window = int(start // PACE_WINDOW_SECONDS)
    yield window, min(end, (window + 1) * PACE_WINDOW_SECONDS) - start
    while (window := window + 1) * PACE_WINDOW_SECONDS < end:
        yield window, min(end, (window + 1) * PACE_WINDOW_SECONDS) - window * PACE_WINDOW_SECONDS
