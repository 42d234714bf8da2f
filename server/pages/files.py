"""Style sheets and scripts, read once: no address a browser asks for is ever looked up on the disk."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from analysis.render.html import FOLDER as REPORT_FOLDER

router = APIRouter(include_in_schema=False)

_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    kind: str
    tag: str


@router.get("/static/{name}")
def file(name: str, request: Request) -> Response:
    """A file of the pages; the browser asks each time whether its own is still the right one."""
    found = _files().get(name)
    if found is None:
        raise HTTPException(404)
    headers = {"cache-control": "no-cache", "etag": found.tag}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, headers=headers, media_type=found.kind)


@cache
def _files() -> Mapping[str, _File]:
    own = [path for path in (Path(__file__).parent / "static").iterdir() if path.suffix in _KINDS]
    return {path.name: _read(path) for path in (*own, REPORT_FOLDER / "report.css")}


def _read(path: Path) -> _File:
    content = path.read_bytes()
    return _File(content, _KINDS[path.suffix], f'"{hashlib.sha256(content).hexdigest()[:20]}"')
