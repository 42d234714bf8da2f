"""Precision and recall of topics and findings, by hand."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from analysis.evaluation.finding_hits import (
    Judged,
    finding_hits,
    glaring_topic_hits,
    in_place,
    is_clean,
    labelled_findings,
    missed_topic_hits,
    mistakes,
    name_of,
)
from analysis.evaluation.hits import Hits, compare
from analysis.evaluation.tables import figure, table
from analysis.evaluation.topic_hits import topic_hits
from analysis.report import Finding
from analysis.training.sessions import Gold, LabelledSession
from prompts.vocabulary import FindingCode, Severity, Stage, Topic
from tests.analysis.talks import Said, talk, whole


def labelled(said: Sequence[Said], flaws: tuple[str, ...] = (), name: str = "small") -> LabelledSession:
    """A session whose labels are what was said."""
    return LabelledSession(
        name=name,
        group="a",
        problem="feed",
        framework="six-stage",
        level="senior",
        planned_seconds=2700,
        style="brisk",
        kind="spoken",
        utterances=talk(*said).utterances,
        gold=tuple(Gold(row.stage, row.topics) for row in said),
        flaws=flaws,
    )


def marked(session: LabelledSession, row: int, name: str) -> LabelledSession:
    """The session with one utterance labelled as a finding's evidence."""
    gold = list(session.gold)
    gold[row] = replace(gold[row], findings=(name,))
    return replace(session, gold=tuple(gold))


def raised(
    code: FindingCode,
    start: float = 0.0,
    severity: Severity = "warning",
    stage: Stage | None = None,
    topic: Topic | None = None,
) -> Finding:
    return Finding(code, severity, start, start + 5, (0,), "", "", "", "", stage, topic)


FOUR = [Said(f"words {row}", "data", seconds=100) for row in range(4)]


def judged(session: LabelledSession, *findings: Finding, said: Sequence[Said] = FOUR) -> Judged:
    return Judged(session, talk(*said), findings)


class TestCounts:
    def test_precision_is_over_what_was_raised_and_recall_over_what_is_there(self) -> None:
        hits = Hits(raised=4, right=3, there=6, found=3)
        assert [hits.precision(), hits.recall(), hits.f1()] == pytest.approx([0.75, 0.5, 0.6])

    def test_nothing_raised_has_no_precision_and_nothing_there_no_recall(self) -> None:
        assert math.isnan(Hits().precision()) and math.isnan(Hits().recall()) and math.isnan(Hits().f1())
        assert Hits(there=3).f1() == Hits(raised=3).f1() == 0

    def test_hits_add_up_and_compare_sets(self) -> None:
        assert compare({"a", "b"}, {"b", "c", "d"}) == Hits(2, 1, 3, 1)
        assert compare({"a"}, {"a"}) + compare({"b"}, set()) == Hits(2, 1, 1, 1)


class TestTopics:
    def test_utterances_and_whole_sessions_are_counted_apart(self) -> None:
        session = labelled([Said("a", "data", ("labels",)), Said("b", "data", ("labels",)), Said("c", "data")])
        heard = talk(Said("a", "data", ("labels",)), Said("b", "data"), Said("c", "data", ("split",)))
        hits = topic_hits([(session, heard)])
        assert hits["labels"] == (Hits(1, 1, 2, 1), Hits(1, 1, 1, 1))
        assert hits["split"] == (Hits(1, 0, 0, 0), Hits(1, 0, 0, 0))
        assert hits["leakage"] == (Hits(), Hits())


