"""A broken data file names itself, the key and the line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from prompts.errors import UserError
from prompts.frameworks import load_frameworks
from prompts.problems import load_bank
from prompts.reader import BrokenFile, line_of

PROMPTS = Path(__file__).parents[2] / "prompts"


def broken(load: Callable[[Path], object], original: Path, folder: Path, old: str, new: str) -> BrokenFile:
    """The error for a copy of a good file in which one thing was changed."""
    text = original.read_text(encoding="utf-8")
    assert old in text
    (folder / original.name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BrokenFile) as error:
        load(folder)
    assert error.value.file == folder / original.name
    assert str(error.value.file) in str(error.value)
    assert "\n" not in str(error.value)
    return error.value


def line_with(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, start=1) if text in line)


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ('title = "', 'titel = "', "titel", "nothing is called that here"),
        ('prompt = "Design', 'prompt = "  " # "', "prompt", "must be a text that is not blank"),
        ('id = "following"', 'id = "users"', "facts[1]", "'users' is there more than once"),
        ('id = "following"', "id = 7", "facts[1].id", "must be a text that is not blank"),
        ('junior = "', 'intern = "', "strong.intern", "nothing is called that here"),
        ("high_level = [", "high-level = [", "probes.high-level", "nothing is called that here"),
        ('id = "feed"', 'id = "feeds"', "id", "must be 'feed', as the file is named"),
    ],
)
def test_a_broken_problem_names_file_key_and_reason(tmp_path: Path, old: str, new: str, key: str, why: str) -> None:
    error = broken(load_bank, PROMPTS / "problems" / "feed.toml", tmp_path, old, new)
    assert (error.key, why in str(error)) == (key, True)
    assert error.line is not None
    assert f"line {error.line}, key {key}: " in str(error)


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ("minutes = 8.5", "minutes = 9", "reference_minutes", "is 45, but the steps add up to 45.5"),
        ("minutes = 8.5", "minutes = -1", "steps[2].minutes", "must be a number above 0, not -1"),
        ("minutes = 8.5", "minutes = true", "steps[2].minutes", "must be a number above 0, not True"),
        ("minutes = 8.5", "minutes = nan", "steps[2].minutes", "must be a number above 0, not nan"),
        ("minutes = 8.5", "", "steps[2].minutes", "is missing"),
        ('stage = "data"', 'stage = "date"', "steps[2].stage", "must be one of problem, high_level, data"),
        ('"task_framing", "labels"', '"labels", "labels"', "expects.junior[1]", "'labels' is there more than once"),
        ('"task_framing", "labels"', '"framing", "labels"', "expects.junior[0]", "must be one of"),
        ("[expects]", "[expected]", "expected", "nothing is called that here"),
    ],
)
def test_a_broken_framework_names_file_key_and_reason(tmp_path: Path, old: str, new: str, key: str, why: str) -> None:
    error = broken(load_frameworks, PROMPTS / "frameworks" / "six-stage.toml", tmp_path, old, new)
    assert (error.key, why in str(error)) == (key, True)


def test_the_line_is_the_one_to_correct(tmp_path: Path) -> None:
    original = PROMPTS / "frameworks" / "six-stage.toml"
    error = broken(load_frameworks, original, tmp_path, 'stage = "data"', 'stage = "date"')
    assert error.line == line_with(original, 'stage = "data"')


def test_a_missing_key_points_to_the_table_that_lacks_it(tmp_path: Path) -> None:
    original = PROMPTS / "frameworks" / "six-stage.toml"
    error = broken(load_frameworks, original, tmp_path, "minutes = 8.5", "")
    assert error.line == line_with(original, 'name = "Data"') - 1


def test_a_syntax_error_names_the_line(tmp_path: Path) -> None:
    original = PROMPTS / "problems" / "eta.toml"
    error = broken(load_bank, original, tmp_path, 'family = "forecasting"', "family = forecasting")
    assert error.line == line_with(original, "family =")
    assert "is not valid TOML" in str(error)


def test_a_file_that_ends_too_early_names_its_last_line(tmp_path: Path) -> None:
    (tmp_path / "cut.toml").write_text('id = "cut"\ntitle = "A problem\n', encoding="utf-8")
    with pytest.raises(BrokenFile, match=r"cut\.toml, line 2: is not valid TOML"):
        load_bank(tmp_path)
    (tmp_path / "cut.toml").write_text('id = "cut"\n\nmistakes = [\n"one",', encoding="utf-8")
    load_bank.cache_clear()
    with pytest.raises(BrokenFile, match=r"cut\.toml, line 4: is not valid TOML"):
        load_bank(tmp_path)


def test_a_file_in_another_encoding_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "cafe.toml").write_bytes(b'id = "cafe"\ntitle = "caf\xe9"\n')
    with pytest.raises(BrokenFile, match=r"cafe\.toml, line 2: is not UTF-8 text"):
        load_bank(tmp_path)


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(BrokenFile, match=r"folder\.toml: cannot be read"):
        load_bank(tmp_path)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="has no TOML files") as error:
        load_bank(tmp_path)
    assert isinstance(error.value, UserError)
    assert "reinstall" in error.value.fix


SOURCE = """id = "x"
[[facts]]
id = "a"

[[facts]]
ask = [
  "one",
]
[strong]
junior = "b"
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("id", 1), ("facts", 2), ("facts[0].id", 3), ("facts[1]", 5), ("facts[1].ask[0]", 6), ("facts[1].answer", 5),
        ("strong.junior", 10), ("strong.mid", 9), ("title", None), ("", None),
    ],
)  # fmt: skip
def test_a_key_is_found_in_the_text(key: str, line: int | None) -> None:
    assert line_of(SOURCE, key) == line


@pytest.mark.parametrize(
    ("name", "shown"), [("\\u001b[2J", "\\x1b[2J"), ("[", "["), ("facts[", "facts["), ("a.b", "a.b"), ("\\n", "\\n"), ("", '""')]
)  # fmt: skip
def test_a_key_that_holds_anything_is_named_without_a_command(tmp_path: Path, name: str, shown: str) -> None:
    """Such keys were once looked for without an end."""
    file = PROMPTS / "problems" / "feed.toml"
    error = broken(load_bank, file, tmp_path, 'id = "feed"', f'"{name}" = 1\nid = "feed"')
    assert f"key {shown}: nothing is called that here" in str(error)
    assert str(error).isprintable()
