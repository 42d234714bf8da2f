"""A small report made by hand, and any report at all, for tests of its renderings."""

from hypothesis import strategies as st

from analysis.report import (
    Delivery,
    Filler,
    Finding,
    Hedge,
    Monologue,
    Norm,
    PacePoint,
    Pause,
    Report,
    ReportUtterance,
    Score,
    SessionFacts,
    StageTime,
    TopicCoverage,
)
from prompts.vocabulary import STAGES
from speech.transcript import Word

PREMATURE = "I would use a two tower model right away."


def sample(quote: str = PREMATURE) -> Report:
    """Three utterances and three findings; quote: what the candidate says and the report quotes."""
    return Report(
        session=SessionFacts(
            "20260103-090000-ab12", "feed", "six-stage", "senior", 120.0, 95.0, "2026-01-03T09:00:00+01:00"
        ),
        utterances=(
            ReportUtterance(0, 0.5, 4.0, "interviewer", "Design a home feed.", None, 1.0),
            ReportUtterance(1, 5.25, 9.9, "candidate", quote, "modeling", 0.9, (Word(5.25, 5.5, "I", 0.99),)),
            ReportUtterance(2, 30.0, 40.0, "candidate", "Clicks are our positives.", "data", 0.8),
        ),
        stages=(
            *(StageTime(stage, 20.0, 0.0, None, None, ()) for stage in STAGES if stage not in ("data", "modeling")),
            StageTime("data", 20.0, 65.0, 30.0, 40.0, (TopicCoverage("labels", True, (2,)),)),
            StageTime("modeling", 20.0, 24.75, 5.25, 9.9, (TopicCoverage("baseline", False, ()),)),
            StageTime("other", 0.0, 4.75, None, None, ()),
        ),
        findings=(
            Finding(
                "premature_modeling", "fault", 5.25, 9.9, (1,), quote,
                "You committed to a two tower model before the problem was understood.",
                "Say \"a model\" and carry on.", "six-stage: abstract blueprint", "modeling",
            ),
            Finding(
                "missed_stage", "fault", 95.0, 95.0, (), "", "Production: nothing was said, of 0:20 planned.",
                "Keep five minutes for serving.", "six-stage: every stage is scored", "production",
            ),
            Finding(
                "missed_topic", "info", 40.0, 40.0, (), "", "Nothing was said about a baseline.",
                "Say \"a model\" and carry on.", "six-stage: expected of a senior candidate", "modeling", "baseline",
            ),
        ),
        delivery=Delivery(
            148.0, 14.65, 80.35, (Filler("um", 2, (5.5, 31.0)),), 8.2,
            (Pause(9.9, 30.0), Pause(50.0, 57.0, announced=True)),
            (PacePoint(0.0, 148.0), PacePoint(60.0, 96.0)),
            5.4, (Hedge("i guess", 1, (33.0,)),), 2.7, (Monologue(5.25, 130.0),), 124.75, 20.1,
            (
                Norm("words_per_minute", 148.0, 125.0, 190.0, "usual", "Somebody 1999", "of lectures"),
                Norm("hedges_per_hundred", 2.7, None, 1.0, "above", None, "nobody counted"),
                Norm("longest_pause_seconds", 20.1, None, 20.0, "above", None, "time to think"),
            ),
        ),
        score=Score(68.0, dict.fromkeys(STAGES, 50.0), ("-15: You committed to a two tower model.",)),
        notes=("The text has no times: they are estimated.",),
    )  # fmt: skip


def reports() -> st.SearchStrategy[Report]:
    """Any report that the types allow, with times up to three hours."""
    seconds = st.floats(0, 10_800, allow_nan=False).map(lambda value: round(value, 3))
    st.register_type_strategy(float, seconds)
    return st.from_type(Report)
