"""A whole session judged: the same talk gives the same report, whatever the talk and wherever it is run."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.analyzer import analyze
from analysis.report import Report, SessionFacts
from analysis.report_json import from_json, to_json
from prompts.frameworks import UnknownFramework
from prompts.vocabulary import STAGES
from speech.transcript import Speaker, Utterance, Word

ROOT = Path(__file__).parents[2]
FACTS = SessionFacts("20260103-090000-ab12", "feed", "six-stage", "senior", 2700.0, 0.0, "2026-01-03T09:00:00+01:00")

LINES: tuple[tuple[Speaker, str], ...] = (
    ("interviewer", "Design a home feed for a social network."),
    ("candidate", "so um who are the users and what is the goal here"),
    ("interviewer", "Adults, and the goal is time well spent."),
    ("candidate", "I would use a two tower model trained on clicks right away"),
    ("candidate", "i assume three hundred million daily users and an answer within two hundred milliseconds"),
    ("candidate", "let me draw the blueprint, a box for retrieval, a box for ranking, and the client calls them"),
    ("candidate", "clicks would be our positive labels, and only one impression in a hundred is clicked"),
    ("candidate", "we split by time, train on the first three weeks and validate on the last"),
    ("candidate", "the baseline is popularity and then gradient boosted trees with log loss"),
    ("candidate", "offline we look at ndcg and at calibration"),
    ("interviewer", "How would you ship it?"),
    ("candidate", "an a b test on five percent of traffic for two weeks, and we monitor drift and retrain nightly"),
    ("candidate", "to summarize, we rank posts by time well spent, thank you"),
)


def spoken(lines: tuple[tuple[Speaker, str], ...] = LINES, seconds: float = 20.0) -> tuple[Utterance, ...]:
    """One utterance a line, each taking that long, a second apart."""
    return tuple(
        Utterance(index, index * (seconds + 1), index * (seconds + 1) + seconds, speaker, text)
        for index, (speaker, text) in enumerate(lines)
    )


def check(report: Report) -> None:
    """What holds for every report: all inside the session, all ids known, and writable."""
    duration = report.session.duration_seconds
    ids = {utterance.id for utterance in report.utterances}
    # Every stage's time is rounded to hundredths.
    assert sum(stage.actual_seconds for stage in report.stages) <= duration + 0.01 * len(report.stages)
    for utterance in report.utterances:
        assert (utterance.stage is None) == (utterance.speaker == "interviewer")
        assert 0 <= utterance.confidence <= 1
    for finding in report.findings:
        assert 0 <= finding.start <= finding.end <= duration + 0.01
        assert set(finding.utterances) <= ids
    for stage in report.stages:
        assert {id for topic in stage.topics for id in topic.utterances} <= ids
        assert stage.start is None or stage.end is None or 0 <= stage.start <= stage.end <= duration + 0.01
    assert {stage.stage for stage in report.stages} >= set(STAGES)
    assert 0 <= report.score.total <= 100
    assert from_json(to_json(report)) == report


def test_a_session_gets_its_whole_report() -> None:
    report = analyze(spoken(), FACTS, ["read from a file"])
    check(report)
    assert report.notes[0] == "read from a file"
    assert [u.text for u in report.utterances] == [text for _, text in LINES]
    jump = next(finding for finding in report.findings if finding.code == "premature_modeling")
    assert jump.quote == LINES[3][1] and jump.start == 63
    assert report.delivery.fillers[0].text == "um"


def test_the_same_talk_gives_the_same_report_byte_for_byte() -> None:
    assert to_json(analyze(spoken(), FACTS)) == to_json(analyze(spoken(), FACTS))


IN_A_NEW_PROCESS = """
import sys
from analysis.analyzer import analyze
from analysis.report_json import to_json
from tests.analysis.test_analyzer import FACTS, spoken
sys.stdout.buffer.write(to_json(analyze(spoken(), FACTS)).encode())
"""


def run(code: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, env={**os.environ, **environment}, check=False
    )


@pytest.mark.parametrize("seed", ["1", "4242"])
def test_the_report_does_not_depend_on_the_process(seed: str) -> None:
    other = run(IN_A_NEW_PROCESS, PYTHONHASHSEED=seed)
    assert other.returncode == 0, other.stderr.decode()
    assert other.stdout.decode() == to_json(analyze(spoken(), FACTS))


def test_what_was_heard_before_does_not_change_a_report() -> None:
    alone = run(IN_A_NEW_PROCESS).stdout.decode()
    analyze(spoken(tuple(reversed(LINES))), FACTS)
    assert to_json(analyze(spoken(), FACTS)) == alone


def test_an_empty_session_is_a_report_that_says_so() -> None:
    report = analyze((), replace(FACTS, duration_seconds=30.0))
    check(report)
    assert report.findings == () and report.utterances == ()
    assert any("nothing to judge" in note for note in report.notes)
    assert report.session.duration_seconds == 30
    assert (report.score.total, report.score.by_stage) == (0, {})


def test_a_session_of_no_length_at_all_is_a_report() -> None:
    check(analyze((), FACTS))
    check(analyze([Utterance(0, 0.0, 0.0, "candidate", "hm")], FACTS))


def test_one_utterance_is_a_report() -> None:
    report = analyze(spoken((("candidate", "clicks would be our labels"),)), FACTS)
    check(report)
    assert len(report.utterances) == 1


def test_the_interviewer_alone_is_not_judged() -> None:
    report = analyze(spoken((("interviewer", "Design a feed."), ("interviewer", "Hello? Use xgboost then."))), FACTS)
    check(report)
    assert report.findings == ()
    assert report.delivery.words_per_minute == 0
    assert report.score.total == 0
    assert any("nothing to judge" in note for note in report.notes)


def test_five_thousand_utterances_are_a_report() -> None:
    report = analyze(spoken(LINES * 385, seconds=2.0), FACTS)
    assert len(report.utterances) == 13 * 385 > 5000
    check(report)


@pytest.mark.parametrize(
    "text",
    [
        "我们先把点击当作正样本，然后按时间划分数据。",
        "نستخدم النقرات كأمثلة إيجابية",
        "Мы будем использовать градиентный бустинг",
        "क्लिक हमारे सकारात्मक उदाहरण हैं",
        "İ ẞ ŉ ǰ ﬁ um İİ",
        "🎉 " * 50,
        "e\u0301" * 300,
        "\u200b\u202e\u0000 \x1b[31m",
        "<script>alert(1)</script> {0} {stage} %s",
        "word" * 3000,
        "so um " * 3000,
    ],
)
def test_text_in_any_script_is_a_report(text: str) -> None:
    report = analyze(spoken((("candidate", text), ("interviewer", text), ("candidate", text))), FACTS)
    check(report)
    assert [utterance.text for utterance in report.utterances] == [text] * 3


TEXTS = st.sampled_from([text for _, text in LINES]) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SPEAKERS: st.SearchStrategy[Speaker] = st.sampled_from(get_args(Speaker))
ROWS: st.SearchStrategy[tuple[str, float, float, Speaker]] = st.tuples(
    TEXTS, st.floats(0, 900), st.floats(0, 120), st.sampled_from(["candidate", "candidate", "interviewer"])
)


@st.composite
def sessions(draw: st.DrawFn) -> tuple[Utterance, ...]:
    """Any talk whose utterances start one after another; they may overlap, and some have words with times."""
    found: list[Utterance] = []
    clock = 0.0
    for text, length, step, speaker in draw(st.lists(ROWS, max_size=15)):
        pieces = text.split() if draw(st.booleans()) else []
        each = length / max(1, len(pieces))
        words = tuple(Word(clock + i * each, clock + (i + 1) * each, piece) for i, piece in enumerate(pieces))
        found.append(Utterance(len(found), clock, clock + length, speaker, text, words))
        clock += step
    return tuple(found)


@settings(max_examples=40)
@given(
    sessions(),
    st.sampled_from(["six-stage", "five-step", "business-first", "requirements-first"]),
    st.sampled_from(["junior", "mid", "senior", "staff"]),
    st.floats(60, 14_400),
    st.floats(0, 6000),
)
def test_any_talk_is_a_report_within_its_session(
    utterances: tuple[Utterance, ...], framework: str, level: str, planned: float, duration: float
) -> None:
    facts = SessionFacts("id", None, framework, level, planned, duration)  # type: ignore[arg-type]  # a level's name
    check(analyze(utterances, facts))


@settings(max_examples=25)
@given(sessions(), st.floats(0, 20_000))
def test_silence_at_the_end_changes_no_stage_and_adds_no_jump(
    utterances: tuple[Utterance, ...], silence: float
) -> None:
    plain = analyze(utterances, FACTS)
    longer = analyze(utterances, replace(FACTS, duration_seconds=plain.session.duration_seconds + silence))

    def jumps(report: Report) -> list[tuple[str, float]]:
        return [(f.severity, f.start) for f in report.findings if f.code == "premature_modeling"]

    assert [u.stage for u in longer.utterances] == [u.stage for u in plain.utterances]
    assert jumps(longer) == jumps(plain)


def test_an_unknown_framework_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownFramework, match="six-stage"):
        analyze(spoken(), replace(FACTS, framework="ten-stage"))


WITHOUT = """
from pathlib import Path
import models.store
from models.manifest import load_manifest
real = models.store.default_store()
root = Path({root!r})
for id in {present!r}:
    (root / real.folder(id).name).symlink_to(real.folder(id), target_is_directory=True)
