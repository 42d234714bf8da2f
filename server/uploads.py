"""What was sent to be analyzed, kept until that is done, so that an end of the server loses nothing.

uploads/<id>.content  as it was sent
uploads/<id>.json     what it is; without it, the rest only waits to be removed
uploads/<id>.begun    a byte for each time that work on it began, and did not end in good order
uploads/<id>.lock     held by the server that works on it, or is going to
"""

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import filelock
from pydantic import TypeAdapter, ValidationError

from assistant.settings import DataFolderUnusable
from server.terms import Terms


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody sent, and what it is judged by.

    created_at: ISO 8601. seconds: length of a recording, as far as known; None for a transcript. name: a transcript's,
    whose ending tells its format. terms: None for a JSON document that has them in itself.
    """

    created_at: str
    seconds: float | None
    name: str
    terms: Terms | None


_ADAPTER = TypeAdapter(Upload)


class Uploads:
    """The uploads in a data folder. Several processes may use it; each works on those that it holds.

    Raises DataFolderUnusable.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "uploads"
        self._held: dict[str, filelock.FileLock] = {}
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DataFolderUnusable(data_dir, error.strerror or "unknown error") from error

    def __contains__(self, id: str) -> bool:
        # Asked by name, so that an id from a request never becomes part of a path.
        return f"{id}.json" in os.listdir(self._folder)

    def ids(self) -> list[str]:
        """Of all uploads, whoever works on them."""
        return [name.removesuffix(".json") for name in os.listdir(self._folder) if name.endswith(".json")]

    def keep(self, id: str, content: BinaryIO, upload: Upload) -> None:
        """Keep an upload from its beginning on, and hold it. Raises OSError, and then nothing of it is kept."""
        self._hold(id)
        try:
            content.seek(0)
            with open(os.open(self._path(id, "content"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                shutil.copyfileobj(content, file, 1 << 20)
            new = self._path(id, "part")
            new.write_bytes(_ADAPTER.dump_json(upload))
            new.replace(self._path(id, "json"))
        except BaseException:
            self.remove(id)
            raise

    def read(self, id: str) -> Upload | None:
        """What an upload is; None where there is none, or nobody could say any more."""
        if id not in self:
            return None
        try:
            return _ADAPTER.validate_json(self._path(id, "json").read_bytes())
        except (OSError, ValidationError):
            return None

    def open(self, id: str) -> BinaryIO:
        """The content of one that is held."""
        return self._path(id, "content").open("rb")

    def take_over(self) -> list[str]:
        """Hold all that nobody holds, and remove what is left of others; gives their ids, the oldest first."""
        taken = []
        for id in sorted({name.partition(".")[0] for name in os.listdir(self._folder)}):
            if id in self._held or not self._hold(id):
                continue
            if self.read(id) is None:
                self.remove(id)
            else:
                taken.append(id)
        return taken

    def begin(self, id: str) -> int:
        """Put down that work on it begins; how often it had begun before."""
        with self._path(id, "begun").open("ab") as file:
            before = file.tell()
            file.write(b"x")
        return before

    def pause(self, id: str) -> None:
        """Put down that the work ended in good order, and let go of it: another start goes on."""
        with contextlib.suppress(OSError):
            os.truncate(path := self._path(id, "begun"), max(0, path.stat().st_size - 1))
        self._let_go(id)

    def forget(self, id: str) -> None:
        """There is no such upload any more; its content goes when whoever reads it is done and removes it."""
        self._path(id, "json").unlink(missing_ok=True)

    def remove(self, id: str) -> None:
        """Remove one that is held, whatever there is of it."""
        # What cannot be removed now goes at the next start.
        for ending in ("json", "part", "content", "begun"):
            with contextlib.suppress(OSError):
                self._path(id, ending).unlink(missing_ok=True)
        self._let_go(id)
        with contextlib.suppress(OSError):
            self._path(id, "lock").unlink(missing_ok=True)

    def _path(self, id: str, ending: str) -> Path:
        return self._folder / f"{id}.{ending}"

    def _hold(self, id: str) -> bool:
        lock = filelock.FileLock(self._path(id, "lock"), timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except filelock.Timeout:
            return False
        self._held[id] = lock
        return True

    def _let_go(self, id: str) -> None:
        if lock := self._held.pop(id, None):
            lock.release()
