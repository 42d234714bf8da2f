"""What spaCy tells us about spoken English: sentences, questions, negation, quantities, and cue phrases by lemma."""

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import dropwhile, pairwise
from typing import TYPE_CHECKING

from analysis.cues import Cues, load_cues
from analysis.delivery_table import PhraseGroup, load_delivery_table
from analysis.phrases import Phrase, PhraseFinder
from models.store import WeightsMissing, locate

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc, Span, Token

LONGEST_TEXT = 20_000
"""Characters read of one utterance; the parser's memory grows with length and nobody speaks longer in one breath."""

_BATCH = 32
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class CueHit:
    """A cue phrase found in a text.

    group: the cue's name in `cues.toml`. start, end: characters in the utterance's text. sentence: which one.
    negated: said not to be ("we won't normalise"); deferred: put off ("later we could try").
    """

    group: str
    start: int
    end: int
    sentence: int
    negated: bool
    deferred: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its characters in the utterance's text, and whether it is a question."""

    start: int
    end: int
    question: bool


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it counts: "three hundred million daily users", "200 ms"."""

    start: int
    end: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Reading:
    """All linguistic facts about one utterance's text."""

    sentences: tuple[Sentence, ...]
    cues: tuple[CueHit, ...]
    quantities: tuple[Quantity, ...]
    fillers: tuple[tuple[str, int], ...]
    """Filler words and phrases, each with its first character."""
    phrases: tuple[Phrase, ...]
    """Phrases of `delivery.toml`, in their order."""

    def said(self, group: PhraseGroup) -> tuple[Phrase, ...]:
        """The phrases of one group."""
        return tuple(phrase for phrase in self.phrases if phrase.group == group)

    def asserted(self, *groups: str) -> tuple[CueHit, ...]:
        """Hits of these cue groups that are neither negated, put off, nor asked."""
        return tuple(
            hit
            for hit in self.cues
            if hit.group in groups
            and not hit.negated
            and not hit.deferred
            and not self.sentences[hit.sentence].question
        )


@dataclass(frozen=True, slots=True)
class _Pipeline:
    nlp: "Language"
    by_lemma: "PhraseMatcher"
    by_form: "PhraseMatcher"
    cues: Cues
    phrases: PhraseFinder
    complete: bool


@cache
def _pipeline() -> _Pipeline:
    import spacy
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc

    try:
        nlp = spacy.load(locate("en-core-web-sm"), exclude=["ner"])
        complete = True
    except WeightsMissing:
        nlp = spacy.blank("en")
        nlp.add_pipe("sentencizer")
        complete = False
    nlp.max_length = LONGEST_TEXT + 1
    cues = load_cues()
    by_lemma, by_form = PhraseMatcher(nlp.vocab, attr="LEMMA"), PhraseMatcher(nlp.vocab, attr="LOWER")
    for group, phrases in cues.groups.items():
        documents = [_cue_document(nlp, phrase) for phrase in phrases]
        by_form.add(group, documents)
        by_lemma.add(group, [Doc(nlp.vocab, [t.text for t in d], lemmas=[t.text for t in d]) for d in documents])
    return _Pipeline(nlp, by_lemma, by_form, cues, PhraseFinder(nlp, load_delivery_table()), complete)


def _cue_document(nlp: "Language", phrase: str) -> "Doc":
    return nlp.make_doc(phrase.lower())


def language_model_present() -> bool:
    """Whether the full English pipeline is installed; without it sentences and lemmas are cruder."""
    with _turn:
        return _pipeline().complete


def _lower(text: str) -> str:
    """Lower case with every character in its place, since recognisers differ in case and offsets must hold."""
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


_turn = threading.Lock()
"""Held while the pipeline reads: it is not made for several threads."""

_remembered: dict[str, Reading] = {}
"""Readings of texts met before: a live session asks for the same ones again and again."""


