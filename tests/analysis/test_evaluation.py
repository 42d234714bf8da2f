"""The evaluation itself: nothing of a held-out group is trained on, parts are really left out, every section is printed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis import embedding
from analysis.embedding import DIMENSIONS, embed
from analysis.evaluation.__main__ import main
from analysis.evaluation.ablations import (
    CUES_ONLY,
    EMBEDDING_ONLY,
    NO_CONTEXT,
    StageClassifier,
    columns,
    without_decoder,
)
from analysis.evaluation.baselines import keyword_labels, prototype_labels, prototypes
from analysis.evaluation.crossval import HeldOut, cross_validate
from analysis.evaluation.examples import Data, load_data, without_group
from analysis.evaluation.remembering import remembering_every_text
from analysis.evaluation.sections import sections
from analysis.evaluation.unseen import FOLDER as UNSEEN
from analysis.evaluation.unseen import judged_unseen
from analysis.features import PLACES, feature_names
from analysis.language import read
from analysis.training.sessions import NO_PROBLEM, load_sessions
from analysis.training.train import Examples, joined
from prompts.vocabulary import STAGE_LABELS

COLUMNS = 3 * DIMENSIONS + len(feature_names())


@pytest.fixture(scope="module")
def data() -> Data:
    """Everything labelled."""
    return load_data()


@pytest.fixture(scope="module")
def held_out(data: Data) -> list[HeldOut]:
    """One session judged by classifiers trained on two others and a few examples of each kind."""
    sessions = [next(one for one in data.sessions if one.group == group) for group in "bef"]
    singles = [single for single in data.singles if single.group == "j"][:20]
    spoken = [replace(sessions[0], utterances=sessions[0].utterances[:30], gold=sessions[0].gold[:30])]
    few = Data(
        sessions,
        spoken,
        singles,
        data.comparisons[::15],
        data.details[::60],
        data.commitments[::40],
        data.interjections[::15],
        data.documents[:1],
        data.headings[::100],
    )
    return list(cross_validate(few, ["b"]))


def some_examples(groups: str) -> Examples:
    """One row of each stage for each group; the stage shows in the utterance's own embedding only."""
    features = np.zeros((7 * len(groups), COLUMNS), np.float32)
    features[np.arange(len(features)), np.tile(np.arange(7), len(groups))] = 1
    count = len(features)
    return Examples(
        STAGE_LABELS * len(groups),
        features,
        np.zeros((count, PLACES), np.float32),
        tuple(np.full((1, DIMENSIONS), row, np.float16) for row in range(count)),
        STAGE_LABELS * len(groups),
        ((),) * count,
        tuple(group for group in groups for _ in STAGE_LABELS),
        (1.0,) * count,
    )


class TestExamples:
    @pytest.mark.parametrize("group", "abcdefghijklmnopqrstuvwxyz")
    def test_no_problem_of_a_held_out_group_is_trained_on(self, data: Data, group: str) -> None:
        problems = {session.problem for session in data.sessions if session.group == group} - {NO_PROBLEM}
        rest = data.without(group)
        assert len(rest.sessions) > 40 and rest.singles and not rest.spoken
        assert not any(session.group == group or session.problem in problems for session in rest.sessions)
        assert not any(single.group == group for single in rest.singles)
        for passages in (rest.comparisons, rest.details, rest.interjections):
            assert passages
            assert not any(passage.domain in problem.split("-") for passage in passages for problem in problems)

    def test_every_group_is_named_once(self, data: Data) -> None:
        assert "".join(data.groups()) == "abcdefghijklmnopqrstuvwxyz"

    def test_rows_of_a_group_are_left_out_whole(self) -> None:
        kept = without_group(some_examples("aba"), "a")
        assert set(kept.groups) == {"b"} and kept.stages == STAGE_LABELS
        assert [float(states[0, 0]) for states in kept.states] == list(range(7, 14))

    def test_joined_examples_keep_their_order(self) -> None:
        both = joined([some_examples("a"), some_examples("bc")])
        assert both.groups == some_examples("abc").groups and both.stages == STAGE_LABELS * 3
        assert np.array_equal(both.features, some_examples("abc").features)


