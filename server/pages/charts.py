"""Charts as places in an SVG picture: 1000 wide and 100 high, whatever size it is shown in."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.render.layout import percent, total_seconds
from analysis.render.wording import moment
from analysis.report import Report

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Minute:
    """What was said in one minute. x, width: of its bar. fillers: how many; height: theirs. pace: None in silence."""

    start: str
    x: float
    width: float
    fillers: int
    height: float
    pace: float | None


@dataclass(frozen=True, slots=True)
class PaceChart:
    """Pace as lines over bars of fillers.

    lines: points for SVG polylines, a line for each stretch without a silent minute. low, high: what is usual, as
    heights from the top. most_pace, most_fillers: what the top means.
    """

    minutes: tuple[Minute, ...]
    lines: tuple[str, ...]
    low: float | None
    high: float | None
    most_pace: int
    most_fillers: int


def pace_chart(report: Report) -> PaceChart:
    """Words and fillers of each minute of a session."""
    pace = {int(point.start // _MINUTE): point.words_per_minute for point in report.delivery.pace}
    fillers = Counter(int(start // _MINUTE) for filler in report.delivery.fillers for start in filler.start)
    norm = next((norm for norm in report.delivery.norms if norm.measure == "words_per_minute"), None)
    most_pace = _round_up([*pace.values(), norm.high if norm else 0.0, 100.0], 50)
    most_fillers = _round_up([*fillers.values(), 5], 5)
    # A time beyond the end is only ever a rounding.
    last = int(total_seconds(report) // _MINUTE)
    numbers = sorted({number for number in (*pace, *fillers) if number <= last})
    minutes = tuple(_minute(report, number, fillers[number] / most_fillers, fillers[number], pace.get(number)) for number in numbers)  # fmt: skip
    return PaceChart(
        minutes,
        tuple(_polylines(minutes, numbers, most_pace)),
        None if norm is None or norm.low is None else _from_top(norm.low / most_pace),
        None if norm is None else _from_top(norm.high / most_pace),
        most_pace,
        most_fillers,
    )


def _minute(report: Report, number: int, part: float, fillers: int, pace: float | None) -> Minute:
    x = 10 * percent(report, number * _MINUTE)
    width = 10 * percent(report, (number + 1) * _MINUTE) - x
    return Minute(moment(number * _MINUTE), round(x, 2), round(width, 2), fillers, round(100 * part, 2), pace)


def _polylines(minutes: Sequence[Minute], numbers: Sequence[int], most: int) -> Iterable[str]:
    run: list[tuple[Minute, float]] = []
    before = None
    for minute, number in zip(minutes, numbers, strict=True):
        if run and (minute.pace is None or before != number - 1):
            yield _line(run)
            run = []
        if minute.pace is not None:
            run.append((minute, _from_top(minute.pace / most)))
        before = number
    if run:
        yield _line(run)


def _line(run: Sequence[tuple[Minute, float]]) -> str:
    """Through the middle of its minutes; a minute alone, which would be no line, from its beginning to its end."""
    if len(run) == 1:
        (alone, y) = run[0]
        return f"{alone.x:.1f},{y} {alone.x + alone.width:.1f},{y}"
    return " ".join(f"{minute.x + minute.width / 2:.1f},{y}" for minute, y in run)


def trend(values: Sequence[float | None], most: float) -> tuple[tuple[float, float], ...]:
    """Values side by side as places: x from 0 to 1000, y from the top; gaps are left out."""
    step = 1000 / max(1, len(values) - 1)
    return tuple(
        (round(number * step if len(values) > 1 else 500.0, 1), _from_top(value / most))
        for number, value in enumerate(values)
        if value is not None
    )


def _from_top(part: float) -> float:
    return round(100 - 100 * min(1.0, max(0.0, part)), 2)


def _round_up(values: Sequence[float], step: int) -> int:
    return int(-(-max(values) // step) * step)
