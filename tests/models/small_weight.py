"""A small weight, split over two packages."""

import hashlib
import zipfile
from pathlib import Path

from models.manifest import HubSource, Source, Weight, WeightFile, Wheel

CONTENTS = {
    "config.json": b'{"layers": 2}',
    "model.bin": bytes(range(256)) * 4000,
    "vocab/words.txt": b"feature\nlabel\n",
}
REVISION = "0123456789abcdef0123456789abcdef01234567"
HUB = HubSource("vivavoce/small", REVISION)


def build_wheel(folder: Path, name: str, members: dict[str, bytes]) -> Wheel:
    """Write a wheel `name` 1.0 holding `members` into `folder` and describe it as the manifest would."""
    module = name.replace("-", "_")
    path = folder / f"{module}-1.0-py3-none-any.whl"
    information = f"{module}-1.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for member, content in members.items():
            wheel.writestr(member, content)
        wheel.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{information}/RECORD", "")
    content = path.read_bytes()
    return Wheel(f"{name}==1.0", len(content), hashlib.sha256(content).hexdigest())


def describe(*sources: Source) -> Weight:
    """The small weight as a manifest entry."""
    files = tuple(WeightFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in CONTENTS.items())
    return Weight("small", "onnx", "MIT", "tests", files, sources, default=False)
