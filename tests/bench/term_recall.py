"""How many technical terms are written as what they are: plain decoding, hotwords, hotwords and correction.

    python tests/bench/term_recall.py [FOLDER] [--model base] [--only] [--problem feed] [--show]

Speaks term_texts.txt with the natural voice at three speeds and with espeak-ng, and transcribes it the way every
recording is. FOLDER holds recordings and manifests (*.json), lists of {"file", "text"}, in which the correction should
find nothing to do; without one, that part is left out. Prints a table in Markdown. A term counts when it is written
in full, whatever its case, hyphens and plural. An ordinary word is harmed when it was right before the correction and
is not after it.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from unittest.mock import patch

import numpy as np
from scipy.signal import resample_poly  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from prompts.problems import get_problem
from speech.decode import decode
from speech.frames import SAMPLE_RATE, Float32
from speech.spoken import Voice
from speech.terms import correct
from speech.transcriber import Transcriber, transcribe_file
from speech.transcript import Word
from speech.voice_engines import EspeakCommandVoice, HibariVoice

TEXTS = Path(__file__).with_name("term_texts.txt")
VOICES: dict[str, Voice] = {
    "hibari, slow (0.85)": HibariVoice(0.85),
    "hibari, its own pace": HibariVoice(1.0),
    "hibari, fast (1.25)": HibariVoice(1.25),
    "espeak-ng": EspeakCommandVoice(),
}
PAUSE_SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class Text:
    """What is said about one problem: sentences, with the terms in braces."""

    problem: str
    marked: tuple[str, ...]

    @property
    def sentences(self) -> list[str]:
        return [re.sub("[{}]", "", sentence) for sentence in self.marked]

    @property
    def terms(self) -> list[str]:
        return re.findall(r"{(.*?)}", " ".join(self.marked))

    @property
    def ordinary(self) -> list[str]:
        return tokens(re.sub("{.*?}", " § ", " ".join(self.marked)))


@dataclass(slots=True)
class Tally:
    """Terms said, those found by each way, and what the correction did to the words around them."""

    said: int = 0
    plain: int = 0
    hotwords: int = 0
    corrected: int = 0
    plain_corrected: int = 0
    harmed: int = 0

    def row(self, name: str) -> str:
        gained = (self.corrected - self.plain) / max(1, self.said - self.plain)
        found = [self.plain, self.plain_corrected, self.hotwords, self.corrected]
        shares = " | ".join(f"{100 * one / self.said:.1f} %" for one in found)
        return f"| {name} | {self.said} | {shares} | {100 * gained:.0f} % | {self.harmed} |"

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, name) + getattr(other, name) for name in Tally.__slots__))


def read_texts(path: Path = TEXTS) -> list[Text]:
    found: list[Text] = []
    for part in re.split(r"^\[", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        problem, _, lines = part.partition("]\n")
        found.append(Text(problem, tuple(line for line in lines.splitlines() if line)))
    return found


def tokens(text: str) -> list[str]:
    """Words as they are compared: no case, no hyphens, no plural s, no possessive."""
    found = re.findall(r"[a-z0-9/§]+", re.sub("['’]s?", "", text.lower()))
    return [word[:-1] if len(word) > 2 and word.endswith("s") else word for word in found]


def count(terms: Sequence[str], text: str) -> int:
    """How many of the terms a text has, each at most as often as it was said."""
    joined = f" {' '.join(tokens(text))} "
    total = 0
    for term in sorted(terms, key=len, reverse=True):
        key = f" {' '.join(tokens(term))} "
        if key in joined:
            total += 1
            joined = joined.replace(key, " ~ ", 1)
    return total


def right(reference: Sequence[str], text: str) -> set[int]:
    """Which words of the reference a text has, by their positions."""
    blocks = SequenceMatcher(None, reference, tokens(text), autojunk=False).get_matching_blocks()
    return {at for block in blocks for at in range(block.a, block.a + block.size)}


def spoken(sentences: Sequence[str], voice: Voice) -> Float32:
    pieces = [np.zeros(SAMPLE_RATE, np.float32)]
    for sentence in sentences:
        sound = voice.render(sentence)
        samples = sound.samples.astype(np.float32) / 32768
        pieces += [resample_poly(samples, SAMPLE_RATE, sound.sample_rate).astype(np.float32)]
        pieces += [np.zeros(round(PAUSE_SECONDS * SAMPLE_RATE), np.float32)]
    return np.concatenate([*pieces, np.zeros(SAMPLE_RATE, np.float32)])


def heard(samples: Float32, transcriber: Transcriber) -> list[tuple[Word, ...]]:
    """The words of each segment as the recogniser wrote them."""
    with patch("speech.transcriber.correct", tuple):
        return [one.words for one in transcribe_file(samples, transcriber)]


def joined(segments: Iterable[Sequence[Word]]) -> str:
    return " ".join(word.text for segment in segments for word in segment)


def rewritten(segments: Iterable[Sequence[Word]]) -> Iterator[str]:
    """Each thing that the correction does, as "heard -> written"."""
    for segment in segments:
        before, after = [word.text for word in segment], [word.text for word in correct(segment)]
        for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if kind != "equal":
                yield f"{' '.join(before[a:b])} -> {' '.join(after[c:d])}"


def measure(text: Text, samples: Float32, plain: Transcriber, hot: Transcriber, show: bool) -> Tally:
    without, with_hotwords = heard(samples, plain), heard(samples, hot)
    corrected = [correct(words) for words in with_hotwords]
    harmed = right(text.ordinary, joined(with_hotwords)) - right(text.ordinary, joined(corrected))
    if show:
        for name, segments in (("plain", without), ("hotwords", with_hotwords), ("corrected", corrected)):
            print(f"  {name}: {joined(segments)}")
        print("  missing:", *(term for term in text.terms if not count([term], joined(corrected))), sep="  ")
        print("  harmed:", *(text.ordinary[at] for at in sorted(harmed)), flush=True)
    return Tally(
        said=len(text.terms),
        plain=count(text.terms, joined(without)),
        hotwords=count(text.terms, joined(with_hotwords)),
        corrected=count(text.terms, joined(corrected)),
        plain_corrected=count(text.terms, joined(correct(words) for words in without)),
        harmed=len(harmed),
    )


def other_speech(folder: Path, plain: Transcriber, hot: Transcriber) -> None:
    """Speech about other things: what hotwords and the correction do to words that plain decoding had right."""
    said = changed = harmed = lost = gained = 0
    listed = [one for manifest in sorted(folder.glob("*.json")) for one in json.loads(manifest.read_text())]
    for one in listed:
        samples = decode(folder / one["file"]).samples
        reference = tokens(one["text"])
        without, with_hotwords = heard(samples, plain), heard(samples, hot)
        said += len(reference)
        before = right(reference, joined(without))
        for segments in (without, with_hotwords):
            corrected = [correct(words) for words in segments]
            harmed += len(right(reference, joined(segments)) - right(reference, joined(corrected)))
            for change in rewritten(segments):
                changed += 1
                print(f"{one['file']}: {change}", flush=True)
        after = right(reference, joined(correct(words) for words in with_hotwords))
        lost += len(before - after)
        gained += len(after - before)
    print(f"\nOther recordings: {said} words, heard without and with hotwords. The correction rewrote {changed} and")
    print(f"harmed {harmed}. Of the words right in plain decoding, hotwords lost {lost}; they gained {gained}.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--model", default="base")
    parser.add_argument("--show", action="store_true", help="print every transcript")
    parser.add_argument("--only", action="store_true", help="leave the spoken terms out, and measure FOLDER alone")
    parser.add_argument("--problem", default="feed", help="whose terms are the hotwords for FOLDER")
    chosen = parser.parse_args()
    plain = Transcriber(chosen.model)
    tallies = dict.fromkeys(VOICES, Tally())
    for text in () if chosen.only else read_texts():
        hot = Transcriber(chosen.model, get_problem(text.problem).vocabulary)
        for name, voice in VOICES.items():
            if chosen.show:
                print(f"{text.problem}, {name}")
            tallies[name] += measure(text, spoken(text.sentences, voice), plain, hot, chosen.show)
    if not chosen.only:
        print(
            "| voice | terms | plain | corrected | hotwords | hotwords, corrected | of the missing, gained | harmed |"
        )
        print("|---|--:|--:|--:|--:|--:|--:|--:|")
        for name, tally in tallies.items():
            print(tally.row(name))
        print(sum(tallies.values(), Tally()).row("all"))
    if chosen.folder and chosen.folder.is_dir():
        other_speech(chosen.folder, plain, Transcriber(chosen.model, get_problem(chosen.problem).vocabulary))
    else:
        print("\nNo folder of other recordings: what the correction does to ordinary speech was not measured.")


if __name__ == "__main__":
    main()
