"""Rabbit holes, ignored interviewers and comparisons left open: what is one, and what only looks like one."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import conduct
from analysis.classifier import StaleClassifiers
from analysis.conduct import REPLY_FEATURES, WEIGHTS, load_conduct, reply_features, statement_features, store_conduct
from analysis.embedding import DIMENSIONS
from analysis.judgement import judge
from analysis.pitfalls import ignored_interviewer, rabbit_hole, trade_off
from analysis.pitfalls.rabbit_hole import maximal_stretches
from analysis.report import Finding
from analysis.training.comparisons import Comparison
from analysis.training.conduct import fit_conduct
from analysis.training.interjections import Interjection
from analysis.training.marked import MarkedUtterance
from analysis.training.singles import LabelledUtterance
from analysis.training.words import fit_marked_words
from prompts.vocabulary import StageLabel
from speech.transcript import Utterance
from tests.analysis.talks import Said, asked, talk

DESIGN = (
    "Shoppers want to find a gift quickly, so the goal is more orders from searches.",
    "I assume ten million visitors a day and an answer within two hundred milliseconds.",
    "Clicks followed by an order are our positives and everything else shown is negative.",
    "We split by time, so that the last two weeks test what the earlier ones taught.",
    "I would start with a popularity baseline and then train boosted trees on pairs.",
    "Offline I look at recall in the first ten, online at orders per visitor.",
)
DETAIL = (
    "So in the tokenizer the byte fallback kicks in for every accented letter, and a merge happens only if both bytes were seen.",
    "And the merges file is sorted by rank, so you need a priority queue keyed by rank, and ties go to the leftmost pair.",
    "The leading space is encoded as that odd capital G with a dot, which is byte thirty two shifted by two hundred fifty six.",
    "Then padding tokens get id zero and you have to mask them with minus ten thousand because minus infinity gives not a number in half precision.",
    "And the vocabulary size should be a multiple of sixty four, so that the last matrix is aligned in memory for the tensor cores.",
    "If you use the fast version written in rust, the offsets are in characters and not in bytes, so you have to convert them back.",
)


def said(texts: tuple[str, ...], stage: StageLabel = "data", seconds: float = 20.0) -> list[Said]:
    return [Said(text, stage, seconds=seconds) for text in texts]


def holes(*rows: Said) -> list[Finding]:
    return list(rabbit_hole.find(talk(*rows), load_conduct()))


def test_minutes_on_a_minute_detail_are_a_rabbit_hole_that_begins_with_its_first_sentence() -> None:
    (found,) = holes(*said(DESIGN), *said(DETAIL), *said(DESIGN))
    assert (found.code, found.severity, found.stage) == ("rabbit_hole", "warning", "data")
    assert found.quote.startswith("So in the tokenizer") and found.start == 120
    assert found.utterances == tuple(range(6, 12))
    assert "2:00" in found.message


def test_two_rabbit_holes_are_two_findings() -> None:
    assert len(holes(*said(DETAIL), *said(DESIGN), *said(DESIGN), *said(DETAIL))) == 2


def test_thorough_design_talk_is_no_rabbit_hole() -> None:
    assert holes(*said(DESIGN, seconds=40)) == []
    assert holes() == [] == holes(asked("Design a search engine."))


def test_a_detail_in_passing_is_fine_however_slowly_it_is_said() -> None:
    assert holes(*said(DESIGN), *said(DETAIL[:2]), *said(DESIGN)) == []
    assert holes(*said(DESIGN), *said(DETAIL[:1], seconds=600), *said(DESIGN)) == []


@given(st.lists(st.integers(-5, 5), max_size=30))
def test_maximal_stretches_are_disjoint_and_no_cut_makes_one_larger(scores: list[int]) -> None:
    found = maximal_stretches([float(score) for score in scores])
    assert all(before[1] < after[0] for before, after in pairwise(found))
    for first, last, total in found:
        assert total == sum(scores[first : last + 1])
        assert all(sum(scores[first:cut]) > 0 and sum(scores[cut : last + 1]) > 0 for cut in range(first + 1, last + 1))
    sums = [sum(scores[a:b]) for a in range(len(scores)) for b in range(a + 1, len(scores) + 1)]
    assert max((total for *_, total in found), default=0) == max([0, *sums])


BEFORE = (
    "The cache sits in front of the ranking service and keeps the answers for a minute.",
    "A key is the query with the country, and I'd evict what was used longest ago.",
    "The cache is split over eight machines by a hash of the key.",
)
ON_THE_CACHE = (
    "Yes, sure, one more thing about the cache, when it's full the eviction takes a lock and that lock is what costs time.",
    "You can split the lock into sixteen parts by the hash of the key, and then it scales nearly linearly with the machines.",
    "The keys should also be compressed, since the queries are long, and the cache would hold twice as many of them.",
    "And a minute is arbitrary, one could keep the popular answers longer and the rare ones shorter in the cache.",
)
ON_THE_LABELS = (
    "Sure. What we learn from is clicks with an order behind them within the hour, those are the positives.",
    "The negatives are results that were displayed above a click and skipped, since we know somebody saw them.",
    "People click more on the first place, so I weigh each by how often that position is looked at.",
    "That gives about a million examples per day, and I'd keep a tenth of the negatives.",
)


def ignored(
    before: tuple[str, ...], line: str, reply: tuple[str, ...], after: StageLabel = "high_level"
) -> list[Finding]:
    rows = [*said(before, "high_level"), asked(line), *said(reply, after)]
    return list(ignored_interviewer.find(talk(*rows), load_conduct()))


REDIRECT = "Let's leave the cache there. I'd like to hear what the model learns from."


def test_carrying_on_after_a_redirect_is_a_fault_that_quotes_the_reply() -> None:
    (found,) = ignored(BEFORE, REDIRECT, ON_THE_CACHE)
    assert (found.code, found.severity) == ("ignored_interviewer", "fault")
    assert found.quote == ON_THE_CACHE[0] and found.start == 65


def test_following_a_redirect_is_fine_also_after_a_closing_sentence() -> None:
    assert ignored(BEFORE, REDIRECT, ON_THE_LABELS, "data") == []
    closing = ("Just to finish that, eight machines are plenty.", *ON_THE_LABELS)
    assert ignored(BEFORE, REDIRECT, closing, "data") == []


@pytest.mark.parametrize("line", ["Mm-hm.", "Nice, eight machines.", "Why eight machines?"])
def test_a_line_that_does_not_steer_cannot_be_ignored(line: str) -> None:
    assert ignored(BEFORE, line, ON_THE_CACHE) == []


def test_a_short_reply_is_not_judged() -> None:
    assert ignored(BEFORE, REDIRECT, ("One more thing, the cache is warm.",)) == []
    assert ignored(BEFORE, REDIRECT, ()) == []
    assert ignored((), REDIRECT, ON_THE_CACHE) == []


CHANGE = "Let me change something. We may no longer keep any query for longer than an hour."
NEXT_SUBJECT = (
    "Okay. So for the loss I'd take the pairwise one, since only the order of two results matters to a shopper.",
    "It's trained on pairs out of the same page, and one in ten pages goes into validation, chosen by day.",
    "The trees are grown to a depth of six, and I'd stop when the validation score is flat for fifty rounds.",
)
TAKEN_UP = (
    "Okay. So for the training data that means I can't join orders of the next day any more, I'd have to label within the hour.",
    "The log then keeps only the features and the label, and the query itself is thrown away after the join.",
    "For debugging I'd ask some hundred employees to opt in, and their queries may be kept for a month.",
)


def test_opening_the_next_subject_right_after_a_change_is_ignoring_it() -> None:
    (found,) = ignored(BEFORE, CHANGE, NEXT_SUBJECT, "modeling")
    assert "changed a requirement" in found.message and found.stage == "modeling"
    assert found.advice != ignored(BEFORE, REDIRECT, ON_THE_CACHE)[0].advice


def test_a_change_that_is_taken_up_is_fine() -> None:
    assert ignored(BEFORE, CHANGE, TAKEN_UP, "data") == []


OPTIONS = (
    "Trees train in minutes and anybody can read them, but they make little of the text of the query.",
    "A neural ranker would understand the text, but it needs graphics cards and somebody to look after them.",
)
SHRUG = "Both of them have their merits, it depends, people use the one and the other."
DECISION = "So I take the trees here, as four hundred columns and three people speak for them."


def comparisons(*rows: Said) -> list[Finding]:
    return list(trade_off.find(talk(*rows), load_conduct()))


def compared(texts: tuple[str, ...] = OPTIONS) -> list[Said]:
    return [Said(text, "modeling", ("trade_off",)) for text in texts]


def decided() -> Said:
    return Said(DECISION, "modeling", ("recommendation_after_trade_off",))


PLAIN = said(("The loss is the usual one for pairs of results.",) * 8, "modeling")


def test_a_comparison_that_is_left_open_is_found_where_it_begins() -> None:
    (found,) = comparisons(*compared(), Said(SHRUG, "modeling"), *PLAIN)
    assert (found.code, found.severity, found.stage) == ("trade_off_without_recommendation", "warning", "modeling")
    assert (found.quote, found.utterances) == (OPTIONS[0], (0, 1))


def test_a_plain_comparison_that_is_dropped_without_a_word_stays_open() -> None:
    (found,) = comparisons(*compared(), *PLAIN)
    assert found.utterances == (0, 1)


def test_naming_two_ways_without_weighing_them_owes_nothing() -> None:
    passing = Said("One could store the vectors in memory or on disk, that's for the platform team to say.", "modeling")
    assert comparisons(passing, *PLAIN) == []


def test_it_may_be_left_open_in_the_sentence_that_compares() -> None:
    (found,) = comparisons(*compared((f"{OPTIONS[0]} {OPTIONS[1]} {SHRUG}",)), *PLAIN)
    assert found.utterances == (0,)


def test_a_decision_before_or_after_closes_the_comparison() -> None:
    assert comparisons(*compared(), decided(), *PLAIN) == []
    assert comparisons(*compared(), Said(SHRUG, "modeling"), *PLAIN[:3], decided()) == []
    assert comparisons(decided(), *compared(), *PLAIN) == []


def test_a_decision_closes_only_the_comparison_beside_it() -> None:
    (found,) = comparisons(*compared(), decided(), *PLAIN, *compared(), Said(SHRUG, "modeling"), *PLAIN)
    assert found.start > 90


def test_a_talk_without_a_comparison_owes_no_recommendation() -> None:
    assert comparisons(*PLAIN, Said(SHRUG, "modeling")) == []
    assert comparisons() == []


def test_a_judgement_is_made_with_the_classifiers_it_is_given() -> None:
    detail, undecided, commitment, ignored = (
        conduct.Logistic(np.zeros_like(part.weights), -9.0) for part in meanings(load_conduct())
    )
    none = fit_marked_words(["nothing"] * 9, np.arange(9) == 0, np.ones(9))
    heard = [conduct.Statement(one, none) for one in (detail, undecided, commitment)]
    deaf = conduct.Conduct(heard[0], heard[1], heard[2], ignored)
    rows = [*said(DESIGN), *said(DETAIL), *said(DESIGN)]
    assert "rabbit_hole" in {finding.code for finding in judge(talk(*rows))}
    assert "rabbit_hole" not in {finding.code for finding in judge(talk(*rows), deaf)}


def test_saying_what_somebody_commits_to_is_told_from_naming_it() -> None:
    statements = (
        "i'd straight away go with a random forest for this, done",
        "some teams use a random forest, we can look at that later",
    )
    rows = statement_features([Utterance(i, 0, 0, "candidate", text) for i, text in enumerate(statements)])
    committed, named = load_conduct().commitment.probability(rows, statements)
    assert committed > 0.9 and named < 0.5


def test_the_shipped_classifiers_fit_their_features() -> None:
    """After a change of the reply's features: `python -m analysis.training.conduct`."""
    line, *reply = (Utterance(i, 0, 0, "candidate", text) for i, text in enumerate((REDIRECT, *ON_THE_CACHE)))
    features = reply_features(reply[:1], line, reply)
    assert features.shape == (len(REPLY_FEATURES) + 2 * DIMENSIONS,) == load_conduct().ignored.weights.shape
    assert reply_features(reply[:1], line, reply[:1]).shape == features.shape
    assert all(np.isfinite(part.weights).all() and np.isfinite(part.bias) for part in meanings(load_conduct()))