class TestAblations:
    def test_cues_see_no_embedding_and_embeddings_no_cue(self) -> None:
        seen = {name: set(some.tolist()) for name, some in columns().items()}
        assert seen[CUES_ONLY] | seen[EMBEDDING_ONLY] == set(range(COLUMNS))
        assert not seen[CUES_ONLY] & seen[EMBEDDING_ONLY]

    def test_without_context_nothing_tells_of_the_neighbours(self) -> None:
        alone = set(columns()[NO_CONTEXT].tolist())
        assert set(range(DIMENSIONS)) <= alone and not alone & set(range(DIMENSIONS, 3 * DIMENSIONS))
        names = {feature_names()[column - 3 * DIMENSIONS] for column in alone if column >= 3 * DIMENSIONS}
        assert set(feature_names()) - names == {"interviewer_before", "interviewer_after"}

    def test_a_smaller_classifier_cannot_use_what_it_does_not_see(self) -> None:
        examples = some_examples("abc")
        sighted = StageClassifier(examples, columns()[EMBEDDING_ONLY]).scores(examples.features)
        assert without_decoder(sighted) == list(examples.stages)
        blind = StageClassifier(examples, columns()[CUES_ONLY]).scores(examples.features)
        assert np.allclose(blind, 0, atol=0.01)


class TestBaselines:
    def test_keywords_choose_the_stage_with_most_of_them(self) -> None:
        said = ["who are the users and what is the goal", "xyzzy plugh"]
        first, second = keyword_labels(read(said))
        assert first == "problem" and second == "other"

    def test_the_nearest_prototype_is_the_stage_of_like_examples(self) -> None:
        examples = some_examples("ab")
        means = prototypes(examples)
        assert np.allclose(np.linalg.norm(means, axis=1), 1)
        assert prototype_labels(examples.features, means) == list(examples.stages)


class TestCrossValidation:
    def test_a_session_is_judged_in_every_way(self, held_out: list[HeldOut]) -> None:
        (one,) = held_out
        session = one.written.session
        assert session.group == "b" and one.spoken is not None
        assert one.simulated.session.gold == session.gold
        assert [u.text for u in one.simulated.talk.utterances] != [u.text for u in session.utterances]
        assert one.spoken_online is not None and one.spoken_online.speech and one.online.confidence != ()
        assert len(one.online.given) == sum(gold.stage is not None for gold in session.gold)
        for labels in one.other_ways.values():
            assert [label is None for label in labels] == [gold.stage is None for gold in session.gold]

    def test_every_section_is_printed(self, held_out: list[HeldOut]) -> None:
        text = "\n".join(sections(held_out))
        for title in ("Stages", "Topics", "Findings", "After recognition", "By kind and level"):
            assert f"## {title}" in text
        for way in held_out[0].other_ways:
            assert f"| {way} |" in text
        assert "| spoken and recognised |" in text
        assert "nan" not in text and "inf" not in text.replace("information", "")

    def test_it_prints_without_spoken_sessions(self, held_out: list[HeldOut]) -> None:
        assert "spoken and recognised" not in "\n".join(
            sections([replace(held_out[0], spoken=None, spoken_online=None)])
        )


def test_an_unknown_group_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--group", "nowhere"])
    assert "nowhere" in capsys.readouterr().err


def test_while_every_text_is_remembered_none_is_embedded_twice() -> None:
    bounded = embedding._encode_one
    with remembering_every_text():
        unbounded = embedding._encode_one
        embed(["one text", "another", "one text"])
        assert (unbounded.cache_info().misses, unbounded.cache_info().maxsize) == (2, None)
    assert embedding._encode_one is bounded


def test_nothing_of_the_unseen_sessions_is_trained_on(data: Data) -> None:
    unseen = load_sessions(UNSEEN)
    assert len(unseen) >= 12
    assert not {session.problem for session in unseen} & {session.problem for session in data.sessions}
    known = {utterance.text for session in data.sessions for utterance in session.utterances}
    known |= {single.text for single in data.singles}
    said = {said.text for session in unseen for said in session.utterances if said.speaker == "candidate"}
    assert not {text for text in said & known if len(text.split()) > 6}


def test_unseen_sessions_are_judged_by_the_shipped_classifiers(tmp_path: Path) -> None:
    source = UNSEEN / "b" / "refund-abuse-plainspoken.session"
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    text = "\n".join(judged_unseen(tmp_path))
    assert "| 1 sessions |" in text and "**micro**" in text and "| simulated recognition |" in text


def test_documents_kept_elsewhere_are_judged_by_stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = "C data [] | 1. Data and labels\nC data [] | Clicks are the positives.\n"
    head = "problem: guide\nframework: six-stage\nlevel: senior\nminutes: 8\nstyle: notes\nkind: guide\n---\n"
    (tmp_path / "notes.session").write_text(head + lines, encoding="utf-8")
    assert main(["--documents", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "| all 1 | 1.000 |" in told and "| notes | 1.000 |" in told
    with pytest.raises(SystemExit):
        main(["--documents", str(tmp_path / "empty")])
    assert "no *.session below" in capsys.readouterr().err
