"""Which of the recognised words are the candidate's: a microphone in the room also hears the interviewer.

While a line sounds, `speech.echo` takes it out of the sound. Where a device loses sound or its clock drifts, something
of the line is left, and Whisper may still read it. What is said is known, and when: words that are the line's own, in
its order and at its time, are nobody's answer.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from difflib import SequenceMatcher

from assistant.events import Event, InterviewerSpoke, WordsHeard
from speech.transcript import Word

_LEAST_WORDS = 4
"""Fewer may be said by both by chance."""
_SLACK_SECONDS = 3.0
"""A line's words are placed by their share of its time; pauses and a late loudspeaker move them."""


def own_words(heard: WordsHeard, events: Iterable[Event]) -> WordsHeard | None:
    """What was heard without what the interviewer was saying just then; None when nothing is left.

    events: the session's so far, with the lines that sounded aloud.
    """
    left = heard.words
    for event in events:
        if isinstance(event, InterviewerSpoke) and event.aloud and event.at < heard.end and heard.at < event.end:
            left = _without(event, left)
    if len(left) == len(heard.words):
        return heard
    if not left:
        return None
    return replace(heard, words=left, text=" ".join(word.text for word in left))


def _without(line: InterviewerSpoke, words: tuple[Word, ...]) -> tuple[Word, ...]:
    said, spoken = line.text.split(), [_plain(word.text) for word in words]
    echo: set[int] = set()
    matcher = SequenceMatcher(None, [_plain(word) for word in said], spoken, autojunk=False)
    for place, first, size in matcher.get_matching_blocks():
        if size < _LEAST_WORDS:
            continue
        due, start = line.at + place / len(said) * (line.end - line.at), words[first].start
        # Afterwards, a candidate may well repeat what he was told.
        if start < line.end and abs(start - due) <= _SLACK_SECONDS:
            echo.update(range(first, first + size))
    return tuple(word for number, word in enumerate(words) if number not in echo)


def _plain(word: str) -> str:
    return re.sub(r"\W", "", word).casefold()
