"""The application, and the server that runs it, on this machine alone unless it is told otherwise."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable
from types import FrameType
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI

from analysis.transcript_formats import LONGEST_TRANSCRIPT_BYTES
from assistant.store import Store
from server import problem_details
from server.address import listen, url_of
from server.connection import PromptConnection
from server.document import complete
from server.gate import Gate
from server.left_over import see_to_left_over
from server.methods import HeadAsGet
from server.pages import errors, files, home, practice, review, sound
from server.pages import progress as progress_page
from server.pages.answer import compile_templates
from server.routes import (
    PREFIX,
    analyses,
    corrections,
    frameworks,
    health,
    live,
    models,
    notes,
    problems,
    progress,
    session_audio,
    session_events,
    sessions,
    transcriptions,
)
from server.services import Services
from server.token import TokenAsked, kept_token
from server.version import version

LARGEST_UPLOAD_BYTES = 700_000_000
"""An hour of CD-quality stereo WAV is 635 MB."""

_SMALL_BYTES = 64_000
_DESCRIPTION = """Practise machine-learning system design interviews; nothing leaves this machine.

Errors are RFC 9457 problem details. Times are seconds since the session's start. Examples show the beginning of long
lists."""


def create_app(store: Store, model: str = "base", token: str | None = None) -> FastAPI:
    """The API over a store.

    model: weights of the recogniser for uploads that name none. token: what every request must show; without it only
    this machine is answered.
    """

    services = Services(store, model)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(services.analyses.take_up)
        await asyncio.to_thread(_prepare_pages, store)
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
    app.include_router(models.router)
    for pages in (files, home, practice, review, sound, progress_page):
        app.include_router(pages.router)
    problem_details.install(app)
    errors.install(app)
    if token is not None:
        app.add_middleware(TokenAsked, token=token)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Gate, largest_body=largest_body, remote=token is not None)
    _complete_openapi(app)
    return app


def _prepare_pages(store: Store) -> None:
    # Half a second that the first who asks for a page would wait. What keeps a page from being made is told to him.
    compile_templates()
    with contextlib.suppress(Exception):
        home.first_page(store)


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
            complete(generate())
        assert app.openapi_schema is not None
        return app.openapi_schema

    # FastAPI's own way of changing the document.
    app.openapi = openapi  # type: ignore[method-assign]


def serve(
    store: Store,
    host: str = "127.0.0.1",
    port: int = 8765,
    on_ready: Callable[[str], None] | None = None,
    model: str = "base",
    remote: bool = False,
) -> None:
    """Run the server until SIGINT or SIGTERM.

    host: a loopback address or `localhost`; any of this machine's where remote is true, which makes the token a must.
    port: 0 for any that is free. on_ready: told the URL, with the token, once requests are answered. Raises
    AddressRefused for a host other machines could reach without remote, and for an address that cannot be had.
    """
    listening = listen(host, port, remote)
    with listening:
        token = kept_token(store.root) if remote else None
        url = url_of(listening, host)
        shown = f"{url}/?token={token}" if token else url
        app = create_app(store, model, token)
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
        logging.getLogger("uvicorn.error").addFilter(_is_news)
        _Server(config, app, lambda: on_ready(shown) if on_ready else None).run(sockets=[listening])


_NO_NEWS = (
    # Uvicorn says so of every websocket that was refused with an answer.
    "ASGI callable returned without completing handshake.",
    # That the end waits for nobody longer than so is meant; what was begun is taken up by the next start.
    "Cancel %s running task(s), timeout graceful shutdown exceeded",
)


def _is_news(record: logging.LogRecord) -> bool:
    cancelled = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
    return record.msg not in _NO_NEWS and not cancelled


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
