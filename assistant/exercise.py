"""What to practise next and why, and a plan of one problem a week, spaced by weakness. Pure.

A problem comes back the sooner the worse it went: forgetting is fought by repeating just before it (Cepeda et al. 2006,
"Distributed practice in verbal recall tasks", Psychological Bulletin 132). Between problems, the weakest stage is drilled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import mean

from analysis.render.wording import STAGE_NAMES
from analysis.report import Report
from assistant.progress import SessionPoint
from prompts.frameworks import get_framework
from prompts.problems import load_problems
from prompts.vocabulary import STAGES, Drill, Stage

INTERVIEW_MINUTES = 45.0
DRILL_MINUTES = 10.0
DEFAULT_FRAMEWORK = "six-stage"

LATELY = 5
"""Interviews by which the weakest stage is judged."""

_STRONG = 80.0
_REPEAT_AFTER_WEEKS = ((50.0, 2), (75.0, 4), (101.0, 8))
"""Below which score a problem comes back after how many weeks."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """Something to practise. drill: what alone, None for a whole interview. framework: with the drill in its id.

    minutes: None for as long as usual. reason: why this, as a sentence. command: how to begin it.
    """

    problem: str
    framework: str
    drill: Drill | None
    minutes: float | None
    reason: str
    command: str


@dataclass(frozen=True, slots=True)
class PlannedWeek:
    """One week's problem. monday: its first day, ISO 8601."""

    monday: str
    problem: str
    reason: str


def usual_minutes(framework: str) -> float:
    """How long a session takes where nobody says. framework: its id. Raises UnknownFramework."""
    return INTERVIEW_MINUTES if get_framework(framework).drill is None else DRILL_MINUTES


def next_exercise(points: Sequence[SessionPoint], lately: Sequence[Report], today: date) -> Exercise:
    """What to practise next.

    points: all judged sessions. lately: the reports of the last `LATELY` whole interviews among them. Both oldest first.
    """
    monday, lately = _monday(today), [report for report in lately if _drillable(report)]
    if not lately or not any(_day(point) >= monday for point in points if _practised(point)):
        due = next(iter(plan(points, today, weeks=1)))
        return interview(due.problem, due.reason)
    weak = weakest_stage(lately)
    drilled = any(_day(point) >= monday and get_framework(point.framework).drill == weak for point in points)
    name, score = STAGE_NAMES[weak].lower(), mean(_points(lately, weak))
    if score >= _STRONG or drilled:
        why = f"This week's problem is done, and {name} was drilled" if drilled else "This week's problem went well"
        return _exercise(lately[-1], "probes", f"{why}: answer quick questions about it.")
    when = "your last session" if len(lately) == 1 else f"your last {len(lately)} sessions"
    reason = f"This week's problem is done. Your weakest stage is {name}: {score:.0f} of 100 in {when}."
    return _exercise(lately[-1], weak, reason)


def plan(points: Sequence[SessionPoint], today: date, weeks: int = 4) -> tuple[PlannedWeek, ...]:
    """A problem for each week, from this one on; this week's is the one already practised, if any was.

    points: all judged sessions, oldest first. Of these, interviews shorter than a drill count as begun alone.
    """
    known = load_problems()
    begun = {point.problem for point in points if point.whole}
    whole = [point for point in points if _practised(point) and point.problem in known]
    latest = {point.problem: point for point in whole if point.problem}
    due = {id: _day(point) + timedelta(weeks=_rest_weeks(point.score)) for id, point in latest.items()}
    fresh = [id for id in known if id not in latest]
    planned: list[PlannedWeek] = []
    for number in range(weeks):
        monday = _monday(today) + timedelta(weeks=number)
        done = [p.problem for p in whole if number == 0 and p.problem and _day(p) >= monday]
        overdue = sorted((day, id) for id, day in due.items() if day < monday + timedelta(weeks=1))
        if done:
            id, reason = done[-1], "Practised this week."
        elif overdue and (len(overdue) > 1 or number % 2 == 1 or not fresh or latest[overdue[0][1]].score < 50):
            id = overdue[0][1]
            reason = f"It scored {latest[id].score:.0f} on {_day(latest[id])}, and is due again."
        elif fresh:
            id = fresh.pop(0)
            reason = "You only began it so far." if id in begun else "You have not practised it yet."
        else:
            id = min(due, key=lambda problem: due[problem])
            reason = f"It is the one practised longest ago for how it went ({latest[id].score:.0f})."
        due.pop(id, None)
        planned.append(PlannedWeek(monday.isoformat(), id, reason))
    return tuple(planned)


def weakest_stage(reports: Sequence[Report]) -> Stage:
    """The stage with the fewest points, of equals the one that is given most time.

    reports: one at least that has a stage worth a drill.
    """
    framework = get_framework(reports[-1].session.framework)
    known = [stage for stage in STAGES if any(stage in _drillable(report) for report in reports)]
    return min(known, key=lambda stage: (mean(_points(reports, stage)), -framework.planned_seconds(stage, 60.0)))


def weakest_of_last(interviews: Sequence[Report]) -> Exercise | None:
    """The weakest stage of the last interview, once more on the same problem; None before there is one.

    interviews: reports of whole ones, oldest first.
    """
    whole = [report for report in interviews if report.session.problem and _drillable(report)]
    if not whole:
        return None
    weak = weakest_stage(whole[-1:])
    points = whole[-1].score.by_stage[weak]
    return _exercise(whole[-1], weak, f"{STAGE_NAMES[weak]} got {points:.0f} of 100 in your last session.")


def interview(problem: str, reason: str) -> Exercise:
    """A whole interview on a problem."""
    return Exercise(problem, DEFAULT_FRAMEWORK, None, None, reason, f"viva practice {problem}")


def _exercise(last: Report, drill: Drill, reason: str) -> Exercise:
    # A problem of one's own may be gone.
    known = load_problems()
    problem = last.session.problem if last.session.problem in known else None
    problem = problem or next(iter(known))
    framework = last.session.framework
    whose = "" if framework == DEFAULT_FRAMEWORK else f" --framework {framework}"
    command = f"viva practice {problem} --drill {drill}{whose}"
    return Exercise(problem, f"{framework}:{drill}", drill, DRILL_MINUTES, reason, command)


def _drillable(report: Report) -> list[Stage]:
    # Whoever says that what was found missing was there leaves a report without points for any stage.
    return [stage for stage in report.score.by_stage if stage != "wrap_up"]


def _practised(point: SessionPoint) -> bool:
    return point.whole and point.minutes >= DRILL_MINUTES


def _points(reports: Sequence[Report], stage: Stage) -> list[float]:
    return [report.score.by_stage[stage] for report in reports if stage in report.score.by_stage]


def _rest_weeks(score: float) -> int:
    return next(weeks for below, weeks in _REPEAT_AFTER_WEEKS if score < below)


def _day(point: SessionPoint) -> date:
    return datetime.fromisoformat(point.started_at).date()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
