"""Problems of one's own: a file in the data folder counts like the bank's; a broken one says everything that is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts import problems
from prompts.problem_check import Checked, check_problem
from prompts.problems import FOLDER, OWN, BrokenProblem, get_problem, load_bank, load_problems, use_own

BANK = sorted(FOLDER.glob("*.toml"))
GOOD = (FOLDER / "eta.toml").read_text(encoding="utf-8").replace('id = "eta"', 'id = "bakery-queue"', 1)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for problems of one's own."""
    monkeypatch.setattr(problems, "_own_folder", None)
    folder = tmp_path / OWN
    folder.mkdir()
    use_own(tmp_path)
    yield folder


@pytest.mark.parametrize("file", BANK, ids=lambda file: file.stem)
def test_the_banks_own_files_lack_nothing(file: Path) -> None:
    assert check_problem(file) == Checked((), ())


def test_a_file_dropped_into_the_folder_is_a_problem_at_once(own: Path) -> None:
    assert load_problems() == load_bank()
    (own / "bakery-queue.toml").write_text(GOOD, encoding="utf-8")
    assert set(load_problems()) - set(load_bank()) == {"bakery-queue"}
    assert get_problem("bakery-queue").facts == get_problem("eta").facts
    (own / "bakery-queue.toml").write_text(GOOD.replace("Arrival times", "Queues"), encoding="utf-8")
    assert get_problem("bakery-queue").title.startswith("Queues")
    (own / "bakery-queue.toml").unlink()
    assert load_problems() == load_bank()


def test_without_the_folder_there_is_only_the_bank(tmp_path: Path, own: Path) -> None:
    use_own(tmp_path / "elsewhere")
    assert load_problems() == load_bank()


def test_a_broken_file_costs_only_itself_and_says_why(own: Path) -> None:
    (own / "bakery-queue.toml").write_text(GOOD, encoding="utf-8")
    (own / "half.toml").write_text(GOOD[:2000], encoding="utf-8")
    assert "bakery-queue" in load_problems() and "half" not in load_problems()
    with pytest.raises(BrokenProblem, match=r"half\.toml cannot be used \(line \d+: is not valid TOML") as error:
        get_problem("half")
    assert str(own) not in str(error.value)


@pytest.mark.parametrize(
    ("name", "id", "why"),
    [
        ("eta", "eta", "'eta' is taken"),
        ("check", "check", "'check' is taken"),
        ("Bakery", "Bakery", "small letters, digits and single hyphens"),
        ("bakery", "bakery-queue", "must be 'bakery', as the file is named"),
    ],
)
def test_a_name_that_would_confuse_is_refused(own: Path, name: str, id: str, why: str) -> None:
    file = own / f"{name}.toml"
    file.write_text(GOOD.replace("bakery-queue", id, 1), encoding="utf-8")
    (mistake,) = check_problem(file).mistakes
    assert why in mistake
    assert load_problems() == load_bank()


def test_every_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "bakery-queue.toml"
    text = GOOD.replace('title = "', 'titel = "', 1).replace('junior = "', "junior = 7 # ", 1)
    first = text.index("[[facts]]", text.index("[[facts]]") + 1)
    text = text[:first] + text[first:].replace("answer = ", "anwser = ", 1)
    file.write_text(text, encoding="utf-8")
    found = check_problem(file)
    assert [mistake.partition(": ")[0].partition("key ")[2] for mistake in found.mistakes] == [
        "titel", "title", "facts[1].anwser", "facts[1].answer", "strong.junior",
    ]  # fmt: skip
    misspelt = text.split("\n").index(next(line for line in text.split("\n") if line.startswith("anwser"))) + 1
    assert found.mistakes[2].startswith(f"line {misspelt}, ")
    assert found.advice == ()


def test_a_thin_file_can_be_used_and_is_told_what_it_lacks(own: Path) -> None:
    file = own / "thin.toml"
    file.write_text(
        """
id = "thin"
title = "A thin one"
family = "tests"
prompt = "Design something with 3 parts"
change = "It is blue now."
mistakes = ["None."]
vocabulary = ["thing", "Thing"]
facts = [{ id = "size", ask = ["How big?"], answer = "Huge." }, { id = "users", ask = ["how big?"], answer = "Few." }]
probes = { problem = ["Why?"], high_level = ["Why?"], data = ["Why?"], modeling = ["Why?"], production = ["Why?"] }
strong = { junior = "Does it.", mid = "Does it well.", senior = "Explains it.", staff = "Explains it." }
""",
        encoding="utf-8",
    )
    found = check_problem(file)
    assert found.mistakes == ()
    told = "\n".join(found.advice)
    for lack in (
        "facts: 2;", "none is called goal", "facts, size: 1 wordings", "'how big?' is asked for by two", "probes.data: 1;",
        "two levels", "mistakes: 1;", "vocabulary: 2 terms", "'thing' is there more than once",
        "prompt: ends without a full stop", "prompt: '3' is for the eye",
    ):  # fmt: skip
        assert lack in told, lack
    assert get_problem("thin").title == "A thin one"


@settings(max_examples=60)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 40), st.text(max_size=8))
def test_a_file_is_a_problem_exactly_when_the_check_finds_no_mistake(at: int, gone: int, put: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(problems, "_own_folder", None)
        use_own(Path(folder))
        file = Path(folder, OWN, "bakery-queue.toml")
        file.parent.mkdir()
        file.write_text(GOOD[:at] + put + GOOD[at + gone :], encoding="utf-8", errors="replace")
        assert bool(check_problem(file).mistakes) == ("bakery-queue" not in load_problems())
