"""What is practised by whoever names no problem: the plan's next exercise, unless another problem is preferred."""

from collections.abc import Callable

from analysis.render.wording import STAGE_NAMES
from assistant.exercise import Exercise, interview
from prompts.errors import UserError
from prompts.problems import get_problem


def propose(exercise: Exercise, ask: Callable[[str], str] | None, say: Callable[[str], None]) -> Exercise:
    """The exercise, or a whole interview on the problem that is named instead.

    ask: puts a question and gives the line that was typed; None where nobody can answer, and the exercise is taken.
    """
    say(f"Next: {_called(exercise)}. {exercise.reason}")
    while ask and (answer := ask("Enter begins; or name another problem (`viva problems` lists them): ").strip()):
        try:
            return interview(get_problem(answer).id, "It was chosen.")
        except UserError as error:
            say(str(error))
    return exercise


def _called(exercise: Exercise) -> str:
    title = get_problem(exercise.problem).title
    if exercise.drill is None:
        return f"{title} ({exercise.problem})"
    drill = "quick questions" if exercise.drill == "probes" else f"{STAGE_NAMES[exercise.drill].lower()} alone"
    return f"{title} ({exercise.problem}), {drill}, {exercise.minutes:.0f} minutes"
