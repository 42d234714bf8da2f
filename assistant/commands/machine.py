"""`viva models` and `viva doctor`: what this machine has and needs."""

import sys
from typing import Annotated

import typer

from assistant.commands.common import (
    ListFormat,
    Settings,
    ask,
    group,
    meter,
    show,
)
from prompts.errors import UserError

models_app = group()


@models_app.callback(invoke_without_command=True)
def models(ctx: typer.Context, format: ListFormat = "text") -> None:
    """List the model weights; fetch and check them."""
    if ctx.invoked_subcommand is None:
        from assistant.listing import weights

        show(weights(format))


@models_app.command()
def pull(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="By default all that practice needs.")
    ] = None,
) -> None:
    """Fetch weights; what is here and right is left alone."""
    from models.download import silent
    from models.fetch import fetch
    from models.manifest import default_weights
    from models.progress import progress as download_progress

    settings: Settings = ctx.obj
    for name in names or default_weights():
        if settings.quiet:
            fetch(name, silent)
            continue
        with download_progress(sys.stderr) as report:
            folder = fetch(name, report)
        settings.say(f"{name}: {folder}")


@models_app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="By default all that practice needs.")
    ] = None,
) -> None:
    """Hash weights and compare them with the manifest."""
    from models.manifest import default_weights
    from models.store import verify as verify_weight

    for name in names or default_weights():
        show(f"{name}: {verify_weight(name)}\n")


def doctor(
    ctx: typer.Context,
    format: ListFormat = "text",
    voice: Annotated[
        bool, typer.Option("--voice", help="Hear the interviewer's voices and choose one, instead of checking.")
    ] = False,
    devices: Annotated[
        bool, typer.Option("--devices", help="Choose microphone and loudspeaker, instead of checking.")
    ] = False,
) -> None:
    """Check microphone, loudspeaker, voice, weights and disk, and say what to do."""
    from assistant import listing
    from assistant.doctor import can_practice, examine

    settings: Settings = ctx.obj
    if voice or devices:
        _choose(settings, voice, devices)
        return
    settings.say("Please say a few sentences; the check takes some seconds.")
    checks = []
    for check in examine(settings.data_dir):
        checks.append(check)
        if format == "text":
            show(listing.check(check))
    able = can_practice(checks)
    if format == "json":
        show(listing.as_json({"can_practice": able, "checks": checks}))
    if not able:
        raise UserError(
            "Practice cannot run on this machine yet", "Do what is said above, then run `viva doctor` again"
        )


def _choose(settings: Settings, voice: bool, devices: bool) -> None:
    """Let the person choose, and remember it."""
    from assistant.choosing import choose_devices, choose_voice, hear_voices
    from assistant.preferences import NAME, load_preferences, save_preferences

    folder = settings.store().root
    before = preferences = load_preferences(folder)
    if not sys.stdin.isatty():
        if devices:
            raise UserError(
                "Devices can only be chosen at a terminal", f"Or write their names into {folder / NAME}, see README.md"
            )
        hear_voices(preferences, settings.say)
        return
    if devices:
        preferences = choose_devices(preferences, ask, print, meter())
    if voice:
        preferences = choose_voice(preferences, ask, print)
    if preferences != before:
        save_preferences(folder, preferences)
        settings.say(f"Remembered in {folder / NAME}.")
