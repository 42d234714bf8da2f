"""The manifest says for every weight what its bytes must be and where they can come from."""

import re
from pathlib import Path

import pytest

from models.manifest import HubSource, Weight, WheelSource, default_weights, load_manifest
from models.store import default_store, locate, verify

WEIGHTS = load_manifest()
each_weight = pytest.mark.parametrize("weight", WEIGHTS.values(), ids=lambda weight: weight.id)


@each_weight
def test_every_file_has_a_size_and_a_full_hash(weight: Weight) -> None:
    assert weight.files
    for file in weight.files:
        assert file.size > 0
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert not Path(file.name).is_absolute() and ".." not in Path(file.name).parts
    assert len({file.name for file in weight.files}) == len(weight.files)


@each_weight
def test_every_source_is_pinned(weight: Weight) -> None:
    assert weight.sources
    for source in weight.sources:
        match source:
            case WheelSource():
                for wheel in source.wheels:
                    assert re.fullmatch(r"[a-z0-9-]+==[0-9.]+", wheel.requirement)
                    assert wheel.size > 0 and re.fullmatch(r"[0-9a-f]{64}", wheel.sha256)
                assert set(source.parts) <= {file.name for file in weight.files}
            case HubSource():
                assert re.fullmatch(r"[\w-]+/[\w.-]+", source.repository)
                assert re.fullmatch(r"[0-9a-f]{40}", source.revision)


@each_weight
def test_every_weight_has_a_licence_that_lets_anyone_use_it(weight: Weight) -> None:
    assert weight.licence in {"MIT", "Apache-2.0"}
    assert weight.purpose


@pytest.mark.parametrize("weight", [w for w in WEIGHTS.values() if w.kind == "whisper"], ids=lambda weight: weight.id)
def test_a_whisper_model_comes_with_its_tokenizer_so_that_loading_never_asks_the_hub(weight: Weight) -> None:
    names = {file.name for file in weight.files}
    assert {"model.bin", "config.json", "tokenizer.json"} <= names
    assert names & {"vocabulary.txt", "vocabulary.json"}


def test_what_practice_needs_comes_from_a_package_index_alone() -> None:
    assert set(default_weights()) == {"base", "en-core-web-sm", "minilm"}
    for id in (*default_weights(), "tiny.en"):
        assert any(isinstance(source, WheelSource) for source in WEIGHTS[id].sources)


def test_other_contents_get_another_folder() -> None:
    folders = [weight.folder for weight in WEIGHTS.values()]
    assert len(set(folders)) == len(folders)
    assert all(re.fullmatch(r".+@[0-9a-f]{8}", folder) for folder in folders)


@pytest.mark.parametrize("id", [*default_weights(), "tiny.en"])
def test_the_weights_on_this_machine_are_the_ones_listed(id: str) -> None:
    assert verify(id) == locate(id) == default_store().folder(id)
