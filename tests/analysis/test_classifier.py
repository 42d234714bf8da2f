"""The trained file fits the features that it is given, or nothing is judged with it."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from analysis import classifier
from analysis.classifier import DOCUMENTS, WEIGHTS, StaleClassifiers, load_classifiers
from analysis.features import session_features
from analysis.talk import understand
from prompts.frameworks import get_framework
from prompts.vocabulary import STAGE_LABELS, TOPICS
from speech.transcript import Utterance

TALK = (
    Utterance(0, 0, 5, "interviewer", "Design a home feed."),
    Utterance(1, 5, 9, "candidate", "Who are the users and what is the goal?"),
    Utterance(2, 9, 14, "candidate", "Clicks would be our positive labels, and we split them by time."),
)


@pytest.fixture(autouse=True)
def _load_anew() -> Iterator[None]:
    load_classifiers.cache_clear()
    yield
    load_classifiers.cache_clear()


def test_the_shipped_classifiers_fit_the_shipped_cues() -> None:
    """After a change of `cues.toml`: `python -m analysis.training.train`."""
    found = load_classifiers()
    features = session_features(TALK)
    texts = [utterance.text for utterance in TALK]
    stages, topics = found.stages(features, texts), found.topics(features, found.attention(texts), texts)
    assert stages.shape == (3, len(STAGE_LABELS)) and topics.shape == (3, len(TOPICS))
    assert stages.sum(axis=1) == pytest.approx([1, 1, 1])
    assert ((topics >= 0) & (topics <= 1)).all()
    assert ((found.threshold > 0) & (found.threshold < 1)).all()


def test_nothing_said_has_no_probabilities() -> None:
    features = session_features(())
    assert load_classifiers().stages(features, []).shape == (0, len(STAGE_LABELS))
    assert load_classifiers().topics(features, load_classifiers().attention([]), []).shape == (0, len(TOPICS))


@pytest.mark.parametrize("name", ["WEIGHTS", "DOCUMENTS"])
@pytest.mark.parametrize("key", ["columns", "stages", "topics"])
def test_a_file_trained_for_other_cues_or_classes_is_stale(
    key: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with np.load(getattr(classifier, name)) as stored:
        arrays = dict(stored)
    arrays[key] = np.array([*arrays[key][:-1], "something_else"])
    np.savez(tmp_path / "other.npz", **arrays)
    monkeypatch.setattr(classifier, name, tmp_path / "other.npz")
    with pytest.raises(StaleClassifiers, match="train"):
        load_classifiers()


@pytest.mark.parametrize("path", [WEIGHTS, DOCUMENTS], ids=lambda path: path.name)
def test_the_stored_file_holds_numbers_only(path: Path) -> None:
    with np.load(path, allow_pickle=False) as stored:
        assert all(np.isfinite(stored[name]).all() for name in stored.files if stored[name].dtype.kind == "f")


def test_a_running_session_sees_nothing_of_what_comes_after() -> None:
    whole = session_features(TALK, online=True)
    for known in range(1, len(TALK) + 1):
        assert np.array_equal(session_features(TALK[:known], online=True), whole[:known])


def test_who_spoke_next_does_not_matter_to_a_running_session() -> None:
    asked = (TALK[1], Utterance(2, 9, 14, "interviewer", "Everybody over eighteen."))
    assert np.array_equal(session_features(asked, online=True)[:1], session_features(asked[:1], online=True))


def test_hours_are_understood_in_little_more_memory_than_minutes() -> None:
    """A session whose every utterance is understood anew would else grow by what that takes."""
    said = [Utterance(n, 9.0 * n, 9.0 * n + 8, "candidate", TALK[1 + n % 2].text) for n in range(2000)]
    framework = get_framework("six-stage")
    understand(said, framework, "senior", 18000.0, online=True)
    tracemalloc.start()
    try:
        understand(said, framework, "senior", 18000.0, online=True)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 10e6