def test_a_file_trained_for_other_features_is_stale(tmp_path_factory: pytest.TempPathFactory) -> None:
    with np.load(WEIGHTS) as stored:
        arrays = dict(stored)
    arrays["columns"] = arrays["columns"][:-1]
    path = tmp_path_factory.mktemp("weights") / "conduct.npz"
    np.savez(path, **arrays)
    load_conduct.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conduct, "WEIGHTS", path)
        with pytest.raises(StaleClassifiers, match=r"python -m analysis\.training\.conduct"):
            load_conduct()
    load_conduct.cache_clear()


def test_training_on_the_same_examples_gives_the_same_classifiers(tmp_path_factory: pytest.TempPathFactory) -> None:
    details = [
        MarkedUtterance("shop", minute, text) for minute, texts in ((True, DETAIL), (False, DESIGN)) for text in texts
    ]
    passages = [
        Interjection("shop", "redirect", True, BEFORE, REDIRECT, ON_THE_CACHE),
        Interjection("shop", "redirect", False, BEFORE[:2], REDIRECT, ON_THE_LABELS),
    ]
    open_, closed = (
        Comparison("shop", end is DECISION, tuple(_labelled(text, end) for text in (*OPTIONS, end)))
        for end in (SHRUG, DECISION)
    )
    first, again = (fit_conduct((), details, details, passages, [open_, closed]) for _ in range(2))
    assert first.detail.words.scores(DETAIL).tolist() == again.detail.words.scores(DETAIL).tolist()
    for one, other in zip(meanings(first), meanings(again), strict=True):
        assert np.array_equal(one.weights, other.weights)
    path = tmp_path_factory.mktemp("weights") / "conduct.npz"
    load_conduct.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conduct, "WEIGHTS", path)
        store_conduct(first)
        kept = load_conduct()
    load_conduct.cache_clear()
    for one, other in zip(meanings(first), meanings(kept), strict=True):
        assert one.weights == pytest.approx(other.weights, rel=1e-2, abs=1e-3)
        assert one.bias == pytest.approx(other.bias, rel=1e-5)
    assert kept.detail.words.scores(DETAIL) == pytest.approx(first.detail.words.scores(DETAIL), rel=1e-2, abs=1e-2)


def meanings(trained: conduct.Conduct) -> tuple[conduct.Logistic, ...]:
    return trained.detail.meaning, trained.undecided.meaning, trained.commitment.meaning, trained.ignored


def _labelled(text: str, end: str) -> LabelledUtterance:
    if text in OPTIONS:
        return LabelledUtterance("comparisons", "modeling", ("trade_off",), text)
    topics = ("recommendation_after_trade_off",) if end is DECISION else ()
    return LabelledUtterance("comparisons", "modeling", topics, text)  # type: ignore[arg-type]  # literals above
