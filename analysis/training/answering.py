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

_SHARPNESS = 20.0
_SIMILARITY_STEPS = 60
_SIMILARITY_PENALTY = 100.0
"""Between 30 and 300 it made no difference for problems that were not fitted to; 1000 did worse."""

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
        kinds, similarity = fit_kinds({*without, *held}), fit_similarity({*without, *held})
        cases += [case for id in held for case in _cases(id, questions, kinds, similarity)]
    mean, spread = (f(np.vstack([case.rows for case in cases]), axis=0) for f in (np.mean, np.std))
    weights, none = _fit(cases, mean, spread + 1e-9)
    single = [array.astype(np.float32) for array in (mean, spread + 1e-9, weights)]
    return Answering(fit_kinds(without), fit_similarity(without), single[0], single[1], single[2], none)


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


def fit_similarity(without: Collection[str]) -> NDArray[np.float32]:
    """Fit S, with which a wording w is nearer to the other wordings v of its fact, by w S v, than to those of other facts.

    A softmax over a problem's facts, each by the mean of its wordings (as in prototypical networks: Snell et al. 2017),
    on the wordings of all problems but these; S is kept near to the identity.
    """
    problems = [Wordings(problem.facts) for problem in load_bank().values() if problem.id not in without]
    size = problems[0].wordings.shape[1]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        similarity = flat.reshape(size, size)
        change = similarity - np.eye(size)
        value, slope = _SIMILARITY_PENALTY * float((change**2).sum()), 2 * _SIMILARITY_PENALTY * change
        for problem in problems:
            more, steeper = problem.loss(similarity)
            value, slope = value + more, slope + steeper
        return value, slope.ravel()

    found = minimize(loss, np.eye(size).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _SIMILARITY_STEPS}).x
    fitted: NDArray[np.float32] = found.reshape(size, size).astype(np.float32)
    return fitted


class Wordings:
    """A problem's wordings, each to be told from those of other facts by the rest of its own."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        by_fact = [embed(fact.ask).astype(np.float64) for fact in facts]
        sums, counts = np.array([of.sum(axis=0) for of in by_fact]), np.array([len(of) for of in by_fact])
        self.wordings = np.vstack(by_fact)
        self._means = sums / counts[:, None]
        fact = np.repeat(np.arange(len(facts)), counts)
        self._own = np.arange(len(fact)), fact
        self._others = (sums[fact] - self.wordings) / np.maximum(counts[fact] - 1, 1)[:, None]

    def loss(self, similarity: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """The negative log likelihood and its slope."""
        turned = self.wordings @ similarity
        scores = turned @ self._means.T
        scores[self._own] = (turned * self._others).sum(axis=1)
        scores *= _SHARPNESS
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares = odds / odds.sum(axis=1, keepdims=True)
        value = -float(np.log(np.maximum(shares[self._own], 1e-300)).sum())
        shares[self._own] -= 1
        shares *= _SHARPNESS
        own = shares[self._own][:, None] * self._others
        shares[self._own] = 0
        return value, self.wordings.T @ (shares @ self._means + own)


def _cases(id: str, questions: Sequence[Question], kinds: Kinds, similarity: NDArray[np.float32]) -> list[_Case]:
    facts = load_bank()[id].facts
    everywhere = [question for question in questions if question.problem == "*"]
    drawn = random.Random(id).sample(everywhere, min(_EVERYWHERE_PER_PROBLEM, len(everywhere)))
    own = [(question, 1.0) for question in questions if question.problem == id]
    return [
        _Case(comparisons(question.text, facts, kinds, similarity), _right(question, facts), weight)
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
