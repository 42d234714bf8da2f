"""Fillers and pace: the spoken half of the skill, against published norms.

Sources: Bortfeld et al. 2001 and Fox Tree 1995 for fillers, Tauroza and Allison 1990 for pace.
"""

from collections.abc import Iterator

from analysis.delivery import measure
from analysis.pitfalls.evidence import finding
from analysis.report import Finding
from analysis.rules import rule
from analysis.talk import Talk


def _words(talk: Talk) -> int:
    return sum(len(talk.utterances[row].text.split()) for row in talk.candidate())


def find_fillers(talk: Talk) -> Iterator[Finding]:
    """One finding when fillers are well above the usual, quoting the utterance with most of them."""
    own = rule("rambling_fillers")
    rows, words = talk.candidate(), _words(talk)
    fillers = sum(len(talk.readings[row].fillers) for row in rows)
    if words < own.numbers["least_words"] or 100 * fillers / words < own.numbers["per_hundred"]:
        return
    worst = max(rows, key=lambda row: (len(talk.readings[row].fillers), -row))
    per_hundred = f"{100 * fillers / words:.1f}"
    yield finding(talk, own, [worst], severity="warning", message=own.text("message", per_hundred=per_hundred))


def find_pace(talk: Talk) -> Iterator[Finding]:
    """One finding when the average pace is outside what people follow easily."""
    own = rule("pace")
    delivery = measure(talk.utterances, talk.readings, talk.duration_seconds)
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
