"""The interviewer's lines: several wordings for each occasion, ready to be filled in."""

from pathlib import Path

import pytest

from prompts.lines import FIELDS, load_lines
from prompts.reader import BrokenFile

FILLED = {"minutes": 45, "prompt": "Design a feed.", "stage": "Data", "fact": "About ten million."}
LINES_FILE = Path(__file__).parents[2] / "prompts" / "lines.toml"


@pytest.mark.parametrize("occasion", FIELDS)
def test_every_occasion_has_several_wordings(occasion: str) -> None:
    wordings = load_lines()[occasion]
    assert len(set(wordings)) >= 3


@pytest.mark.parametrize("occasion", FIELDS)
def test_every_wording_can_be_filled_in_and_says_what_it_was_given(occasion: str) -> None:
    for wording in load_lines()[occasion]:
        said = wording.format(**{field: FILLED[field] for field in FIELDS[occasion]})
        assert "{" not in said
        assert all(str(FILLED[field]) in said for field in FIELDS[occasion])


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("turn to {stage} when", "turn to the next part when", "must hold exactly these fields: {stage}"),
        ("turn to {stage} when", "turn to {step} when", "must hold exactly these fields: {stage}"),
        ("turn to {stage} when", "turn to {stage when", "is not a template"),
    ],
)
def test_a_wording_that_could_not_be_filled_in_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    file = tmp_path / "lines.toml"
    original = LINES_FILE.read_text(encoding="utf-8")
    assert old in original
    file.write_text(original.replace(old, new), encoding="utf-8")
    with pytest.raises(BrokenFile) as error:
        load_lines(file)
    assert error.value.key == "stage_ending[1]"
    assert why in str(error.value)


def test_an_occasion_without_wordings_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "lines.toml"
    original = LINES_FILE.read_text(encoding="utf-8")
    file.write_text(original.replace("one_minute =", "two_minutes ="), encoding="utf-8")
    with pytest.raises(BrokenFile, match="key two_minutes: nothing is called that here"):
        load_lines(file)
