"""Loops of the recogniser: words that repeat as nobody repeats them, which are not in the sound."""

from collections.abc import Sequence
from dataclasses import replace

from speech.transcript import Word

_LOOP_WORDS = 12


def find_loop(words: Sequence[str]) -> tuple[int, int, int] | None:
    """The first stretch in which up to eight words repeat as nobody repeats them: (index, words a round, rounds).

    At least three rounds that make twelve words; a stammered "I I I I" is speech.
    """
    said = [word.strip(".,!?").lower() for word in words]
    for start in range(len(said)):
        for size in range(1, 9):
            rounds = 1
            while said[start : start + size] == said[start + rounds * size : start + (rounds + 1) * size]:
                rounds += 1
            if rounds >= 3 and rounds * size >= _LOOP_WORDS:
                return start, size, rounds
    return None


def without_loops(words: list[Word]) -> list[Word]:
    """The words with one round of each loop, also of loops within a hyphenated word."""
    words = [replace(word, text=_without_inner_loop(word.text)) for word in words]
    while loop := find_loop([word.text for word in words]):
        start, size, rounds = loop
        words = words[: start + size] + words[start + size * rounds :]
    return words


def _without_inner_loop(word: str) -> str:
    parts = word.split("-")
    while loop := find_loop(parts):
        start, size, rounds = loop
        parts = parts[: start + size] + parts[start + size * rounds :]
    return "-".join(parts)
