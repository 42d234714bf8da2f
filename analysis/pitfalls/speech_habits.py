"""Fillers, pace, hedges and monologues: the spoken half of the skill, well beyond what is usual.

Sources: Bortfeld et al. 2001 for fillers, Tauroza and Allison 1990 for pace, Hosman 1989 and Parton et al. 2002 for what
hedges do. No study is known that says how many hedges or how long a monologue are too much: those limits are ours.
"""

from collections.abc import Iterator

from analysis.delivery import filler_times, measure
from analysis.monologue import monologues
from analysis.pitfalls.evidence import finding, minutes
from analysis.report import Delivery, Finding
from analysis.rules import rule
from analysis.talk import Talk


def _words(talk: Talk) -> int:
    return sum(len(talk.utterances[row].text.split()) for row in talk.candidate())


def _delivery(talk: Talk) -> Delivery:
    return measure(talk.utterances, talk.readings, talk.duration_seconds)


def find_fillers(talk: Talk) -> Iterator[Finding]:
    """One finding when fillers are well above the usual, quoting the utterance with most of them."""
    own = rule("rambling_fillers")
    rows, words = talk.candidate(), _words(talk)
    count = {row: len(filler_times(talk.utterances[row], talk.readings[row])) for row in rows}
    fillers = sum(count.values())
    if words < own.numbers["least_words"] or 100 * fillers / words < own.numbers["per_hundred"]:
        return
    worst = max(rows, key=lambda row: (count[row], -row))
    per_hundred = f"{100 * fillers / words:.1f}"
    yield finding(talk, own, [worst], severity="warning", message=own.text("message", per_hundred=per_hundred))


def find_pace(talk: Talk) -> Iterator[Finding]:
    """One finding when the average pace is outside what people follow easily."""
    own = rule("pace")
    delivery = _delivery(talk)
    pace, rows = delivery.words_per_minute, talk.candidate()
    easy = own.numbers["slowest"] <= pace <= own.numbers["fastest"]
    # Nobody speaks as slowly as that: such times count pauses as speech, so they say nothing of pace.
    if _words(talk) < own.numbers["least_words"] or easy or pace < own.numbers["implausible"]:
        return
    which = "fast" if pace > own.numbers["fastest"] else "slow"
    yield finding(
        talk,
        own,
        rows[:1],
        severity="info",
        message=own.text("message", words_per_minute=f"{pace:.0f}", which=f"too {which} to follow easily"),
        advice=own.texts[f"advice_{which}"],
        span=(talk.utterances[rows[0]].start, talk.utterances[rows[-1]].end),
    )


def find_hedging(talk: Talk) -> Iterator[Finding]:
    """One finding when hedges are well above the usual, quoting the utterance with most of them."""
    own = rule("hedging")
    delivery = _delivery(talk)
    if _words(talk) < own.numbers["least_words"] or delivery.hedges_per_hundred < own.numbers["per_hundred"]:
        return
    worst = max(talk.candidate(), key=lambda row: (len(talk.readings[row].said("hedge")), -row))
    phrases = " and ".join(f'"{hedge.text}"' for hedge in delivery.hedges[:2])
    per_hundred = f"{delivery.hedges_per_hundred:.1f}"
    message = own.text("message", per_hundred=per_hundred, phrases=phrases)
    yield finding(talk, own, [worst], severity="info", message=message)


def find_monologue(talk: Talk) -> Iterator[Finding]:
    """One finding for the longest monologue, where it is very long; none where no interviewer was ever heard."""
    own = rule("monologue")
    if len(talk.candidate()) == len(talk.utterances):
        return
    longest = max(
        monologues(talk.utterances, talk.readings), key=lambda stretch: stretch.end - stretch.start, default=None
    )
    if longest is None or longest.end - longest.start < own.numbers["least_seconds"]:
        return
    first = next(row for row in talk.candidate() if talk.utterances[row].end > longest.start)
    length = minutes(longest.end - longest.start)
    message = own.text("message", length=length)
    yield finding(talk, own, [first], severity="info", message=message, span=(longest.start, longest.end))
