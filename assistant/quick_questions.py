"""A drill of quick questions: the problem's probes one after the other, each with a minute."""

import random

from assistant.situation import Line, Situation, said_anything
from assistant.wording import wording
from prompts.problems import Problem

QUESTION_SECONDS = 60.0
_ANSWERED_SECONDS = 3.5
"""Time for a quick question, and the pause that ends its answer."""


def next_question(situation: Situation, problem: Problem) -> Line | None:
    """In a drill of questions: the next one, as soon as the last was answered or its minute is over."""
    every = [probe for probes in problem.probes.values() for probe in probes]
    random.Random(situation.seed).shuffle(every)
    left = [probe for probe in every if not any(probe in said.text for said in situation.said)]
    asked = [said for said in situation.said if said.rule == "quick_fire"]
    # The greeting is no line of this list; who has just been greeted is asked at once.
    since = situation.now - asked[-1].at if asked else float("inf")
    answered = situation.settled and situation.talk is not None and said_anything(situation.talk)
    over = since >= QUESTION_SECONDS and situation.quiet_seconds >= 1.0
    done = answered and situation.quiet_seconds >= _ANSWERED_SECONDS * situation.typing()
    if not left or situation.quiet_seconds < 1.0 or (asked and not over and not done):
        return None
    if not asked:
        return Line(left[0], "quick_fire", "the first question")
    lead = wording(situation, "out_of_time" if over else "next_question")
    why = f"{since:.0f} s after the last question" + (", which was not answered" if not answered else "")
    return Line(f"{lead} {left[0]}", "quick_fire", why)
