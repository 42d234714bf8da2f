"""The report's JSON: the outer contract."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from analysis.report import Report
from analysis.report_json import BadReport, from_json, schema, schema_text, to_json
from tests.analysis.sample_report import reports, sample

COMMITTED = Path(__file__).parents[2] / "docs" / "report.schema.json"


def test_the_committed_schema_is_that_of_the_types() -> None:
    """After a change: `python -m analysis.report_json > docs/report.schema.json`."""
    assert COMMITTED.read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(reports())
def test_every_report_validates_and_comes_back_equal(report: Report) -> None:
    written = to_json(report)
    jsonschema.Draft202012Validator(schema()).validate(json.loads(written))
    assert from_json(written) == report


def test_keys_are_those_of_the_contract() -> None:
    document = json.loads(to_json(sample()))
    assert list(document) == [
        "schema", "session", "utterances", "stages", "findings", "delivery", "score", "notes"
    ]  # fmt: skip
    assert document["schema"] == "vivavoce.report/1"
    assert set(document["session"]) == {
        "id", "problem", "framework", "level", "planned_seconds", "duration_seconds", "started_at"
    }  # fmt: skip
    interviewer, candidate, _ = document["utterances"]
    assert interviewer["stage"] is None and "words" not in interviewer
    assert candidate["words"] == [{"start": 5.25, "end": 5.5, "text": "I", "probability": 0.99}]
    premature, missed_stage, missed_topic = document["findings"]
    assert premature["stage"] == "modeling" and "topic" not in premature
    assert missed_stage["utterances"] == []
    assert missed_topic["topic"] == "baseline"


def test_how_it_was_said_is_in_it() -> None:
    delivery = json.loads(to_json(sample()))["delivery"]
    assert delivery["long_pauses"][1] == {"start": 50.0, "end": 57.0, "announced": True}
    assert delivery["hedges"] == [{"text": "i guess", "count": 1, "start": [33.0]}]
    assert delivery["monologues"] == [{"start": 5.25, "end": 130.0}]
    assert delivery["norms"][1] == {
        "measure": "hedges_per_hundred", "value": 2.7, "low": None, "high": 1.0, "verdict": "above",
        "source": None, "note": "nobody counted",
    }  # fmt: skip


def test_reports_from_before_hedges_and_monologues_are_still_read() -> None:
    document = json.loads(to_json(sample()))
    old = ("words_per_minute", "speaking_seconds", "silence_seconds", "fillers", "fillers_per_minute", "pace")
    document["delivery"] = {key: document["delivery"][key] for key in old} | {"long_pauses": [{"start": 1, "end": 9}]}
    delivery = from_json(json.dumps(document)).delivery
    assert (delivery.hedges, delivery.norms, delivery.long_pauses[0].announced) == ((), (), False)


def test_keys_of_later_versions_are_ignored() -> None:
    document = json.loads(to_json(sample()))
    document["mood"] = "good"
    document["session"]["weather"] = "fine"
    assert from_json(json.dumps(document)) == sample()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "schema is not"),
        ("{}", "schema is not"),
        ('{"schema":"vivavoce.report/2"}', "schema is not"),
        ('{"schema":"vivavoce.report/1"}', "session: "),
    ],
)
def test_what_is_no_report_is_refused_in_one_line(text: str, says: str) -> None:
    with pytest.raises(BadReport) as caught:
        from_json(text)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_wrong_value_is_named_by_its_place() -> None:
    document = json.loads(to_json(sample()))
    document["findings"][1]["severity"] = "terrible"
    with pytest.raises(BadReport, match=r"findings\.1\.severity"):
        from_json(json.dumps(document))
