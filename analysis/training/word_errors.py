"""How many words a recogniser got wrong, where the way of writing a number or a pause is no error."""

import re
from collections.abc import Sequence

_FILLED_PAUSES = frozenset(["um", "umm", "uhm", "uh", "uhh", "er", "erm", "hm", "hmm", "mm", "mhm", "ah", "eh"])
_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_LARGE = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (100, "hundred"))


def word_error_rate(said: Sequence[str], heard: Sequence[str]) -> float:
    """Errors per word said, after `comparable`; both sides whole, however they are cut. Rounded to four places."""
    import jiwer

    return round(float(jiwer.wer(comparable(" ".join(said)), comparable(" ".join(heard)))), 4)


def comparable(text: str) -> str:
    """Text without case, punctuation and filled pauses, and with numbers in words."""
    text = text.lower().replace("’", "'").replace("%", " percent ")
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = re.sub(r"(?<=\d)\.(?=\d)", " point ", text)
    words: list[str] = []
    for token in re.findall(r"\d+|[a-z]+(?:'[a-z]+)*", text):
        words += _in_words(int(token)) if token.isdigit() else [token]
    return " ".join(word for word in words if word not in _FILLED_PAUSES)


def _in_words(number: int) -> list[str]:
    for size, name in _LARGE:
        if number >= size:
            rest = _in_words(number % size) if number % size else []
            return [*_in_words(number // size), name, *rest]
    if number < 20:
        return [(_ONES + _TEENS)[number]]
    return [_TENS[number // 10 - 2], *([_ONES[number % 10]] if number % 10 else [])]
