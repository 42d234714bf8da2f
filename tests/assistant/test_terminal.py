"""What a terminal shows while a session runs, and how a report looks in one."""

import io
from dataclasses import replace

from rich.console import Console

from analysis.render import render
from assistant.live_state import LiveState, View
from assistant.terminal import LineView, TerminalView, live_screen, print_report, transcription_progress
from speech.partial import Partial
from tests.analysis.sample_report import sample

STATE = LiveState(
    elapsed=754,
    planned=2700,
    stage="data",
    stage_seconds=190,
    stage_planned=510,
    stages={"problem": 300, "data": 190},
    last_words="clicks would be our positives",
    partial=None,
    level_db=-24,
    speaking=True,
    behind_seconds=0.2,
    message=None,
)


def screen(state: LiveState, width: int = 80) -> str:
    """The live lines as plain text."""
    console = Console(file=io.StringIO(), width=width, color_system=None, force_terminal=True)
    with console.capture() as captured:
        console.print(live_screen(state, width))
    return captured.get()


def test_the_screen_shows_clock_stage_against_plan_level_and_last_words() -> None:
    shown = screen(STATE)
    assert "12:34 / 45:00" in shown
    assert "Data  3:10 of 8:30 planned" in shown
    assert "██████████" in shown and "speaking" in shown
    assert "clicks would be our positives" in shown
    assert "behind" not in shown


def test_the_screen_says_when_transcription_lags_and_what_needs_attention() -> None:
    shown = screen(replace(STATE, behind_seconds=4.2, message="no sound comes from the microphone: is it muted?"))
    assert "transcription 4 s behind" in shown
    assert "is it muted?" in shown


def test_before_anything_is_understood_it_listens() -> None:
    shown = screen(replace(STATE, stage=None, last_words="", speaking=False, level_db=-120))
    assert "Listening" in shown and "silence" in shown and "█" not in shown


def test_what_is_being_said_takes_the_place_of_the_last_words() -> None:
    said = "and the negatives are all the impressions that nobody ever clicked within the following day"
    shown = screen(replace(STATE, partial=Partial(750.0, 753.5, said)), 60)
    assert "within the following day" in shown and "and the negatives" not in shown
    assert "positives" not in shown


def test_long_words_never_need_a_second_line() -> None:
    for width in (40, 80):
        lines = screen(replace(STATE, last_words="so " * 200), width).splitlines()
        assert len(lines) == 4 and max(map(len, lines)) <= width


def test_words_cannot_write_on_the_terminal() -> None:
    shown = screen(replace(STATE, last_words="\x1b[2Jgone\x07", message="a\r\nb [bold]c[/bold]"))
    assert "gone" in shown and "[bold]c[/bold]" in shown
    assert "\x1b" not in shown and "\x07" not in shown and "\r" not in shown


def test_a_terminal_keeps_lines_and_leaves_nothing_of_the_screen_behind() -> None:
    stream = io.StringIO()
    view = TerminalView(Console(file=stream, width=80, force_terminal=True))
    _: View = view
    with view:
        view.tick(STATE)
        view.line("Design a home feed.")
        view.tick(replace(STATE, elapsed=755))
    written = stream.getvalue()
    assert "Design a home feed." in written
    # The last thing done is to erase the lines and to show the cursor again.
    assert written.rstrip("\n").endswith("\x1b[2K") or "\x1b[?25h" in written[-40:]


def test_elsewhere_a_line_is_written_only_when_something_changes() -> None:
    stream = io.StringIO()
    view = LineView(stream)
    _: View = view
    with view:
        view.line("Design a home feed.")
        for second in range(20):
            view.tick(replace(STATE, elapsed=second, stage="problem" if second < 10 else "data"))
        view.tick(replace(STATE, elapsed=21, message="microphone lost"))
        view.tick(replace(STATE, elapsed=22, message="microphone lost"))
    assert stream.getvalue().splitlines() == [
        "Design a home feed.",
        "0:00 Problem",
        "0:10 Data",
        "0:21 microphone lost",
    ]


def test_a_remark_is_not_written_twice() -> None:
    stream = io.StringIO()
    view = LineView(stream)
    view.line("The answers were typed.")
    view.tick(replace(STATE, stage=None, message="The answers were typed."))
    assert stream.getvalue() == "The answers were typed.\n"


def test_the_coloured_report_says_what_the_plain_one_says() -> None:
    console = Console(file=io.StringIO(), width=88, color_system=None)
    with console.capture() as captured:
        print_report(sample(), console)
    assert captured.get() == render(sample(), "text")


def test_the_report_is_coloured_in_a_terminal() -> None:
    stream = io.StringIO()
    print_report(sample(), Console(file=stream, width=88, force_terminal=True, color_system="standard"))
    assert "\x1b[1;31m  0:05  You committed" in stream.getvalue()


def test_progress_is_a_bar_on_a_terminal_only() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        with transcription_progress(stream) as show:
            for second in range(100):
                show(float(second), 100.0)
    assert "\x1b[" in terminal.getvalue()
    assert "\x1b" not in file.getvalue() and "\r" not in file.getvalue()
