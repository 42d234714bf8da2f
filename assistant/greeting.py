"""How the interviewer begins: with the problem, or with what alone is practised of it."""

import random

from prompts.frameworks import Framework
from prompts.lines import load_lines
from prompts.problems import Problem


def greeting(problem: Problem, framework: Framework, planned_seconds: float, seed: str) -> str:
    """The first line. seed: chooses the wording."""
    minutes = max(1, round(planned_seconds / 60))
    if framework.drill is None:
        occasion, fields = "greeting", dict[str, str]()
    elif framework.drill == "probes":
        occasion, fields = "greeting_probes", {}
    else:
        occasion, fields = "greeting_stage", {"stage": framework.steps[0].name}
    wording = random.Random(seed).choice(load_lines()[occasion])
    return wording.format(minutes=minutes, prompt=problem.prompt, **fields)
