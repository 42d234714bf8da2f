"""The `viva` command: its global options, and what becomes of errors. Commands import what is heavy when they run."""

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from assistant.commands import judging, machine, practising
from assistant.commands.common import Settings, group, show
from assistant.settings import chosen_folder
from prompts.errors import UserError
from prompts.problems import use_own

TRACEBACK_VARIABLE = "VIVA_TRACEBACK"

_FLAGS = ("--quiet", "-q")
_WITH_VALUE = "--data-dir"


class _GlobalOptionsAnywhere(TyperGroup):
    """Takes the global options after the command's name as well as before it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        until = args.index("--") if "--" in args else len(args)
        first, rest = [], []
        options = iter(args[:until])
        for option in options:
            if option in _FLAGS or option.startswith(f"{_WITH_VALUE}="):
                first.append(option)
            elif option == _WITH_VALUE:
                value = next(options, None)
                if value is None:
                    # Moved to the front it would take the command's name for its value.
                    return super().parse_args(ctx, [option])
                first += [option, value]
            else:
                rest.append(option)
        return super().parse_args(ctx, [*first, *rest, *args[until:]])


app = group(cls=_GlobalOptionsAnywhere)


@app.callback(invoke_without_command=True)
def _globals(
    ctx: typer.Context,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no remarks; errors only.")] = False,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", metavar="PATH", help="Where sessions are kept (or VIVA_DATA_DIR).")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Practise machine-learning system design interviews out loud. Everything stays on this machine."""
    ctx.obj = Settings(quiet, data_dir)
    use_own(chosen_folder(data_dir))
    if version:
        from importlib.metadata import version as installed_version

        show(f"viva {installed_version('vivavoce')}\n")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        show(ctx.get_help() + "\n")


for _command in (
    practising.practice,
    judging.analyze,
    judging.transcribe,
    judging.problems,
    judging.frameworks,
    practising.sessions,
    practising.progress,
    practising.recover,
    practising.serve,
    practising.mcp,
):
    app.command()(_command)
app.add_typer(machine.models_app, name="models")
app.command()(machine.doctor)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code (as for `assistant.cli.main`); what goes wrong is one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A report must not be lost because a terminal cannot show one of its characters.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(arguments, prog_name="viva", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except UserError as error:
        return _fail(str(error), 1)
    except typer.TyperException as error:
        what = error.format_message().replace("Value error, ", "").rstrip(".")
        return _fail(f"{what}. See `{_command_path(error)} --help`.", 2)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        # Whoever read the output has seen enough; nothing is left to tell them, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return _fail(f"Something in the program went wrong ({what}). {TRACEBACK_VARIABLE}=1 shows where.", 1)


def _fail(message: str, code: int) -> int:
    from analysis.render.wording import clean

    with contextlib.suppress(OSError):
        print(clean(message), file=sys.stderr, flush=True)
    return code


def _command_path(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context is not None else "viva"