def read(texts: Iterable[str]) -> list[Reading]:
    """Read many utterances' texts, in order; each at most LONGEST_TEXT characters, the rest is left unread. Any thread may."""
    wanted = [text[:LONGEST_TEXT] for text in texts]
    found = {text: reading for text in wanted if (reading := _remembered.get(text)) is not None}
    unread = [text for text in dict.fromkeys(wanted) if text not in found]
    for at in range(0, len(unread), _BATCH):
        # A running session is not to wait until a long transcript is read.
        with _turn:
            found |= _read(unread[at : at + _BATCH])
    return [found[text] for text in wanted]


def _read(texts: Sequence[str]) -> dict[str, Reading]:
    """In batches the parser takes less than half the time, and its results are the same."""
    pipeline = _pipeline()
    if len(_remembered) > _REMEMBERED:
        _remembered.clear()
    docs = pipeline.nlp.pipe(map(_lower, texts), batch_size=_BATCH)
    readings = {text: _reading(pipeline, doc) for text, doc in zip(texts, docs, strict=True)}
    _remembered.update(readings)
    return readings


def sentences(text: str) -> list[str]:
    """Split running text into sentences, also where punctuation is missing (by the parse)."""
    pieces = [text[first : first + LONGEST_TEXT] for first in range(0, len(text), LONGEST_TEXT)]
    return [
        piece[sentence.start : sentence.end].strip()
        for piece, reading in zip(pieces, read(pieces), strict=True)
        for sentence in reading.sentences
    ]


def _reading(pipeline: _Pipeline, doc: "Doc") -> Reading:
    spans = [sentence for sentence in doc.sents if sentence.text.strip()]
    sentences = tuple(
        Sentence(span.start_char, span.end_char, _is_question(span, pipeline.cues.words)) for span in spans
    )
    words = pipeline.cues.words
    return Reading(
        sentences,
        _cue_hits(pipeline, doc, spans),
        _quantities(doc, spans, words),
        _fillers(doc, words),
        pipeline.phrases.find(doc),
    )


def _sentence_of(spans: list["Span"], token: int) -> int:
    for index, span in enumerate(spans):
        if token < span.end:
            return index
    return len(spans) - 1


def _cue_hits(pipeline: _Pipeline, doc: "Doc", spans: list["Span"]) -> tuple[CueHit, ...]:
    found = {(doc.vocab.strings[key], start, end) for key, start, end in pipeline.by_form(doc)}
    if pipeline.complete:
        found |= {(doc.vocab.strings[key], start, end) for key, start, end in pipeline.by_lemma(doc)}
    hits = []
    for group, start, end in sorted(found, key=lambda hit: (hit[1], hit[2], hit[0])):
        sentence = _sentence_of(spans, start)
        first, last = doc[start], doc[end - 1]
        negated, deferred = _stance(doc, spans[sentence], start, end, pipeline.cues.words)
        hits.append(CueHit(group, first.idx, last.idx + len(last.text), sentence, negated, deferred))
    return tuple(hits)


def _stance(
    doc: "Doc", sentence: "Span", start: int, end: int, words: Mapping[str, frozenset[str]]
) -> tuple[bool, bool]:
    """Whether the tokens start:end are negated, and whether they are put off.

    A negation reaches forward over six tokens unless a contrast word ("but") stands between: the window of NegEx
    (Chapman et al. 2001), which needs no parse and so survives unpunctuated speech.
    """
    negated = False
    for token in doc[max(sentence.start, start - 6) : start]:
        if token.lower_ in words["negation"] or (token.lower_ == "no" and token.i >= start - 2):
            negated = True
        elif token.lower_ in words["contrast"]:
            negated = False
    around = " " + doc[max(sentence.start, start - 12) : min(sentence.end, end + 8)].text + " "
    deferred = any(f" {phrase} " in around for phrase in words["deferral"])
    return negated, deferred


