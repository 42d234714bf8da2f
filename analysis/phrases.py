"""Finds the phrases of `delivery.toml` in a parsed text: with gaps and alternatives, contracted or not."""

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from analysis.delivery_table import DeliveryTable, PhraseGroup

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_GAP_TOKENS = 5
_KINDS = ("kind of", "sort of")
_FINITE = frozenset({"VBZ", "VBP", "VBD", "MD"})


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as it was said: its group, its words in lower case, and its first character in the utterance's text."""

    group: PhraseGroup
    text: str
    start: int


class PhraseFinder:
    """The phrases of a table, compiled for one language pipeline."""

    def __init__(self, nlp: "Language", table: DeliveryTable) -> None:
        from spacy.matcher import Matcher

        self._determiners = table.determiners
        self._matcher = Matcher(nlp.vocab)
        for group, phrases in table.phrases.items():
            self._matcher.add(group, [_pattern(nlp, phrase) for phrase in phrases], greedy="LONGEST")

    def find(self, doc: "Doc") -> tuple[Phrase, ...]:
        """Every phrase in the text, in its order; of those of one group that overlap, the longest."""
        from spacy.util import filter_spans

        spans = defaultdict(list)
        for span in self._matcher(doc, as_spans=True):
            spans[span.label_].append(span)
        found = []
        for group in get_args(PhraseGroup):
            for span in filter_spans(spans[group]):
                if span.text not in _KINDS or not self._is_noun(doc, span.start, span.end):
                    found.append(Phrase(group, " ".join(span.text.replace("’", "'").split()), span.start_char))
        return tuple(sorted(found, key=lambda phrase: (phrase.start, phrase.group)))

    def _is_noun(self, doc: "Doc", start: int, end: int) -> bool:
        """Whether "kind of" means a sort of thing: "what kind of model", not "it is kind of slow"."""
        names_thing = end < len(doc) and doc[end].pos_ in ("NOUN", "PROPN")
        if start == 0:
            return names_thing
        before = doc[start - 1]
        if before.lower_ in ("this", "that"):
            return end == len(doc) or doc[end].tag_ not in _FINITE  # "that kind of works"
        return before.lower_ in self._determiners or (before.pos_ in ("ADP", "ADJ") and names_thing)


def _pattern(nlp: "Language", phrase: str) -> list[dict[str, Any]]:
    """The phrase as spaCy's Matcher wants it; norms rather than forms, in which "'m" is "am"."""
    pattern: list[dict[str, Any]] = []
    for word in phrase.split():
        if word == "*":
            pattern += [{"TEXT": {"NOT_IN": [".", "?", "!"]}, "OP": "?"}] * _GAP_TOKENS
        elif "|" in word:
            choices = [nlp.make_doc(choice) for choice in word.split("|")]
            if any(len(choice) != 1 for choice in choices):
                raise ValueError(f"every choice of {word!r} in {phrase!r} must be one word without a contraction")
            pattern.append({"NORM": {"IN": [choice[0].norm_ for choice in choices]}})
        else:
            pattern += [{"NORM": token.norm_} for token in nlp.make_doc(word)]
    return pattern
