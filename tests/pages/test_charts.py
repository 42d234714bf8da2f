"""Charts as places: what stands where, however little was said."""

from dataclasses import replace

import pytest

from analysis.delivery import measure
from analysis.report import PacePoint, Report, Score, SessionFacts
from server.pages.charts import pace_chart


def spoken(seconds: float, *minutes: int) -> Report:
    """A session in which these minutes had words."""
    pace = tuple(PacePoint(60.0 * minute, 120.0) for minute in minutes)
    facts = SessionFacts("id", "feed", "six-stage", "senior", seconds, seconds)
    return Report(facts, (), (), (), replace(measure((), (), seconds), pace=pace), Score(0.0, {}, ()), ())


@pytest.mark.parametrize(
    ("seconds", "minutes", "lines"),
    [
        (40.0, (0,), [[0, 1000]]),
        (600.0, (0, 1, 2, 5), [[50, 150, 250], [500, 600]]),
        (600.0, (), []),
    ],
)
def test_pace_is_a_line_for_each_stretch_even_of_a_single_minute(
    seconds: float, minutes: tuple[int, ...], lines: list[list[float]]
) -> None:
    drawn = [
        [float(point.split(",")[0]) for point in line.split()] for line in pace_chart(spoken(seconds, *minutes)).lines
    ]
    assert drawn == lines
