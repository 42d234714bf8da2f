"""The analyzer on anything: it never raises, and what it says stays inside of what was said."""

import random
import time
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.analyzer import analyze
from analysis.report import Report, SessionFacts
from analysis.report_json import to_json
from analysis.transcript_formats import BadTranscript, parse_transcript_json
from prompts.frameworks import load_frameworks
from speech.transcript import Utterance
from tests.analysis.test_analyzer import FACTS, LINES, check, sessions, spoken
from tests.scorecard.conftest import Claim, Sized

pytestmark = pytest.mark.hostile

CLAIM = "The analyzer judges anything that can be read, and the same each time"
TIMES = st.floats(-10, 5000) | st.sampled_from(
    [0, -0.0, float("nan"), float("inf"), 1e308, 86_400, 86_401, True, "7", None]
)
TEXTS = st.text(max_size=80) | st.sampled_from([text for _, text in LINES] + [text.upper() for _, text in LINES])
DOCUMENTS = st.fixed_dictionaries(
    {
        "utterances": st.lists(
            st.fixed_dictionaries(
                {"start": TIMES, "end": TIMES, "text": TEXTS},
                optional={
                    "speaker": st.sampled_from(["candidate", "interviewer", "SPEAKER_00"]),
                    "words": st.lists(st.fixed_dictionaries({"start": TIMES, "end": TIMES, "text": TEXTS}), max_size=4),
                },
            ),
            max_size=8,
        )
    }
)
OTHER_WORDS = [
    "the",
    "model",
    "users",
    "features",
    "latency",
    "train",
    "serve",
    "metric",
    "label",
    "and",
    "so",
    "um",
    "we",
    "would",
    "because",
    "data",
    "ranking",
    "online",
    "offline",
]


def jumps(report: Report) -> list[str]:
    return [finding.severity for finding in report.findings if finding.code == "premature_modeling"]


def in_turn(utterances: tuple[Utterance, ...]) -> tuple[Utterance, ...]:
    """The same talk, each utterance beginning no sooner than the last one ended."""
    for one, after in pairwise(range(len(utterances))):
        utterances = later(utterances, after, max(0.0, utterances[one].end - utterances[after].start))
    return utterances


def later(utterances: tuple[Utterance, ...], first: int, seconds: float) -> tuple[Utterance, ...]:
    """The same talk with a pause before utterance number `first`."""

    def moved(one: Any) -> Any:
        return replace(one, start=one.start + seconds, end=one.end + seconds)

    return tuple(replace(moved(u), words=tuple(map(moved, u.words))) if u.id >= first else u for u in utterances)


def test_anything_that_can_be_read(claim: Claim, sized: Sized) -> None:
    row = claim("B11", CLAIM)
    count = sized(60, 3000)
    read = [0, 0]
    # By what broke: an exception's kind, or what does not fit together.
    broken: Counter[str] = Counter()
    calm = settings(max_examples=count, derandomize=True, database=None, suppress_health_check=list(HealthCheck))

    @calm
    @given(DOCUMENTS, st.sampled_from(sorted(load_frameworks())), st.floats(1, 14_400), st.floats(0, 90_000))
    def judged(document: dict[str, Any], framework: str, planned: float, duration: float) -> None:
        read[0] += 1
        try:
            utterances = parse_transcript_json(document).utterances
        except BadTranscript as error:
            broken["refusals of more than one line"] += "\n" in str(error)
            return
        except Exception as error:
            broken[f"{type(error).__name__} while reading {document!r:.300}: {error!s:.300}"] += 1
            return
        read[1] += 1
        facts = SessionFacts("id", None, framework, "senior", planned, duration)
        try:
            report = analyze(utterances, facts)
            check(report)
            broken["reports that differ the second time"] += to_json(analyze(utterances, facts)) != to_json(report)
        except Exception as error:
            broken[f"{type(error).__name__} for {document!r:.300}: {error!s:.300}"] += 1

    judged()
    assert read[1] > read[0] / 20
    row.tried(f"{read[0]} documents with times of every kind, {read[1]} of which could be read and were judged twice")
    row.none("exceptions, findings outside the talk, differing reports", list((+broken).elements()))


def test_silence_adds_no_jump(claim: Claim, sized: Sized) -> None:
    row = claim("B11", CLAIM)
    count = sized(25, 1000)
    more: list[object] = []

    @settings(max_examples=count, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(sessions(), st.integers(0, 15), st.floats(0, 900))
    def same(any_talk: tuple[Utterance, ...], first: int, seconds: float) -> None:
        utterances = in_turn(any_talk)
        longer = later(utterances, first, seconds)
        report = analyze(longer, FACTS)
        check(report)
        if len(jumps(report)) > len(jumps(analyze(utterances, FACTS))):
            more.append((utterances, first, seconds))

    same()
    row.tried(f"{count} talks in turns with a pause of up to 15 minutes put in anywhere")
    row.none("jumps that a pause added", more)


def test_fifty_thousand_words(claim: Claim, sized: Sized) -> None:
    row = claim("B11", CLAIM)
    count, dice = sized(2500, 50_000), random.Random(0)
    words = [dice.choice(OTHER_WORDS) for _ in range(count)]
    lines = tuple(
        ("candidate" if at % 5 else "interviewer", " ".join(words[at : at + 20])) for at in range(0, count, 20)
    )
    began = time.perf_counter()
    check(analyze(spoken(lines, 6.0), FACTS))  # type: ignore[arg-type]
    check(analyze(spoken((("candidate", " ".join(words)),), 6.0), FACTS))
    for few in ((), (("candidate", "model"),), (("candidate", "?!…"),)):
        check(analyze(spoken(few), FACTS))
    row.tried(f"{count} words in lines of twenty and in one breath; none, one, and punctuation alone")
    row.within("time for both", time.perf_counter() - began, 300)
