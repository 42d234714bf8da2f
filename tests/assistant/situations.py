"""Situations of an interview: what was said, and what the interviewer makes of it."""

from functools import cache

from analysis.talk import Talk, understand
from assistant.policy import next_line
from assistant.situation import Said, Situation
from prompts.frameworks import get_framework
from prompts.problems import get_problem
from speech.transcript import Speaker, Utterance

PLANNED = 2700.0
PROBLEM = get_problem("feed")
QUESTION = "How many people use the app every day?"
JUMP = "I would train a two-tower network with a transformer on the posts."
UNDERSTOOD = (
    "The goal is that people come back, so the success metric is retention after four weeks.",
    "I assume two hundred million users a day and a latency of three hundred milliseconds.",
    "I frame it as ranking posts by the probability of a reaction.",
)
DESIGN = (
    *UNDERSTOOD,
    "At a high level there is candidate generation, then ranking, then re-ranking.",
    "An event pipeline writes what people do into a feature store.",
    "For labels I take likes and comments, and negatives are posts that were shown and ignored.",
    "I split the data by time so that the test is honest.",
)


@cache
def talk(*said: str, begins: float = 20.0) -> Talk:
    """After the prompt, what the candidate said, one second between."""
    who: Speaker = "interviewer"
    utterances, at = [Utterance(0, 0.0, 15.0, who, PROBLEM.prompt)], begins
    for number, text in enumerate(said, start=1):
        end = at + len(text.split()) / 2.5
        utterances.append(Utterance(number, at, end, "candidate", text))
        at = end + 1.0
    return understand(utterances, get_framework("six-stage"), "senior", PLANNED, at, online=True)


def after(talk: Talk, quiet: float) -> Situation:
    """So many seconds after the candidate's last word."""
    return Situation(
        now=talk.utterances[-1].end + quiet,
        planned_seconds=PLANNED,
        quiet_seconds=quiet,
        settled=True,
        talk=talk,
        problem=PROBLEM,
        said=(Said("prompt", 0.0, PROBLEM.prompt),),
        strictness="realistic",
        level="senior",
        seed="a session",
    )


def rule(situation: Situation) -> str | None:
    line = next_line(situation)
    return None if line is None else line.rule


def fact(id: str) -> str:
    return next(fact.answer for fact in PROBLEM.facts if fact.id == id)
