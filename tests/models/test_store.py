"""Weights are loaded only when they are all there and unchanged; otherwise one line says what to do."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.manifest import UnknownWeight
from models.store import Store, WeightsDamaged, WeightsMissing
from tests.models.small_weight import CONTENTS


def test_complete_weights_are_located(stored: Store) -> None:
    folder = stored.locate("small")
    assert folder == stored.verify("small")
    assert (folder / "vocab/words.txt").read_bytes() == CONTENTS["vocab/words.txt"]


def test_weights_never_fetched(stored: Store, tmp_path: Path) -> None:
    empty = Store(tmp_path / "nowhere", stored.weights)
    for look in (empty.locate, empty.verify):
        with pytest.raises(WeightsMissing) as caught:
            look("small")
        assert str(caught.value) == "The weights of small are not on this machine. Run `viva models pull small`."
    assert empty.installed() == ()


def test_an_unknown_name_lists_the_known_ones(stored: Store) -> None:
    with pytest.raises(UnknownWeight, match="There are no weights called 'smal'. Choose one of: small"):
        stored.locate("smal")


def test_a_file_cut_short(stored: Store) -> None:
    stored.locate("small")
    os.truncate(stored.folder("small") / "model.bin", 1_000)
    with pytest.raises(WeightsDamaged, match=r"model.bin has 1,000 bytes instead of 1,024,000. Run `viva models pull"):
        stored.locate("small")
    assert stored.installed() == ()


def test_a_file_gone(stored: Store) -> None:
    stored.locate("small")
    (stored.folder("small") / "config.json").unlink()
    with pytest.raises(WeightsDamaged, match="config.json is missing"):
        stored.locate("small")


def test_one_flipped_byte_is_noticed_when_loading(stored: Store) -> None:
    stored.locate("small")
    _flip(stored.folder("small") / "model.bin", 500_000)
    with pytest.raises(WeightsDamaged, match="model.bin has the right size but other contents"):
        stored.locate("small")


def test_weights_put_there_by_something_else_are_hashed_before_their_first_use(stored: Store) -> None:
    _flip(stored.folder("small") / "model.bin", 0)
    with pytest.raises(WeightsDamaged):
        stored.locate("small")


def test_decay_that_leaves_size_and_time_alone_is_found_by_verify_and_then_stays_found(stored: Store) -> None:
    stored.locate("small")
    model = stored.folder("small") / "model.bin"
    before = model.stat()
    _flip(model, 7)
    os.utime(model, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(WeightsDamaged):
        stored.verify("small")
    with pytest.raises(WeightsDamaged):
        stored.locate("small")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(name=st.sampled_from(sorted(CONTENTS)), where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_flipped_bit_anywhere_goes_unnoticed(stored: Store, name: str, where: float, bit: int) -> None:
    path = stored.folder("small") / name
    position = int(where * len(CONTENTS[name]))
    _flip(path, position, 1 << bit)
    with pytest.raises(WeightsDamaged):
        stored.verify("small")
    _flip(path, position, 1 << bit)
    stored.verify("small")


def test_files_touched_but_unchanged_stay_usable(stored: Store) -> None:
    stored.locate("small")
    os.utime(stored.folder("small") / "model.bin")
    assert stored.locate("small")


def test_a_garbled_record_of_earlier_checks_costs_a_check_and_nothing_else(stored: Store) -> None:
    stored.locate("small")
    (stored.folder("small") / ".verified").write_bytes(b"\x00{")
    assert stored.locate("small")


def _flip(path: Path, position: int, mask: int = 0xFF) -> None:
    with path.open("rb+") as stream:
        stream.seek(position)
        byte = stream.read(1)[0]
        stream.seek(position)
        stream.write(bytes([byte ^ mask]))
