"""Figures of merit for stages, by hand on sessions of a few utterances: time, boundaries, confidence, delay."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.evaluation.calibration import Bin, expected_calibration_error, reliability
from analysis.evaluation.course import Course, course, visits, without_other
from analysis.evaluation.delay import delays
from analysis.evaluation.measures import accuracy, confusion, macro_f1, stage_f1
from analysis.evaluation.segmentation import (
    boundaries,
    boundary_errors,
    mean_pk,
    mean_window_diff,
    pk,
    stages_found,
    window,
    window_diff,
)
from analysis.training.sessions import parse_session
from prompts.vocabulary import STAGE_LABELS, StageLabel
from tests.analysis.talks import Said, asked, talk

LETTERS: dict[str, StageLabel] = dict(zip("phdmrwo", STAGE_LABELS, strict=True))
"""Stages by letter: p h d m r(un in production) w, and o for other."""


def stages(letters: str) -> tuple[StageLabel, ...]:
    return tuple(LETTERS[letter] for letter in letters)


def a_course(
    truth: str, given: str, seconds: float = 10.0, speech: float = 10.0, confidence: tuple[float, ...] = ()
) -> Course:
    """Utterances one after another, one letter each."""
    count = len(truth)
    start = tuple(row * seconds for row in range(count))
    return Course(stages(truth), stages(given), start, (seconds,) * count, (speech,) * count, confidence)


def gaps(text: str) -> tuple[bool, ...]:
    return tuple(letter == "1" for letter in text)


labels = st.lists(st.sampled_from("phdmrwo"), min_size=2, max_size=30).map("".join)


class TestByTime:
    def test_a_long_utterance_weighs_more_than_a_short_one(self) -> None:
        one = Course(stages("pd"), stages("pp"), (0, 30), (30.0, 10.0), (30.0, 10.0))
        assert accuracy([one]) == 0.75
        assert stage_f1([one], "problem") == pytest.approx(2 * 30 / (30 + 40))
        assert stage_f1([one], "data") == 0
        assert confusion([one]) == {("problem", "problem"): 0.5, ("data", "problem"): pytest.approx(1 / 6)}

    def test_macro_f1_weighs_every_stage_that_occurs_the_same(self) -> None:
        one = a_course("pppd", "pppp")
        assert macro_f1([one]) == pytest.approx((6 / 7 + 0) / 2)
        assert macro_f1([a_course("pppd", "pppd")]) == 1

    def test_sessions_are_counted_together(self) -> None:
        assert accuracy([a_course("pp", "pp"), a_course("dd", "pp")]) == 0.5

    def test_what_never_occurs_has_no_figure(self) -> None:
        assert math.isnan(stage_f1([a_course("p", "p")], "data"))
        assert math.isnan(accuracy([])) and math.isnan(macro_f1([]))

    @given(labels)
    def test_a_perfect_course_is_perfect(self, truth: str) -> None:
        one = a_course(truth, truth)
        assert accuracy([one]) == macro_f1([one]) == 1


class TestCourse:
    SESSION = parse_session(
        """problem: feed
