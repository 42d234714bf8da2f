"""`viva analyze` and `viva transcribe`, and what they judge by: problems and frameworks."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from assistant.commands.common import (
    DEFAULT_FRAMEWORK,
    DEFAULT_LEVEL,
    DEFAULT_MINUTES,
    DEFAULT_MODEL,
    AudioOption,
    FrameworkOption,
    LevelOption,
    ListFormat,
    MinutesOption,
    ModelOption,
    OutputOption,
    ProblemOption,
    Settings,
    check_audio,
    give,
    put,
    show,
    transcribing,
)


def analyze(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A recording, or a transcript (JSON, SRT, WebVTT, text).")
    ],
    problem: ProblemOption = None,
    framework: FrameworkOption = DEFAULT_FRAMEWORK,
    minutes: MinutesOption = DEFAULT_MINUTES,
    level: LevelOption = DEFAULT_LEVEL,
    format: Annotated[
        Literal["text", "json", "markdown", "html"], typer.Option("--format", help="Form of the report.")
    ] = "text",
    output: OutputOption = None,
    audio: AudioOption = False,
) -> None:
    """Judge a recording or a transcript and print the report."""
    from assistant import sound
    from assistant.files import analyze_file
    from assistant.output import check_writable

    settings: Settings = ctx.obj
    check_audio(audio, format)
    if output is not None:
        check_writable(output)
    carried = sound.of_file(file) if audio else None
    with transcribing(settings) as progress:
        report = analyze_file(file, problem, framework, level, minutes * 60, DEFAULT_MODEL, progress)
    give(settings, report, format, output, carried)


def transcribe(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording.")],
    format: Annotated[
        Literal["text", "json", "srt", "vtt"], typer.Option("--format", help="Form of the transcript.")
    ] = "text",
    model: ModelOption = DEFAULT_MODEL,
    output: OutputOption = None,
) -> None:
    """Write down what is said in a recording."""
    from analysis.render.transcript import render_transcript
    from assistant.files import transcribe as transcribe_recording
    from assistant.output import check_writable

    settings: Settings = ctx.obj
    if output is not None:
        check_writable(output)
    with transcribing(settings) as progress:
        heard = transcribe_recording(file, model, (), progress)
    for note in heard.notes:
        settings.say(note)
    if not heard.utterances:
        settings.say(f"No speech was heard in {file.name}.")
    put(settings, render_transcript(heard.utterances, format), output)


def problems(
    ctx: typer.Context,
    id: Annotated[
        str | None, typer.Argument(metavar="[ID | check]", help="Show this one; or check a file of your own.")
    ] = None,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The file to check.")] = None,
    format: ListFormat = "text",
) -> None:
    """List the problems, show one as the interviewer puts it, or say what is wrong with a file of your own."""
    from assistant import listing
    from assistant.settings import chosen_folder
    from prompts.problem_check import check_problem
    from prompts.problems import CHECK, OWN, own_problems

    settings: Settings = ctx.obj
    if (id == CHECK) != (file is not None):
        raise typer.BadParameter("a file is checked by: viva problems check FILE")
    if file is not None:
        found = check_problem(file.absolute())
        show(listing.checked(file, found, chosen_folder(settings.data_dir) / OWN))
        if found.mistakes:
            raise typer.Exit(1)
        return
    if id is not None:
        show(listing.problem(id, format))
        return
    for broken in own_problems().broken.values():
        settings.say(str(broken))
    show(listing.problems(format))


def frameworks(
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Show this one.")] = None, format: ListFormat = "text"
) -> None:
    """List the frameworks, or show the steps of one."""
    from assistant import listing

    show(listing.frameworks(format) if id is None else listing.framework(id, format))
