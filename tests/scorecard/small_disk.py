"""A small file system that programs can be run on, and that can be filled from outside."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NAMESPACE = ("unshare", "--map-root-user", "--mount", "--propagation", "private")


class SmallDisk:
    """path: where it is for programs that are run with `prefix`. seen: where everybody else finds it."""

    def __init__(self, holder: int, path: Path) -> None:
        self.path = path
        self.prefix = (
            "nsenter",
            f"--target={holder}",
            "--user",
            "--mount",
            f"--wdns={Path.cwd()}",
            "--preserve-credentials",
        )
        self.seen = Path(f"/proc/{holder}/root{path}")

    @property
    def free_bytes(self) -> int:
        """What is free on it."""
        disk = os.statvfs(self.seen)
        return disk.f_bavail * disk.f_bsize

    def fill(self, leave: int = 0) -> None:
        """Take all of it but so many bytes."""
        with (self.seen / "filler").open("ab") as filler:
            while (free := self.free_bytes - leave) > 0:
                with contextlib.suppress(OSError):
                    os.posix_fallocate(filler.fileno(), filler.seek(0, os.SEEK_END), free)

    def make_room(self) -> None:
        """Give it back."""
        (self.seen / "filler").unlink()


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[SmallDisk]:
    """A disk of that size at an empty folder, for programs in its namespace alone."""
    mount = f"mount -t tmpfs -o size={megabytes}m,mode=700 viva {path} && echo there && exec sleep 3600"
    holder = subprocess.Popen([*_NAMESPACE, "sh", "-c", mount], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert holder.stdout is not None
    try:
        if holder.stdout.readline() != b"there\n":
            pytest.skip("this machine does not let the test mount a disk")
        yield SmallDisk(holder.pid, path)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
