"""How the candidate spoke, in sentences that text, Markdown and HTML share."""

from collections.abc import Iterator, Mapping

from analysis.delivery_table import Measure
from analysis.render.wording import clean, clock, moment
from analysis.report import Delivery, Filler, Hedge, Norm, Pause

_MOST_PHRASES = 6
_MOST_PAUSES = 8
_NAMES: Mapping[Measure, str] = {
    "words_per_minute": "pace",
    "fillers_per_hundred": "fillers",
    "hedges_per_hundred": "hedges",
    "longest_monologue_seconds": "longest talk",
    "longest_pause_seconds": "longest pause",
}


def delivery_lines(delivery: Delivery) -> tuple[str, ...]:
    """A sentence each on pace, fillers, hedges, monologues and pauses beside what is usual, then on what stands out."""
    return tuple(_lines(delivery, {norm.measure: norm for norm in delivery.norms}))


def _lines(delivery: Delivery, norms: Mapping[Measure, Norm]) -> Iterator[str]:
    yield (
        f"{delivery.words_per_minute:.0f} words per minute while speaking{_usual(norms.get('words_per_minute'))}"
        f"{_range(delivery)}; {clock(delivery.speaking_seconds)} of speech, {clock(delivery.silence_seconds)} of silence."
    )
    yield (
        f"{delivery.fillers_per_minute:.1f} fillers a minute, {delivery.fillers_per_hundred:.1f} in 100 words"
        f"{_usual(norms.get('fillers_per_hundred'))}{_phrases(delivery.fillers)}."
    )
    yield (
        f"{delivery.hedges_per_hundred:.1f} hedges in 100 words{_usual(norms.get('hedges_per_hundred'))}"
        f"{_phrases(delivery.hedges)}."
    )
    longest = max(delivery.monologues, key=lambda talk: talk.end - talk.start, default=None)
    yield (
        f"Longest talk without the interviewer or checking in: {clock(delivery.longest_monologue_seconds)}"
        f"{f' at {moment(longest.start)}' if longest else ''}{_usual(norms.get('longest_monologue_seconds'))}."
    )
    if delivery.long_pauses:
        yield f"Long pauses{_usual(norms.get('longest_pause_seconds'))}: {_pauses(delivery.long_pauses)}."
    apart = [f"{_NAMES[norm.measure]} ({clean(norm.note)})" for norm in delivery.norms if norm.verdict != "usual"]
    if apart:
        yield f"What stands out: {', '.join(apart)}."


def _pauses(pauses: tuple[Pause, ...]) -> str:
    """The longest few in the order of time, and how many there are besides."""
    longest = sorted(pauses, key=lambda pause: pause.start - pause.end)[:_MOST_PAUSES]
    shown = ", ".join(
        f"{moment(pause.start)} ({pause.end - pause.start:.0f} s{', announced' if pause.announced else ''})"
        for pause in sorted(longest, key=lambda pause: pause.start)
    )
    return f"{shown}{f' and {len(pauses) - len(longest)} more' if len(pauses) > len(longest) else ''}"


def _usual(norm: Norm | None) -> str:
    """What is usual and who says so: "(usual: 125 to 190, Tauroza and Allison 1990)"."""
    if norm is None:
        return ""
    shown = clock if norm.measure.endswith("_seconds") else "{:g}".format
    span = f"up to {shown(norm.high)}" if norm.low is None else f"{shown(norm.low)} to {shown(norm.high)}"
    return f" (usual: {span}, {clean(norm.source)})" if norm.source else f" (our limit: {shown(norm.high)})"


def _range(delivery: Delivery) -> str:
    """The slowest and the fastest minute."""
    slowest = min(delivery.pace, key=lambda point: point.words_per_minute, default=None)
    fastest = max(delivery.pace, key=lambda point: point.words_per_minute, default=None)
    if slowest is None or fastest is None or round(slowest.words_per_minute) == round(fastest.words_per_minute):
        return ""
    return (
        f", from {slowest.words_per_minute:.0f} at {moment(slowest.start)}"
        f" to {fastest.words_per_minute:.0f} at {moment(fastest.start)}"
    )


def _phrases(said: tuple[Filler, ...] | tuple[Hedge, ...]) -> str:
    if not said:
        return ""
    more = f" and {len(said) - _MOST_PHRASES} more" if len(said) > _MOST_PHRASES else ""
    return f": {', '.join(f'{clean(phrase.text)} {phrase.count}' for phrase in said[:_MOST_PHRASES])}{more}"
