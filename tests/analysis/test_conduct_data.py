"""The labelled details, interjections and comparisons: all of them readable, none of them twice."""

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

import analysis.training
from analysis.training.comparisons import load_comparisons
from analysis.training.interjections import load_interjections
from analysis.training.marked import MarkedUtterance, load_commitments, load_details

FOLDER = Path(analysis.training.__file__).parent

PASSAGE = """# group: shop  kind: redirect  answer: ignored
C | the cache is split over eight machines
I | let's leave the cache
C | and each has a lock
"""


@pytest.mark.parametrize(("load", "least"), [(load_details, 1000), (load_commitments, 700)])
def test_marked_utterances_are_unique_and_every_domain_has_both_kinds(
    load: Callable[[Path], list[MarkedUtterance]], least: int
) -> None:
    rows = load(FOLDER)
    kinds = defaultdict(set)
    for row in rows:
        kinds[row.domain].add(row.marked)
    assert len(rows) >= least and len({_plain(row.text) for row in rows}) == len(rows)
    assert len(kinds) >= 20 and all(len(kind) == 2 for kind in kinds.values())


def test_interjections_are_unique_and_every_kind_but_a_remark_is_followed_and_ignored() -> None:
    passages = load_interjections(FOLDER / "interjections.txt")
    assert len({_plain(" ".join(passage.reply)) for passage in passages}) == len(passages) >= 300
    answers = Counter((passage.kind, passage.ignored) for passage in passages)
    assert answers["remark", True] == 0 < answers["remark", False]
    assert all(answers[kind, ignored] >= 30 for kind in ("redirect", "probe", "change") for ignored in (True, False))
    assert len({passage.domain for passage in passages}) >= 20


def test_comparisons_are_unique_and_closed_ones_have_their_recommendation() -> None:
    passages = load_comparisons(FOLDER / "comparisons.txt")
    texts = [_plain(" ".join(row.text for row in passage.utterances)) for passage in passages]
    assert len(set(texts)) == len(texts) >= 200
    for passage in passages:
        topics = {topic for row in passage.utterances for topic in row.topics}
        assert passage.closed == ("recommendation_after_trade_off" in topics)


def test_a_passage_is_read_with_its_parts(tmp_path: Path) -> None:
    path = tmp_path / "passages.txt"
    path.write_text(f"{PASSAGE}\n\n{PASSAGE.replace('ignored', 'followed')}", encoding="utf-8")
    first, second = load_interjections(path)
    assert (first.domain, first.kind, first.ignored, second.ignored) == ("shop", "redirect", True, False)
    assert first.before == ("the cache is split over eight machines",) and first.line == "let's leave the cache"
    assert first.reply == ("and each has a lock",)


@pytest.mark.parametrize(
    ("old", "new"),
    [("redirect", "joke"), ("ignored", "maybe"), ("I |", "C |"), ("C | and each has a lock\n", ""), ("C | and", "and")],
)
def test_a_wrong_passage_is_named_with_its_line(old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "passages.txt"
    path.write_text(f"{PASSAGE}\n{PASSAGE.replace(old, new)}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^passages\.txt:6: not a heading"):
        load_interjections(path)


@pytest.mark.parametrize("row", ["shop\tminute\tthe lock", "shop\tdetail\t", "shop\tdetail", "a\tdetail\tb\tc"])
def test_a_wrong_detail_is_named_with_its_line(row: str, tmp_path: Path) -> None:
    path = tmp_path / "details.tsv"
    path.write_text(f"group\tlabel\ttext\nshop\tdesign\twe rank gifts\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^details\.tsv:3: not"):
        load_details(tmp_path)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
