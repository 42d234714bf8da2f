"""What a terminal shows: a running session, the coloured report, how far a transcription is."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from analysis.render.text import Role, lines
from analysis.render.wording import STAGE_NAMES, clean, clock
from analysis.report import Report

if TYPE_CHECKING:
    from assistant.live_state import LiveState

_STYLES: Mapping[Role, str] = {
    "title": "bold",
    "heading": "bold underline",
    "fault": "bold red",
    "warning": "bold yellow",
    "info": "bold cyan",
    "quote": "italic",
    "aside": "dim",
    "plain": "",
}
_WIDEST = 100
_QUIETEST_DB, _LOUDEST_DB = -60.0, 0.0
_LEVEL_CELLS = 16
_LINE_SECONDS = 10.0


def print_report(report: Report, console: Console) -> None:
    """The text report, coloured and as wide as the terminal."""
    for line in lines(report, min(console.width, _WIDEST)):
        console.print(Text(line.text, _STYLES[line.role]), soft_wrap=True)


class TerminalView:
    """A running session on a terminal: clock, stage against plan, level and last words, above them what was said.

    Use it as a context manager; it redraws a few lines at the bottom and leaves none of them behind.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> "TerminalView":
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def tick(self, state: "LiveState") -> None:
        """Show where the session is."""
        self._live.update(live_screen(state, self._console.width))

    def line(self, text: str) -> None:
        """Print something that stays."""
        self._console.print(Text(clean(text)))


class LineView:
    """A running session in a file, a pipe or beside typed answers: a line when something changes, nothing redrawn."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage: str | None = None
        self._message: str | None = None

    def __enter__(self) -> "LineView":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def tick(self, state: "LiveState") -> None:
        """Say so when the stage or the message is another than before."""
        if state.stage != self._stage and state.stage is not None:
            self.line(f"{clock(state.elapsed)} {STAGE_NAMES[state.stage]}")
        if state.message != self._message and state.message:
            self.line(f"{clock(state.elapsed)} {state.message}")
        self._stage, self._message = state.stage, state.message

    def line(self, text: str) -> None:
        """Print something."""
        # A remark that was just printed is not news when it comes again as the message of the moment.
        self._message = text
        print(clean(text), file=self._stream, flush=True)


def live_screen(state: "LiveState", width: int) -> Group:
    """The lines at the bottom of a running session."""
    late = state.elapsed > state.planned
    rows: list[Table | Text] = [_clock_row(state, late, width), _stage_row(state), _level_row(state)]
    if words := state.partial.text if state.partial else state.last_words:
        rows.append(Text("… " + _end(clean(words), width - 2), "italic", no_wrap=True, overflow="ellipsis"))
    if state.message:
        rows.append(Text(clean(state.message), "bold yellow"))
    return Group(*rows)


def _end(text: str, width: int) -> str:
    """As many of the last words as fit."""
    return text if len(text) <= width else text[len(text) - width :].partition(" ")[2]


def _clock_row(state: "LiveState", late: bool, width: int) -> Table:
    row = Table.grid(padding=(0, 1))
    row.add_row(
        Text(f"{clock(state.elapsed)} / {clock(state.planned)}", "bold red" if late else "bold"),
        ProgressBar(
            total=max(state.planned, 1.0), completed=min(state.elapsed, state.planned), width=min(40, width // 2)
        ),
    )
    return row


def _stage_row(state: "LiveState") -> Text:
    if state.stage is None:
        return Text("Listening", "dim")
    row = Text().append(STAGE_NAMES[state.stage], "bold")
    if state.stage_planned > 0:
        over = state.stage_seconds > state.stage_planned
        row.append(
            f"  {clock(state.stage_seconds)} of {clock(state.stage_planned)} planned", "yellow" if over else "dim"
        )
    return row


def _cells(db: float) -> int:
    share = (db - _QUIETEST_DB) / (_LOUDEST_DB - _QUIETEST_DB)
    return round(_LEVEL_CELLS * min(1.0, max(0.0, share)))


def level_bar(db: float) -> str:
    """An input level as a bar of text, always of the same width."""
    cells = _cells(db)
    return "█" * cells + "░" * (_LEVEL_CELLS - cells) + f" {db:5.0f} dB"


def _level_row(state: "LiveState") -> Text:
    cells = _cells(state.level_db)
    row = Text().append("█" * cells, "green").append("░" * (_LEVEL_CELLS - cells), "dim")
    row.append("  speaking" if state.speaking else "  silence", "" if state.speaking else "dim")
    if state.behind_seconds >= 1:
        row.append(f"  transcription {state.behind_seconds:.0f} s behind", "dim")
    return row


@contextmanager
def transcription_progress(stream: TextIO) -> Iterator[Callable[[float, float | None], None]]:
    """Shows how far a transcription is: a bar on a terminal, a line now and then elsewhere.

    Yields a function to call with the seconds done and the recording's length, if that is known.
    """
    if not stream.isatty():
        yield _progress_lines(stream)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task("transcribing", total=None, at="")

        def show(done: float, total: float | None) -> None:
            bar.update(task, completed=done, total=total, at=_of(done, total))

        yield show


def _progress_lines(stream: TextIO) -> Callable[[float, float | None], None]:
    said = time.monotonic()

    def show(done: float, total: float | None) -> None:
        nonlocal said
        if time.monotonic() - said >= _LINE_SECONDS:
            said = time.monotonic()
            print(f"transcribed {_of(done, total)}", file=stream, flush=True)

    return show


def _of(done: float, total: float | None) -> str:
    return clock(done) if total is None else f"{clock(min(done, total))} of {clock(total)}"
