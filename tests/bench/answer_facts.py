"""How often a clarifying question gets the right fact: `python tests/bench/answer_facts.py`.

Everything was tuned on every other problem of answers.tsv (--tuning); the figures count the rest and fresh_answers.tsv,
which nothing was fitted to. Right and wrong are shares of the questions that a fact answers and of all questions.
"""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from analysis.training.answering import load_questions
from assistant.answers import fact_asked_for
from prompts.problems import get_problem

FILE = Path(__file__).parent / "answers.tsv"
FRESH = FILE.with_name("fresh_answers.tsv")


def main(tuning: bool) -> None:
    """Print the figures, and each question that got a wrong fact."""
    questions = load_questions(FILE)
    problems = sorted({question.problem for question in questions})
    chosen = set(problems[0::2] if tuning else problems[1::2])
    asked = [question for question in questions if question.problem in chosen]
    if not tuning:
        asked += load_questions(FRESH)
    counts: Counter[str] = Counter()
    for question in asked:
        fact = fact_asked_for(question.text, get_problem(question.problem).facts)
        outcome = "handed back" if fact is None else "right" if fact.id in question.facts else "wrong"
        counts[f"{'answered' if question.facts else 'none'} {outcome}"] += 1
        if outcome == "wrong":
            print(f"  wrong: {question.problem}: {question.text} -> {fact.id if fact else ''}")
    answered = sum(count for name, count in counts.items() if name.startswith("answered"))
    total, wrong = sum(counts.values()), counts["answered wrong"] + counts["none wrong"]
    print(
        f"{len({question.problem for question in asked})} problems, {total} questions, {answered} of them answered by a fact"
    )
    print(
        f"right fact   {counts['answered right']:4} {counts['answered right'] / answered:6.1%} of those answered by a fact"
    )
    print(
        f"handed back  {counts['answered handed back']:4} {counts['answered handed back'] / answered:6.1%} of those answered by a fact"
    )
    print(
        f"handed back  {counts['none handed back']:4} {counts['none handed back'] / max(1, total - answered):6.1%} of those no fact answers"
    )
    print(f"wrong fact   {wrong:4} {wrong / total:6.1%} of all")


if __name__ == "__main__":
    main("--tuning" in sys.argv[1:])
