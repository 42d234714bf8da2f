"""Weights from the Hugging Face hub, at one commit and checked by hash.

Run as a program (`python -m models.hub REPOSITORY REVISION FOLDER FILE...`) it downloads and does nothing else,
so that the download can be watched and killed from outside.
"""

import os
import sys
from pathlib import Path

from models.download import Report, SourceFailed, run_watched
from models.manifest import HubSource, Weight
from models.store import sha256

# Without Xet files arrive over plain HTTP, growing on disk as they come.
QUIET = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1"}


def fetch_from_hub(weight: Weight, source: HubSource, workspace: Path, into: Path, report: Report) -> None:
    """Download the weight's files into `workspace` and move them, hashes checked, into `into`.

    Raises SourceFailed, DiskFull, OSError.
    """
    arriving = workspace / "hub"
    names = [file.name for file in weight.files]
    command = [sys.executable, "-m", "models.hub", source.repository, source.revision, str(arriving), *names]
    try:
        run_watched(command, workspace, weight.size, f"downloading {weight.id}", report, QUIET)
    except SourceFailed as failure:
        lines = str(failure).strip().splitlines()
        reason = lines[-1].rstrip(".") if lines else "without saying why"
        raise SourceFailed(f"the model hub failed ({reason})") from None
    for file in weight.files:
        report(0, 0, f"checking {weight.id}")
        if sha256(arriving / file.name) != file.sha256:
            raise SourceFailed(f"{file.name} on the model hub has other contents than expected")
        target = into / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with (arriving / file.name).open("rb+") as stream:
            os.fsync(stream.fileno())
        (arriving / file.name).replace(target)


def main(repository: str, revision: str, folder: str, *names: str) -> int:
    """Download `names` into `folder`; 0 when all arrived, else 1 and the reason in one line on stdout."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    try:
        # A look at one file first: unlike a download it does not try again for half a minute without a network.
        get_hf_file_metadata(hf_hub_url(repository, names[0], revision=revision))
        for name in names:
            hf_hub_download(repository, name, revision=revision, local_dir=folder)
    except Exception as error:  # whatever the client library raises, the parent process wants one line
        print(f"{type(error).__name__}: {' '.join(str(error).split())[:120]}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
