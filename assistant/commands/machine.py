"""`viva models` and `viva doctor`: what this machine has and needs."""

import sys
from typing import Annotated

import typer

from assistant.commands.common import (
    ListFormat,
    Settings,
    group,
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


def doctor(ctx: typer.Context, format: ListFormat = "text") -> None:
    """Check microphone, loudspeaker, voice, weights and disk, and say what to do."""
    from assistant import listing
    from assistant.doctor import can_practice, examine

    settings: Settings = ctx.obj
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
