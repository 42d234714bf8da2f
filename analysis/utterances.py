"""Sentence-like utterances from recognised words.

A recogniser's segment is a stretch between pauses and may hold many sentences, each perhaps of another stage. It is
cut at sentence ends, as the recogniser punctuated them or, in unpunctuated stretches, as the parse finds them, and at
pauses inside it.
"""

from collections.abc import Iterator, Sequence

from analysis.language import sentences
from speech.transcript import Speaker, Utterance, Word

PAUSE_SECONDS = 1.2
"""A pause this long inside a segment ends the utterance; clause-internal pauses are mostly under a second
(Goldman-Eisler 1968)."""

SHORTEST_WORDS = 4
"""A fragment with fewer words joins its neighbour: alone it says too little to be labelled."""

LONGEST_WORDS = 45


def utterances_from_words(
    words: Sequence[Word], speaker: Speaker = "candidate", first_id: int = 0
) -> tuple[Utterance, ...]:
    """Cut one segment's words into utterances; every word is kept, in order.

    words: of one segment, times in seconds on the session clock. first_id: id of the first utterance.
    """
    pieces = [part for stretch in _at_pauses(words) for part in _at_sentences(stretch)]
    return tuple(
        Utterance(first_id + index, part[0].start, part[-1].end, speaker, _text(part), tuple(part))
        for index, part in enumerate(_joined(pieces))
    )


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _at_pauses(words: Sequence[Word]) -> Iterator[list[Word]]:
    stretch: list[Word] = []
    for word in words:
        if stretch and word.start - stretch[-1].end >= PAUSE_SECONDS:
            yield stretch
            stretch = []
        stretch.append(word)
    if stretch:
        yield stretch


def _at_sentences(words: list[Word]) -> Iterator[list[Word]]:
    """Cut after each word in which the language model sees a sentence end."""
    ends, end = [], 0
    text = _text(words)
    for sentence in sentences(text):
        end = text.index(sentence, end) + len(sentence)
        ends.append(end)
    first, position = 0, 0
    for index, word in enumerate(words):
        position += len(word.text)
        reached = any(position - len(word.text) < end <= position for end in ends)
        if reached or index + 1 - first >= LONGEST_WORDS or index + 1 == len(words):
            yield words[first : index + 1]
            first = index + 1
        position += 1


def _joined(pieces: Sequence[list[Word]]) -> list[list[Word]]:
    """Join fragments to the utterance before them, or to the one after where they come first."""
    joined: list[list[Word]] = []
    for piece in pieces:
        near = bool(joined) and piece[0].start - joined[-1][-1].end < PAUSE_SECONDS
        room = bool(joined) and len(joined[-1]) < LONGEST_WORDS
        if near and room and (len(piece) < SHORTEST_WORDS or len(joined[-1]) < SHORTEST_WORDS):
            joined[-1] = joined[-1] + piece
        else:
            joined.append(list(piece))
    return joined