def _is_question(span: "Span", words: Mapping[str, frozenset[str]]) -> bool:
    if span.text.rstrip().endswith("?"):
        return True
    # Only in front: further in, "i" and "now" are part of what is asked or said.
    tokens = list(dropwhile(lambda t: t.lower_ in words["discourse"], (t for t in span if not t.is_punct)))
    if len(tokens) < 3:
        return False
    first, second = tokens[0].lower_, tokens[1].lower_
    if first in words["auxiliary"]:
        return second in words["subject"]
    if first in words["interrogative"]:
        if second in ("i", "we", "you", "they"):
            return False  # "what I would use is …"
        return (
            _inverted(tokens[:9], words)
            or (first not in ("who", "which") and second in ("do", "does", "did", "can", "should"))
            or (
                first in ("what", "who", "which", "how")
                and second in ("'s", "is", "are", "about", "many", "much", "big")
            )
        )
    return any(f" {phrase} " in f" {span.text} " for phrase in words["asking"])


def _inverted(tokens: list["Token"], words: Mapping[str, frozenset[str]]) -> bool:
    """Whether an auxiliary before a subject asks: not where it ends a relative clause ("what they want is a …")."""
    who = tokens[0].lower_ == "who"  # "who pays, is it …": a clause with "who" does not open a sentence
    clause = tokens[1].lower_ in ("the", "a", "our", "this", "that", "these", "those", "it")
    for token, following in pairwise(tokens[1:]):
        ends_clause = (
            clause and not who and token.lower_ in ("is", "are", "was", "were", "am", "have", "has", "'s", "'re")
        )
        if token.lower_ in words["auxiliary"] and following.lower_ in words["subject"] and not ends_clause:
            return True
        clause = clause or token.pos_ == "VERB" or token.lower_ in ("i", "we", "you", "they")
    return False


_DIGITS = re.compile(r"\d[\d,.]*(k|m|b|x|ms|%|th|gb|tb)?$")


def _is_number(token: "Token", words: Mapping[str, frozenset[str]]) -> bool:
    return bool(_DIGITS.match(token.lower_)) or token.lower_ in words["number"]


def _quantities(doc: "Doc", spans: list["Span"], words: Mapping[str, frozenset[str]]) -> tuple[Quantity, ...]:
    """Numbers that count something at scale: a magnitude ("million", "10k") or a unit within three tokens."""
    found: list[Quantity] = []
    position = 0
    while position < len(doc):
        if not _is_number(doc[position], words):
            position += 1
            continue
        end = position
        while end < len(doc) and (
            _is_number(doc[end], words) or doc[end].lower_ in ("a", "of", "to", "or", "and", "-")
        ):
            end += 1
        while not _is_number(doc[end - 1], words):
            end -= 1
        number = doc[position:end].text
        tail = doc[end : end + 4]
        magnitude = any(word in words["magnitude"] for word in number.split()) or re.search(r"\d(k|m|b)\b", number)
        unit = next((token.i for token in tail if token.lower_ in words["unit"] or token.lemma_ in words["unit"]), None)
        if magnitude or unit is not None:
            last = doc[unit] if unit is not None else doc[end - 1]
            found.append(Quantity(doc[position].idx, last.idx + len(last.text), _sentence_of(spans, position)))
        position = end
    return tuple(found)


def _fillers(doc: "Doc", words: Mapping[str, frozenset[str]]) -> tuple[tuple[str, int], ...]:
    found = []
    for token in doc:
        following = doc[token.i + 1].lower_ if token.i + 1 < len(doc) else ""
        pair = f"{token.lower_} {following}"
        if token.lower_ in words["filler"]:
            found.append((token.lower_, token.idx))
        elif pair in words["filler_phrase"]:
            found.append((pair, token.idx))
        elif token.lower_ in words["filler_phrase"] and (token.lower_ != "like" or _empty_like(doc, token.i)):
            found.append((token.lower_, token.idx))
    return tuple(found)


def _empty_like(doc: "Doc", index: int) -> bool:
    """Whether "like" is a filler: set off by commas, or tagged as an interjection or adverb."""
    before = doc[index - 1].text if index else ""
    after = doc[index + 1].text if index + 1 < len(doc) else ""
    return after == "," or before == "," or doc[index].pos_ in ("INTJ", "ADV")
