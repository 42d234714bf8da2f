"""Who steers the conversation and who carries on is heard however it is written."""

import pytest

from analysis import steering
from analysis.steering import Move, makes


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("Let's leave that here. Where do your examples come from?", "redirect"),
        ("let’s park the cache, who uses this thing", "redirect"),
        ("i'd rather see how you'd test it", "redirect"),
        ("Could we move on to serving?", "redirect"),
        ("Let me change something: the budget is halved.", "change"),
        ("one thing has changed the phones are offline now", "change"),
        ("New information. No more cookies.", "change"),
        ("Sure, one more thing about the cache.", "carrying_on"),
        ("yes just to finish the cache is warmed at night", "carrying_on"),
        ("Okay. So for the loss I would take squared error.", "next_subject"),
        ("Oh, in that case the cache goes away.", "taking_up"),
    ],
)
def test_a_move_is_heard_with_or_without_punctuation(text: str, move: Move) -> None:
    assert makes(text, move)
    assert makes(text.upper(), move)
    assert makes(text.replace(".", "").replace(",", "").replace("?", ""), move)


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("people leave their phone at home", "redirect"),
        ("Why rank at all rather than sort by date?", "redirect"),
        ("Interesting.", "redirect"),
        ("The exchange rate is known.", "change"),
        ("one morel", "carrying_on"),
        ("", "redirect"),
    ],
)
def test_what_only_looks_like_a_move_is_none(text: str, move: Move) -> None:
    assert not makes(text, move)


def test_a_table_with_a_wrong_move_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    broken = tmp_path_factory.mktemp("steering") / "steering.toml"
    broken.write_text('redirect = ["leave it"]\n', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steering, "_FILE", broken)
        steering._patterns.cache_clear()
        with pytest.raises(ValueError, match=r"steering\.toml must hold exactly redirect, asking, change"):
            makes("anything", "redirect")
    steering._patterns.cache_clear()
