"""The application, and the server that runs it on this machine alone."""

import asyncio
import contextlib
import errno
import ipaddress
import socket
import sys
from collections.abc import AsyncIterator, Callable
from types import FrameType
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI

from analysis.transcript_formats import LONGEST_TRANSCRIPT_BYTES
from assistant.store import Store
from prompts.errors import UserError
from server import problem_details
from server.connection import PromptConnection
from server.gate import Gate
from server.left_over import see_to_left_over
from server.pages import errors, files, home, practice, review, waveform
from server.pages import progress as progress_page
from server.routes import (
    PREFIX,
    analyses,
    corrections,
    frameworks,
    health,
    live,
    notes,
    problems,
    progress,
    session_audio,
    session_events,
    sessions,
    transcriptions,
)
from server.services import Services
from server.version import version

LARGEST_UPLOAD_BYTES = 700_000_000
"""An hour of CD-quality stereo WAV is 635 MB."""

_SMALL_BYTES = 64_000
_DESCRIPTION = """Practise machine-learning system design interviews; nothing leaves this machine.

Errors are RFC 9457 problem details. Times are seconds since the session's start."""


def create_app(store: Store, model: str = "base") -> FastAPI:
    """The API over a store. model: weights of the recogniser for uploads that name none."""

    services = Services(store, model)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(services.analyses.take_up)
        yield
        await asyncio.to_thread(services.close)

    app = FastAPI(
        title="Vivavoce",
        version=version(),
        description=_DESCRIPTION,
        lifespan=lifespan,
        # These pages would load their scripts from a server far away.
        docs_url=None,
        redoc_url=None,
        # What is left out of a report when it is empty would else be called required.
        separate_input_output_schemas=False,
        responses=problem_details.RESPONSES,
        # What a generated client calls its functions.
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    v1 = APIRouter(prefix=PREFIX)
    for routes in (
        health,
        problems,
        frameworks,
        sessions,
        session_audio,
        session_events,
        live,
        notes,
        corrections,
        analyses,
        progress,
    ):
        v1.include_router(routes.router)
    app.include_router(v1)
    app.include_router(transcriptions.router)
    for pages in (files, home, practice, review, waveform, progress_page):
        app.include_router(pages.router)
    problem_details.install(app)
    errors.install(app)
    app.add_middleware(Gate, largest_body=largest_body)
    _complete_openapi(app)
    return app


def largest_body(path: str, content_type: str) -> int:
    """Bytes that a request may send: a recording in a form, a transcript, or a few words of JSON."""
    if path not in (f"{PREFIX}/analyses", "/v1/audio/transcriptions"):
        return _SMALL_BYTES
    if content_type.lower().startswith("multipart/form-data"):
        return LARGEST_UPLOAD_BYTES
    return LONGEST_TRANSCRIPT_BYTES


def _complete_openapi(app: FastAPI) -> None:
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            problem_details.add_schema(generate())
        assert app.openapi_schema is not None
        return app.openapi_schema

    # FastAPI's own way of changing the document.
    app.openapi = openapi  # type: ignore[method-assign]


class AddressRefused(UserError):
    """An address the server does not listen on."""


def serve(
    store: Store,
    host: str = "127.0.0.1",
    port: int = 8765,
    on_ready: Callable[[str], None] | None = None,
    model: str = "base",
) -> None:
    """Run the server until SIGINT or SIGTERM.

    host: a loopback address or `localhost`. port: 0 for any that is free. on_ready: told the URL once requests are
    answered. Raises AddressRefused for a host other machines could reach and for a port that cannot be had.
    """
    listening = _listen(host, port)
    with listening:
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{listening.getsockname()[1]}"
        app = create_app(store, model)
        see_to_left_over(app.state.services)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            # Nobody stands between this server and its clients.
            proxy_headers=False,
            server_header=False,
            limit_concurrency=200,
            ws_max_size=1 << 20,
            http=PromptConnection,
            timeout_graceful_shutdown=3,
        )
        _Server(config, app, lambda: on_ready(url) if on_ready else None).run(sockets=[listening])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, app: FastAPI, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Without a word to them, those who wait for an answer or an event would be waited for.
        self._app.state.services.ending = True
        super().handle_exit(sig, frame)


def _listen(host: str, port: int) -> socket.socket:
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise AddressRefused(
            f"{host!r} is not an address of this machine alone",
            "Use --host 127.0.0.1; recordings and transcripts are nobody else's business",
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # Only where the protocol is named does asyncio send small packets at once, and not 40 ms later.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            # There the option would share a port that is in use.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((str(address), port))
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        raise _unavailable(port, error) from error
    return listening


def _unavailable(port: int, error: OSError | OverflowError) -> AddressRefused:
    other = "Choose another one with --port; --port 0 takes any that is free"
    if isinstance(error, OverflowError):
        return AddressRefused(f"There is no port {port}", other)
    if error.errno == errno.EADDRINUSE:
        return AddressRefused(f"Port {port} is in use, perhaps by another `viva serve`", other)
    if error.errno == errno.EACCES:
        return AddressRefused(f"Port {port} is not for everybody to use", other)
    return AddressRefused(f"Port {port} cannot be opened ({error.strerror})", other)
