"""What the commands share: their common options, and where remarks and results go."""

import contextlib
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from prompts.vocabulary import Level

if TYPE_CHECKING:
    from analysis.render import Format
    from analysis.render.html import Sound
    from analysis.report import Report
    from assistant.choosing import Meter
    from assistant.files import Progress
    from assistant.store import Store

DEFAULT_FRAMEWORK = "six-stage"
DEFAULT_LEVEL: Level = "senior"
DEFAULT_MINUTES = 45.0
DEFAULT_MODEL = "base"

ProblemOption = Annotated[
    str | None, typer.Option("--problem", metavar="ID", help="A problem; `viva problems` lists them.")
]
FrameworkOption = Annotated[
    str, typer.Option("--framework", metavar="ID", help="A framework; `viva frameworks` lists them.")
]
MinutesOption = Annotated[float, typer.Option("--minutes", help="Planned length; stages keep their shares of it.")]
LevelOption = Annotated[Level, typer.Option("--level", help="The seniority to judge by.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", metavar="PATH", help="Write to a file instead.")]
AudioOption = Annotated[bool, typer.Option("--audio", help="Let an html page carry the sound, about 13 MB an hour.")]
ModelOption = Annotated[str, typer.Option("--model", metavar="NAME", help="The recogniser; `viva models` lists them.")]
ListFormat = Annotated[Literal["text", "json"], typer.Option("--format", help="How to print it.")]


@dataclass(frozen=True, slots=True)
class Settings:
    """The global options."""

    quiet: bool
    data_dir: Path | None

    def say(self, text: str) -> None:
        """A remark for the person, on stderr."""
        if not self.quiet:
            from analysis.render.wording import clean

            print(clean(text), file=sys.stderr, flush=True)

    def store(self) -> "Store":
        """The sessions of this user. Raises DataFolderUnusable."""
        from assistant.settings import data_dir
        from assistant.store import Store

        return Store(data_dir(self.data_dir))


def group(**settings: Any) -> typer.Typer:
    """An application of commands that looks and fails like all of them."""
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        **settings,
    )


def show(text: str) -> None:
    """Print a result. Raises OutputUnwritable."""
    from assistant.output import write_standard

    write_standard(text)


def ask(question: str) -> str:
    """What the person types in answer, a line; nothing at the end of the input."""
    try:
        return input(question)
    except EOFError:
        return ""


def meter() -> "Meter":
    """A level meter on one line of the terminal, drawn over itself."""
    from assistant.terminal import level_bar

    return lambda db: print(f"\r{level_bar(db)}\r", end="", flush=True)


def put(settings: Settings, text: str, output: Path | None) -> None:
    """Print a result, or write it to a file and say so. Raises OutputUnwritable."""
    if output is None:
        show(text)
        return
    from assistant.output import write_file

    write_file(output, text)
    settings.say(f"Written to {output}")


def check_audio(audio: bool, format: str) -> None:
    """Raises BadParameter where a report is asked for that cannot carry its sound."""
    if audio and format != "html":
        raise typer.BadParameter("only a page carries its sound: --format html --audio")


def give(
    settings: Settings, report: "Report", format: "Format", output: Path | None, sound: "Sound | None" = None
) -> None:
    """Print a report, in colours where a person reads it. sound: for its page."""
    if format == "text" and output is None and sys.stdout.isatty():
        from rich.console import Console

        from assistant.terminal import print_report

        print_report(report, Console())
        return
    from analysis.render import html, render

    put(settings, render(report, format) if sound is None else html.render(report, sound), output)


def transcribing(settings: Settings) -> "AbstractContextManager[Progress]":
    """Shows how far a transcription is, unless nobody wants to know."""
    if settings.quiet:
        return contextlib.nullcontext(lambda done, total: None)
    from assistant.terminal import transcription_progress

    return transcription_progress(sys.stderr)
