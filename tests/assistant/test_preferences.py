"""What was chosen is remembered, and a file somebody spoilt is named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.preferences import NAME, BadSettings, Preferences, load_preferences, save_preferences

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


def test_without_a_file_everything_is_left_to_the_system(tmp_path: Path) -> None:
    assert load_preferences(tmp_path) == Preferences("auto", None, None)


@given(st.builds(Preferences, names, st.none() | names, st.none() | names))
def test_choices_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, chosen: Preferences) -> None:
    folder = tmp_path_factory.mktemp("data")
    save_preferences(folder, chosen)
    assert load_preferences(folder) == chosen


@pytest.mark.parametrize(
    ("text", "says"),
    [("voice = ", "cannot be read"), ("voice = 3", "voice is not"), ('ears = "two"', "ears is none of")],
)
def test_a_broken_file_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(BadSettings, match=says) as caught:
        load_preferences(tmp_path)
    assert "\n" not in str(caught.value) and NAME in str(caught.value)