class TestFindings:
    def test_stages_and_topics_belong_to_the_name(self) -> None:
        assert name_of(raised("missed_stage", stage="data")) == "missed_stage/data"
        assert name_of(raised("stage_overrun", stage="data")) == "stage_overrun/data"
        assert name_of(raised("missed_topic", stage="data", topic="labels")) == "missed_topic/labels"
        assert name_of(raised("premature_modeling", stage="modeling")) == "premature_modeling"

    def test_a_session_is_labelled_by_its_flaws_and_by_its_utterances(self) -> None:
        session = marked(labelled(FOUR, ("missed_stage/data",)), 2, "rabbit_hole")
        assert labelled_findings(session) == {"missed_stage/data", "rabbit_hole"}
        assert is_clean(labelled(FOUR)) and not is_clean(session)

    def test_each_code_is_counted_by_name_once_a_session(self) -> None:
        session = marked(labelled(FOUR, ("missed_stage/problem", "missed_stage/production")), 0, "rabbit_hole")
        found = (
            raised("missed_stage", stage="problem"),
            raised("missed_stage", stage="modeling"),
            raised("long_silence", 0),
            raised("long_silence", 200),
        )
        hits = finding_hits([judged(session, *found)])
        assert hits["missed_stage"] == Hits(2, 1, 2, 1)
        assert hits["long_silence"] == Hits(1, 0, 0, 0)
        assert hits["rabbit_hole"] == Hits(0, 0, 1, 0)
        assert "premature_modeling" not in hits

    def test_remarks_count_only_where_sessions_label_them(self) -> None:
        assert "pace" not in finding_hits([judged(labelled(FOUR), raised("pace", severity="info"))])
        labels = [judged(labelled(FOUR, ("pace",)), raised("pace")), judged(labelled(FOUR), raised("pace"))]
        assert finding_hits(labels)["pace"] == Hits(2, 1, 1, 1)

    def test_mistakes_name_the_sessions(self) -> None:
        wrong = judged(labelled(FOUR, name="one"), raised("rabbit_hole"))
        overlooked = judged(marked(labelled(FOUR, name="two"), 0, "rabbit_hole"))
        right = judged(marked(labelled(FOUR, name="three"), 0, "rabbit_hole"), raised("rabbit_hole"))
        assert mistakes([wrong, overlooked, right]) == [("rabbit_hole", ["one"], ["two"])]

    @pytest.mark.parametrize(("start", "near"), [(100, 1), (195, 1), (35, 1), (34, 0), (350, 0)])
    def test_a_right_finding_is_in_place_within_a_minute_of_its_utterance(self, start: float, near: int) -> None:
        session = marked(labelled(FOUR), 1, "rabbit_hole")  # from 100 to 200
        assert in_place([judged(session, raised("rabbit_hole", start))], "rabbit_hole") == (near, 1)

    def test_what_no_utterance_is_labelled_with_has_no_place(self) -> None:
        assert in_place([judged(labelled(FOUR, ("long_silence",)), raised("long_silence"))], "long_silence") == (0, 0)


class TestMissedTopics:
    """A clean six-stage talk of a senior, with topics taken away from the labels, from what was heard, or from both."""

    TALK = whole()

    def without(self, *topics: Topic) -> tuple[Said, ...]:
        return tuple(
            replace(row, topics=tuple(topic for topic in row.topics if topic not in topics)) for row in self.TALK
        )

    def test_it_is_right_when_no_utterance_carries_the_topic(self) -> None:
        gone = self.without("leakage", "monitoring")
        both = judged(labelled(gone), said=gone)
        assert missed_topic_hits(both) == Hits(2, 2, 2, 2)
        wrong = judged(labelled(self.without("leakage")), said=gone)
        assert missed_topic_hits(wrong) == Hits(2, 1, 1, 1)
        overlooked = judged(labelled(gone), said=self.without("leakage"))
        assert missed_topic_hits(overlooked) == Hits(1, 1, 2, 1)

    def test_topics_of_a_stage_missed_as_a_whole_need_not_be_found_but_may_be(self) -> None:
        gone = self.without("leakage")
        assert missed_topic_hits(judged(labelled(gone, ("missed_stage/modeling",)), said=gone)) == Hits(1, 1, 0, 0)

    def test_topics_whose_absence_has_a_code_of_its_own_need_not_be_found(self) -> None:
        gone = self.without("clarifying_questions", "recommendation_after_trade_off")
        assert missed_topic_hits(judged(labelled(gone), said=gone)) == Hits()

    def test_what_a_report_has_no_room_for_counts(self) -> None:
        topics: tuple[Topic, ...] = (
            *("labels", "features", "split", "imbalance", "baseline", "offline_metrics"),
            *("leakage", "ab_test", "monitoring"),
        )
        gone = self.without(*topics)
        assert missed_topic_hits(judged(labelled(gone), said=gone)).found > 7

    def test_those_that_labels_name_are_counted_at_every_level(self) -> None:
        gone = self.without("leakage", "normalization")
        one = replace(labelled(gone, ("missed_topic/leakage", "missed_topic/normalization")), level="junior")
        assert glaring_topic_hits([judged(one, said=gone)]) == Hits(there=2, found=2)
        assert glaring_topic_hits([judged(one, said=self.TALK)]) == Hits(there=2)


class TestTables:
    def test_a_table_is_markdown(self) -> None:
        assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
        with pytest.raises(ValueError, match="rows under a, b"):
            table(("a", "b"), [("1",)])

    def test_a_missing_figure_is_a_dash(self) -> None:
        assert [figure(value) for value in (0.125, float("nan"), float("inf"))] == ["0.12", "–", "never"]
