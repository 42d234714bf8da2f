"""`viva practice` and what looks back on it."""

import importlib
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant.commands.common import (
    DEFAULT_FRAMEWORK,
    DEFAULT_LEVEL,
    AudioOption,
    FrameworkOption,
    LevelOption,
    ListFormat,
    OutputOption,
    Settings,
    ask,
    check_audio,
    give,
    meter,
    put,
    show,
)
from prompts.errors import UserError
from prompts.vocabulary import DrillChoice, Strictness

if TYPE_CHECKING:
    from assistant.terminal import LineView, TerminalView

DEFAULT_PORT = 8765


def practice(
    ctx: typer.Context,
    problem: Annotated[
        str | None,
        typer.Argument(metavar="[PROBLEM]", help="A problem; without one, the plan's next exercise is proposed."),
    ] = None,
    framework: FrameworkOption = DEFAULT_FRAMEWORK,
    minutes: Annotated[
        float | None, typer.Option("--minutes", help="Planned length (45, a drill 10); stages keep their shares of it.")
    ] = None,
    level: LevelOption = DEFAULT_LEVEL,
    input: Annotated[
        str | None,
        typer.Option("--input", metavar="mic|FILE|typed", help="What to listen to; the microphone if there is one."),
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Take a FILE as fast as possible, not in real time.")] = False,
    mute: Annotated[bool, typer.Option("--mute", help="Show the interviewer's lines, do not speak them.")] = False,
    strictness: Annotated[
        Strictness,
        typer.Option(
            "--strictness", help="How much the interviewer says; silent is an exam: answers and the time alone."
        ),
    ] = "realistic",
    no_nudges: Annotated[
        bool, typer.Option("--no-nudges", help="Do not be brought back, hurried on, or helped when stuck.")
    ] = False,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Begin without checking whether the microphone hears you.")
    ] = False,
    drill: Annotated[
        DrillChoice | None,
        typer.Option(
            "--drill", help="Only this stage, only quick questions, or the weakest stage of your last session again."
        ),
    ] = None,
) -> None:
    """Practise one interview, aloud, and get the report. Ctrl-C ends it; the report comes all the same."""
    from assistant.choosing import check_level, present
    from assistant.exercise import usual_minutes
    from assistant.language_model import chosen_model
    from assistant.outlook import drilled, next_of
    from assistant.practice import choose_input, load_recogniser
    from assistant.practice import practice as run_session
    from assistant.preferences import load_preferences
    from assistant.proposing import propose
    from assistant.recovery import compress_all, finish_left_over
    from assistant.session_setup import SessionSetup

    settings: Settings = ctx.obj
    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    choice = choose_input(input, at_terminal)
    store = settings.store()
    preferences = present(load_preferences(store.root), settings.say)
    finish_left_over(store, lambda: load_recogniser(None), settings.say)
    if drill is not None:
        problem, framework = drilled(store, drill, problem, framework)
    elif problem is None and framework == DEFAULT_FRAMEWORK and choice.kind != "demo":
        answer = ask if at_terminal and not settings.quiet else None
        proposed = propose(next_of(store), answer, settings.say)
        problem, framework = proposed.problem, proposed.framework
    planned = 60 * (minutes if minutes is not None else usual_minutes(framework))
    setup = SessionSetup(
        problem or next_of(store).problem, framework, level, planned, mute, strictness, nudges=not no_nudges
    )
    setup = replace(setup, loudspeaker=preferences.loudspeaker, model=chosen_model())
    if choice.kind == "mic" and at_terminal and not (no_check or settings.quiet):
        check_level(preferences.microphone, ask, print, meter())
    voice, microphone = preferences.voice, preferences.microphone
    with _view(typed=choice.kind == "typed") as view:
        report = run_session(store, setup, view, print, fast=fast, voice=voice, microphone=microphone, choice=choice)
    if report is not None:
        give(settings, report, "text", None)
        settings.say(f"Kept as {report.session.id}: `viva sessions {report.session.id}` shows it again.")
    compress_all(store, settings.say)


def sessions(
    ctx: typer.Context,
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Show the report of this one.")] = None,
    format: Annotated[
        Literal["text", "json", "markdown", "html", "srt", "vtt", "chapters", "metadata", "audacity"],
        typer.Option("--format", help="Form of the report; the list comes as text or json."),
    ] = "text",
    output: OutputOption = None,
    audio: AudioOption = False,
    opinion: Annotated[
        bool, typer.Option("--opinion", help="Show what the language model you have set says about this session.")
    ] = False,
) -> None:
    """List past sessions, or show the report of one."""
    from assistant import sound
    from assistant.listing import history

    settings: Settings = ctx.obj
    check_audio(audio, format)
    if opinion:
        from assistant.opinion import second_opinion

        if id is None:
            raise UserError("An opinion is on one session", "Name it: `viva sessions` lists them")
        put(settings, second_opinion(settings.store().report(id)), output)
        return
    if id is not None:
        store = settings.store()
        give(settings, store.report(id), format, output, sound.of_session(store, id) if audio else None)
    elif format in ("text", "json"):
        put(settings, history(settings.store().list_sessions(-1), "json" if format == "json" else "text"), output)
    else:
        raise UserError(f"The list of sessions has no form {format!r}", "Name a session, or take text or json")


def progress(ctx: typer.Context, format: ListFormat = "text") -> None:
    """Show how the sessions went over the weeks, and what to practise next."""
    from assistant import listing
    from assistant.outlook import outlook

    settings: Settings = ctx.obj
    show(listing.progress(outlook(settings.store()), format))


def recover(ctx: typer.Context) -> None:
    """Finish sessions that a crash or a power cut left unfinished."""
    from assistant.practice import load_recogniser
    from assistant.recovery import recover as end_unfinished

    settings: Settings = ctx.obj
    recovered = end_unfinished(settings.store(), lambda: load_recogniser(None), settings.say)
    show("".join(f"{id}\n" for id in recovered))
    if not recovered:
        settings.say("There is nothing to recover.")


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")] = DEFAULT_PORT,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Let in other machines that know the token. Nothing is encrypted.")
    ] = False,
) -> None:
    """Serve the web pages and the HTTP API, to this machine alone unless told otherwise."""
    settings: Settings = ctx.obj
    # The server is a layer above and may use all of this one; only here does this one start it.
    importlib.import_module("server.app").serve(
        settings.store(), host, port, lambda url: show(f"{url}\n"), remote=allow_remote
    )


def mcp(ctx: typer.Context) -> None:
    """Serve problems, sessions and reports to an assistant (Model Context Protocol, standard input and output)."""
    settings: Settings = ctx.obj
    importlib.import_module("server.mcp_tools").run(settings.store())


def _view(typed: bool) -> "TerminalView | LineView":
    from rich.console import Console

    from assistant.terminal import LineView, TerminalView

    # Redrawing would garble what somebody is typing.
    return LineView(sys.stdout) if typed or not sys.stdout.isatty() else TerminalView(Console())
