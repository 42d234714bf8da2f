"""Trains how a question finds the fact it asks for, on the problems' own wordings and on questions written for this.

`python -m analysis.training.answering [FILE …]` writes `models/answering.npz`; each FILE holds more questions in the form
of `questions.tsv`. Deterministic: the same questions give the same file.
"""

import random
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from analysis.answering import WEIGHTS, Answering, Kinds, comparisons, store_answering
from analysis.embedding import embed
from prompts.problems import Fact, load_bank

QUESTIONS = Path(__file__).parent / "questions.tsv"

_LEAST_PROBLEMS = 4
"""A kind is what so many problems have a fact of the same name for."""

_KIND_STRENGTH = 10.0
_EVERYWHERE_PER_PROBLEM = 12
_EVERYWHERE_WEIGHT = 0.3
_PENALTY = 3.0 / 8.0
_FOLDS = 6


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the interviewer. problem: `*` for every one. facts: ids that answer it; none: nothing does."""

    problem: str
    facts: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _Case:
    rows: NDArray[np.float64]
    right: NDArray[np.bool_]
    weight: float


def load_questions(file: Path = QUESTIONS) -> tuple[Question, ...]:
    """Read a table of questions; lines that begin with # are remarks. Raises ValueError for an unknown problem or fact."""
    questions = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        problem, facts, text = line.split("\t")
        ids = () if facts == "-" else tuple(facts.split("|"))
        known = {fact.id for fact in load_bank()[problem].facts} if problem != "*" else set()
        if not set(ids) <= known:
            raise ValueError(f"{file.name}: {problem} has no fact {facts}")
        questions.append(Question(problem, ids, text))
    return tuple(questions)


def fit_answering(questions: Sequence[Question], without: Collection[str] = ()) -> Answering:
    """Fit kinds and weights. without: problems whose own wordings stay unknown, to hold them out."""
    # A fact's kind must not be known from the very wordings it is compared by, hence the folds.
    ids = sorted(set(load_bank()) - set(without))
    cases = []
    for fold in range(_FOLDS):
        held = ids[fold::_FOLDS]
        kinds = fit_kinds({*without, *held})
        cases += [case for id in held for case in _cases(id, questions, kinds)]
    mean, spread = (f(np.vstack([case.rows for case in cases]), axis=0) for f in (np.mean, np.std))
    weights, none = _fit(cases, mean, spread + 1e-9)
    single = [array.astype(np.float32) for array in (mean, spread + 1e-9, weights)]
    return Answering(fit_kinds(without), single[0], single[1], single[2], none)


def fit_kinds(without: Collection[str]) -> Kinds:
    """Fit what tells kinds of questions apart on the wordings of all problems but these."""
    problems = load_bank().values()
    common = Counter(fact.id for problem in problems for fact in problem.facts)
    examples = [
        (wording, fact.id if common[fact.id] >= _LEAST_PROBLEMS else "")
        for problem in problems
        if problem.id not in without
        for fact in problem.facts
        for wording in fact.ask
    ]
    model = LogisticRegression(C=_KIND_STRENGTH, max_iter=400)
    model.fit(embed([wording for wording, _ in examples]), [kind for _, kind in examples])
    return Kinds(model.coef_.astype(np.float32), model.intercept_.astype(np.float32))


def _cases(id: str, questions: Sequence[Question], kinds: Kinds) -> list[_Case]:
    facts = load_bank()[id].facts
    everywhere = [question for question in questions if question.problem == "*"]
    drawn = random.Random(id).sample(everywhere, min(_EVERYWHERE_PER_PROBLEM, len(everywhere)))
    own = [(question, 1.0) for question in questions if question.problem == id]
    return [
        _Case(comparisons(question.text, facts, kinds), _right(question, facts), weight)
        for question, weight in [*own, *((question, _EVERYWHERE_WEIGHT) for question in drawn)]
    ]


def _right(question: Question, facts: Sequence[Fact]) -> NDArray[np.bool_]:
    return np.array([fact.id in question.facts for fact in facts])


def _fit(
    cases: Sequence[_Case], mean: NDArray[np.float64], spread: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """The weights of the conditional logit, and the score of "none of them"."""
    rows = (np.vstack([case.rows for case in cases]) - mean) / spread
    sizes = np.array([len(case.rows) for case in cases])
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    of_row = np.repeat(np.arange(len(cases)), sizes)
    right = np.concatenate([case.right for case in cases]).astype(np.float64)
    none = np.array([not case.right.any() for case in cases])
    weight = np.array([case.weight for case in cases])

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, of_none = parameters[:-1], float(np.exp(parameters[-1]))
        odds = np.exp(np.clip(rows @ weights, -30, 30))
        all_odds = np.add.reduceat(odds, first) + of_none
        right_odds = np.where(none, of_none, np.add.reduceat(odds * right, first))
        value = float(weight @ (np.log(all_odds) - np.log(right_odds))) + _PENALTY * float(weights @ weights)
        wanted = np.where(none[of_row], 0.0, odds * right / right_odds[of_row])
        slope = rows.T @ (weight[of_row] * (odds / all_odds[of_row] - wanted)) + 2 * _PENALTY * weights
        return value, np.append(slope, weight @ (of_none / all_odds - none))

    found = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return found[:-1], float(found[-1])


def main(files: Sequence[str]) -> None:
    """Train on all questions and write the file."""
    questions = [question for file in (QUESTIONS, *map(Path, files)) for question in load_questions(file)]
    with threadpool_limits(1):
        store_answering(fit_answering(questions))
    print(f"{WEIGHTS.name}: {len(questions)} questions")


if __name__ == "__main__":
    main(sys.argv[1:])