framework: six-stage
level: senior
minutes: 45
style: brisk
kind: spoken
---
I | design a feed
C problem [] | who uses it
C data [] | clicks are the labels
""",
        "small",
        "a",
    )
    TALK = talk(
        asked("design a feed", seconds=5),
        Said("who uses it", "problem", seconds=10, pause=5, confidence=0.9),
        Said("clicks are the labels", "modeling", seconds=20, confidence=0.4),
    )

    def test_it_holds_the_candidate_only_with_pauses_in_its_time_and_not_in_its_speech(self) -> None:
        one = course(self.SESSION, self.TALK)
        assert one == Course(
            ("problem", "data"), ("problem", "modeling"), (5.0, 20.0), (15.0, 20.0), (10.0, 20.0), (0.9, 0.4)
        )

    def test_labels_of_something_else_have_no_confidence(self) -> None:
        one = course(self.SESSION, self.TALK, [None, "data", "data"])
        assert one.given == ("data", "data") and one.confidence == ()

    def test_other_continues_the_stage_it_interrupts_and_belongs_to_the_first_before_it(self) -> None:
        assert without_other(stages("oppodood")) == list(stages("ppppdddd"))
        assert without_other(stages("oo")) == list(stages("oo"))
        assert visits(stages("oppopddp")) == [
            ("problem", range(5)),
            ("data", range(5, 7)),
            ("problem", range(7, 8)),
        ]


class TestSegmentation:
    def test_boundaries_are_the_gaps_where_the_stage_changes(self) -> None:
        assert boundaries(stages("ppdodm")) == gaps("01001")
        assert boundaries(stages("p")) == ()

    def test_the_window_is_half_the_mean_true_segment(self) -> None:
        assert window(boundaries(stages("pppppppp" + "dddd"))) == 3  # 12 utterances, 2 segments
        assert window(boundaries(stages("pd"))) == 1
        assert window(()) == 1

    # Pk and WindowDiff as the documentation of NLTK's nltk.metrics.segmentation gives them, with gaps as digits.
    @pytest.mark.parametrize("given", ["1" * 400, "0" * 400])
    def test_pk_of_the_textbook_all_or_nothing(self, given: str) -> None:
        assert round(pk(gaps("0100" * 100), gaps(given), 2), 2) == 0.5

    @pytest.mark.parametrize(
        ("truth", "given", "expected"),
        [
            ("000100000010", "000100000010", 0.0),
            ("000100000010", "000010000100", 0.3),
            ("000010000100", "100000010000", 0.8),
        ],
    )
    def test_window_diff_of_the_textbook(self, truth: str, given: str, expected: float) -> None:
        assert round(window_diff(gaps(truth), gaps(given), 3), 2) == expected

    def test_pk_by_hand(self) -> None:
        # Windows over two gaps of 0100 against 0001: 01/00 10/00 00/01, each wrong.
        assert pk(gaps("0100"), gaps("0001"), 2) == 1
        # 00 01 10 against 00 00 00: a missed boundary is seen by as many windows as they are wide.
        assert pk(gaps("0010"), gaps("0000"), 2) == pytest.approx(2 / 3)

    def test_a_boundary_too_many_beside_a_true_one_escapes_pk_but_not_window_diff(self) -> None:
        # 00 01 10 00 against 00 01 11 10: Pk sees only the last window differ.
        truth, given = gaps("00100"), gaps("00110")
        assert pk(truth, given, 2) == 0.25
        assert window_diff(truth, given, 2) == 0.5

    def test_a_text_no_longer_than_the_window_has_no_figure(self) -> None:
        assert math.isnan(pk((), (), 1))
        assert math.isnan(mean_pk([a_course("p", "p")]))

    def test_unlike_lengths_are_refused(self) -> None:
        with pytest.raises(ValueError, match="2 gaps against 1"):
            pk((True, False), (True,), 1)

    def test_sessions_are_averaged(self) -> None:
        right, wrong = a_course("ppdd", "ppdd"), a_course("ppdd", "pppp")
        assert mean_pk([right, wrong]) == mean_window_diff([right, wrong]) == pytest.approx((0 + 1 / 3) / 2)

    @given(labels, labels)
    def test_window_diff_is_never_below_pk_and_both_are_shares(self, truth: str, given: str) -> None:
        count = min(len(truth), len(given))
        one, other = boundaries(stages(truth[:count])), boundaries(stages(given[:count]))
        width = window(one)
        assert 0 <= pk(one, other, width) <= window_diff(one, other, width) <= 1
        assert pk(one, one, width) == window_diff(one, one, width) == 0

    def test_a_boundary_error_is_the_time_between_the_two_beginnings(self) -> None:
        assert boundary_errors(a_course("ppddmm", "pddddm")) == [0, 10, 10]

    def test_only_stages_that_both_have_are_compared_and_the_rest_is_counted(self) -> None:
        one = a_course("oppddd", "opprrp")
        assert boundary_errors(one) == [0]
        assert stages_found(one) == (2, 1, 1)


class TestConfidence:
    def test_labels_are_binned_by_confidence_with_the_share_that_is_right(self) -> None:
        one = a_course("pppp", "pppd", confidence=(0.95, 1.0, 0.62, 0.68))
        low, high = reliability([one])
        assert (low.low, low.high, low.count, low.right) == (0.6, 0.7, 2, 0.5)
        assert (high.low, high.high, high.count, high.right) == (0.9, 1.0, 2, 1.0)
        assert [low.confidence, high.confidence] == pytest.approx([0.65, 0.975])

    def test_the_error_is_the_gap_averaged_over_labels(self) -> None:
        bins = [Bin(0.5, 0.6, 1, 0.55, 0.0), Bin(0.9, 1.0, 3, 0.95, 1.0)]
        assert expected_calibration_error(bins) == pytest.approx((0.55 + 3 * 0.05) / 4)
        assert math.isnan(expected_calibration_error([]))

    @pytest.mark.parametrize("edge", [0.0, 1.0])
    def test_the_ends_of_the_scale_have_a_bin(self, edge: float) -> None:
        assert [one.count for one in reliability([a_course("p", "p", confidence=(edge,))])] == [1]


class TestDelay:
    def test_it_is_the_speech_until_the_end_of_the_first_utterance_with_the_label(self) -> None:
        assert delays(a_course("ppddd", "ppddd", speech=8)) == [8]
        assert delays(a_course("ppddd", "pppdd", seconds=60, speech=8)) == [16]

    def test_a_stage_left_without_its_label_was_never_known(self) -> None:
        assert delays(a_course("pdddmmm", "ppppmmm")) == [math.inf, 10]

    def test_thinking_aloud_takes_time_but_changes_no_stage(self) -> None:
        assert delays(a_course("ppdodd", "pppodd")) == [30]

    def test_an_excursion_is_no_stage_change_and_neither_is_the_first_stage(self) -> None:
        assert delays(a_course("pppdppp", "ppppppp")) == [10]  # coming back is known at once
        assert delays(a_course("dd", "pp")) == []