models.store.default_store = lambda: models.store.Store(root, load_manifest())
"""


def without(weight: str, folder: Path, code: str) -> subprocess.CompletedProcess[bytes]:
    """Run code where all weights that analysis needs are installed but one."""
    present = [id for id in ("minilm", "en-core-web-sm") if id != weight]
    return run(WITHOUT.format(root=str(folder), present=present) + code)


def test_without_the_english_model_a_talk_is_still_judged_and_the_report_says_so(tmp_path: Path) -> None:
    done = without("en-core-web-sm", tmp_path, IN_A_NEW_PROCESS)
    assert done.returncode == 0, done.stderr.decode()
    report = from_json(done.stdout.decode())
    check(report)
    assert any("English language model is missing" in note and "viva models pull" in note for note in report.notes)
    assert {utterance.stage for utterance in report.utterances} & set(STAGES)
    assert "premature_modeling" in {finding.code for finding in report.findings}


def test_without_the_embedding_model_there_is_one_clear_error(tmp_path: Path) -> None:
    code = """
from analysis.analyzer import analyze
from models.store import WeightsMissing
from tests.analysis.test_analyzer import FACTS, spoken
try:
    analyze(spoken(), FACTS)
except WeightsMissing as error:
    print(error)
"""
    done = without("minilm", tmp_path, code)
    assert done.returncode == 0, done.stderr.decode()
    assert "minilm" in done.stdout.decode() and "viva models pull minilm" in done.stdout.decode()


def test_importing_analysis_loads_nothing_heavy_and_nothing_that_hears() -> None:
    code = """
import importlib, pkgutil, sys
import analysis
names = [module.name for module in pkgutil.walk_packages(analysis.__path__, "analysis.")]
for name in names:
    if not name.startswith(("analysis.training", "analysis.evaluation")) and not name.endswith("__main__"):
        importlib.import_module(name)
heavy = {"faster_whisper", "ctranslate2", "av", "sounddevice", "pyttsx3", "spacy", "onnxruntime", "sklearn", "torch"}
print(len(names), sorted(heavy & set(sys.modules)))
"""
    done = run(code)
    assert done.returncode == 0, done.stderr.decode()
    count, loaded = done.stdout.decode().split(maxsplit=1)
    assert int(count) > 20 and loaded.strip() == "[]"


def test_judging_a_talk_loads_nothing_that_hears() -> None:
    code = IN_A_NEW_PROCESS + "\nprint(sorted({'faster_whisper', 'av', 'sounddevice', 'pyttsx3'} & set(sys.modules)))"
    assert run(code).stdout.decode().endswith("[]\n")
