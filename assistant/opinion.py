"""A language model's second opinion on a session, beside the report and never in it."""

import textwrap

from analysis.render.wording import clean
from analysis.report import Report
from assistant.language_model import ADDRESS, chosen_model
from prompts.errors import UserError
from prompts.problems import get_problem

_WIDTH = 88


def second_opinion(report: Report) -> str:
    """What the model says, as text. Raises UserError when there is no model, no problem, or nothing to be trusted."""
    model = chosen_model()
    if model is None:
        raise UserError("No language model is set", f"Set {ADDRESS}, for example to http://127.0.0.1:11434/v1")
    if report.session.problem is None:
        raise UserError("This session has no problem whose facts an opinion could rest on", "Choose another session")
    said = [utterance.text for utterance in report.utterances if utterance.speaker == "candidate"]
    remarks = model.opinion(get_problem(report.session.problem), said)
    if not remarks:
        raise UserError(
            f"The language model {model.name} gave no opinion that quotes what was said",
            "Try again, or set another model; the report stands as it is",
        )
    lines = [f"Second opinion of the language model {model.name}; it is no part of the report or the score.", ""]
    for one in remarks:
        lines.append(f"“{clean(one.quote)}”")
        lines += textwrap.wrap(clean(one.remark), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join([*lines, ""])
