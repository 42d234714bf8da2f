"""Written texts are told from talk, with headings and without, and talk is never taken for written."""

import numpy as np
import pytest

from analysis.classifier import load_classifiers
from analysis.evaluation.unseen import FOLDER as UNSEEN
from analysis.features import session_features
from analysis.headings import headings
from analysis.register import heard_as, is_document
from analysis.talk import understand
from analysis.training.sessions import LabelledSession, load_sessions
from analysis.training.train import FOLDER as TRAINING
from prompts.frameworks import get_framework
from prompts.vocabulary import STAGE_LABELS
from speech.transcript import Utterance

WRITTEN = "The pipeline joins each impression with the clicks of the following hour before a row is written."
SAID = "I think I'd join each impression with the clicks of the following hour, okay, and then write a row."


def said(session: LabelledSession) -> list[str]:
    return [utterance.text for utterance in session.utterances if utterance.speaker == "candidate"]


def test_headings_make_a_text_written() -> None:
    assert is_document(["1. Goal", WRITTEN, "2. Data", WRITTEN, "3. Summary"])


def test_who_leaves_himself_out_writes() -> None:
    assert is_document([WRITTEN] * 30)
    assert not is_document([SAID] * 30)


def test_a_few_lines_say_nothing() -> None:
    assert not is_document([WRITTEN] * 5)
    assert not is_document([])


@pytest.mark.parametrize("session", load_sessions(UNSEEN), ids=lambda session: session.name)
def test_talk_is_talk_however_terse(session: LabelledSession) -> None:
    assert not is_document(said(session))


def test_written_texts_are_found_without_their_headings_too() -> None:
    texts = [said(session) for session in load_sessions(TRAINING / "documents")]
    bare = [[line for line, kind in zip(text, headings(text), strict=True) if kind is None] for text in texts]
    assert sum(map(is_document, bare)) > 0.7 * len(bare)


def test_each_has_a_classifier_of_its_own_but_what_is_going_on_is_talk() -> None:
    lines = tuple(Utterance(n, 5.0 * n, 5.0 * n + 4, "candidate", WRITTEN) for n in range(30))
    whole = load_classifiers()
    apart = whole.for_documents()
    assert apart.stage is whole.document is not whole.stage
    framework = get_framework("six-stage")
    written = understand(lines, framework, "senior", 2700.0)
    assert written.confidence == understand(lines, framework, "senior", 2700.0, classifiers=apart).confidence
    running = understand(lines, framework, "senior", 2700.0, online=True)
    assert (
        running.confidence != understand(lines, framework, "senior", 2700.0, online=True, classifiers=apart).confidence
    )


def test_where_a_line_stands_counts_in_what_was_written_and_not_in_talk() -> None:
    whole = load_classifiers()
    lines = tuple(Utterance(n, 5.0 * n, 5.0 * n + 4, "candidate", WRITTEN) for n in range(30))
    features = session_features(lines)
    hearing, more = heard_as(whole, [WRITTEN] * 30)
    assert hearing.stage is whole.document
    closing = hearing.stages(np.hstack([features, more]), [WRITTEN] * 30)[:, STAGE_LABELS.index("wrap_up")]
    assert closing[-4] > closing[3]
    same, nothing = heard_as(whole, [SAID] * 30)
    assert same is whole and nothing.shape == (30, 0)
