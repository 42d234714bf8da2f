"""The score: equal findings, equal score; a fault more never raises it, a fault less never lowers it."""

from hypothesis import given
from hypothesis import strategies as st

from analysis.report import Finding
from analysis.score import score
from prompts.vocabulary import FINDING_CODES, STAGES, TOPICS

FINDINGS = st.builds(
    Finding,
    code=st.sampled_from(FINDING_CODES),
    severity=st.sampled_from(["info", "warning", "fault"]),
    start=st.floats(0, 3600),
    end=st.floats(0, 3600),
    utterances=st.just(()),
    quote=st.text(max_size=5),
    message=st.text(max_size=5),
    advice=st.just(""),
    source=st.just(""),
    stage=st.none() | st.sampled_from(STAGES),
    topic=st.none() | st.sampled_from(TOPICS),
)


def test_a_talk_without_findings_has_every_point() -> None:
    perfect = score([])
    assert perfect.total == 100
    assert perfect.by_stage == dict.fromkeys(STAGES, 100)
    assert perfect.why == ()


def test_where_no_stage_can_earn_any_there_are_no_points() -> None:
    nothing = score([], ())
    assert (nothing.total, nothing.by_stage) == (0, {})
    assert nothing.why == ("Nothing was said that could be judged.",)


@given(st.lists(FINDINGS, max_size=25), FINDINGS)
def test_a_finding_more_never_raises_and_a_finding_less_never_lowers(findings: list[Finding], more: Finding) -> None:
    without, with_it = score(findings), score([more, *findings])
    assert with_it.total <= without.total
    assert all(with_it.by_stage[stage] <= without.by_stage[stage] for stage in STAGES)


@given(st.lists(FINDINGS, max_size=25))
def test_points_are_between_none_and_a_hundred(findings: list[Finding]) -> None:
    found = score(findings)
    assert all(0 <= points <= 100 for points in (found.total, *found.by_stage.values()))
    assert set(found.by_stage) == set(STAGES)


@given(st.lists(FINDINGS, max_size=12).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_equal_findings_score_equal_in_any_order(pair: tuple[list[Finding], list[Finding]]) -> None:
    one, other = score(pair[0]), score(pair[1])
    assert (one.total, one.by_stage) == (other.total, other.by_stage)
    assert sorted(one.why) == sorted(other.why)


@given(st.lists(FINDINGS, max_size=12))
def test_every_deduction_is_explained(findings: list[Finding]) -> None:
    found = score(findings)
    assert len(found.why) == len(findings)
    assert all(finding.message in line for finding, line in zip(findings, found.why, strict=True))


@given(FINDINGS)
def test_a_worse_severity_never_costs_less(finding: Finding) -> None:
    def total(severity: str) -> float:
        return score([Finding(**{f: getattr(finding, f) for f in Finding.__slots__} | {"severity": severity})]).total

    assert total("fault") < total("warning") < total("info") < 100


def test_a_missed_stage_has_no_points() -> None:
    missed = Finding("missed_stage", "info", 0, 0, (), "", "", "", "", "data")
    assert score([missed]).by_stage["data"] == 0
