import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.frames import Segment
from speech.terms import NEAR, TABLE, BrokenTerms, correct, load
from speech.transcriber import Transcriber
from speech.transcript import Word

ORDINARY = re.findall(
    r"\w+",
    """
the of and to in a is that for it as was with be by on not he i this are or his from at which but have an had they you
were there one all we can her has more will would who so no out if up do my me what them then into could some time two
only its first over new like now our people than made after most also did many before must through back years where
much way well down should because each just those people how too little state good very make world still own see men
work long get here between both life being under never day same another know while last might us great old year off
come since against go came right used take three face bird poison rag map shape values rock curve drop out test tests
profit laura roberta epic epics rouge blue score shop smoke clip adam spark light boost tower towers means red read
log logs cash loss lock focal vocal charge hold hot heart ten five ninety nine eight hugging cat an page plan vitamin
""",
)

FORMS = ["ex", "g", "boost", "n", "d", "c", "ray", "lou", "a", "b", "test", "TF", "I'd", "F", "to", "tower", "light"]
TRADE = ["embedding", "softmax", "neural", "network", "XGBoost", "encoder", "AUC"]
_TABLE = tomllib.loads(TABLE.read_text(encoding="utf-8"))
PLAIN = tuple(word for term in (*_TABLE["heard"], *_TABLE["heard_near"]) if term.islower() for word in term.split())
"""The words of terms that are written like any other."""
PUNCTUATION = st.sampled_from(["", "", "", "", ",", ".", "?", "'s", "...", '"', ")"])


def said(text: str) -> list[Word]:
    """Words of half a second each, one after the other."""
    return [Word(at / 2, at / 2 + 0.4, word, 0.9) for at, word in enumerate(text.split())]


def written(text: str) -> str:
    return " ".join(word.text for word in correct(said(text)))


@st.composite
def talks(draw: st.DrawFn, vocabulary: list[str]) -> list[Word]:
    texts = draw(st.lists(st.tuples(st.sampled_from(vocabulary), PUNCTUATION, st.booleans()), max_size=40))
    times = sorted(draw(st.lists(st.floats(0, 1e4), min_size=2 * len(texts), max_size=2 * len(texts))))
    return [
        Word(times[2 * at], times[2 * at + 1], (text.capitalize() if capital else text) + mark, draw(st.floats(0, 1)))
        for at, (text, mark, capital) in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("heard", "term"),
    [
        ("I'd train ex g boost first", "I'd train XGBoost first"),
        ("I'd train X-G Boost first", "I'd train XGBoost first"),
        ("by n d c g and a UC", "by NDCG and AUC"),
        ("start from TF I'd F here", "start from TF-IDF here"),
        ("with Ray Lou in between", "with ReLU in between"),
        ("or light gbm instead", "or LightGBM instead"),
        ("before an a b test starts", "before an A/B test starts"),
        ("we ran AB tests", "we ran A/B tests"),
        ("an A.B. test", "an A/B test"),
        ("two LL Ms agree", "two LLMs agree"),
        ("the hugging phase tokenizer", "the Hugging Face tokenizer"),
        ("by Cohan's Kappa", "by Cohen's Kappa"),
        ("in the KVCASH, of course", "in the KV-cache, of course"),
    ],
)
def test_what_means_nothing_else_is_always_put_right(heard: str, term: str) -> None:
    assert written(heard) == term


@pytest.mark.parametrize(
    ("heard", "term"),
    [
        ("fine-tune bird on the queries", "fine-tune BERT on the queries"),
        ("the embeddings come from a to tower model", "the embeddings come from a two-tower model"),
        ("a neural network, three epics at most", "a neural network, three epochs at most"),
        ("I'd fit a poison model by gradient descent", "I'd fit a Poisson model by gradient descent"),
        ("use laura for fine-tuning", "use LoRA for fine-tuning"),
        ("ray lou or drop out", "ReLU or dropout"),
    ],
)
def test_ordinary_words_are_terms_beside_a_word_of_the_trade(heard: str, term: str) -> None:
    assert written(heard) == term


@pytest.mark.parametrize(
    "text",
    [
        "a bird sang in the tree",
        "he drives to tower bridge, and two tower blocks came down",
        "the poison was in the cup",
        "students drop out of school",
        "every epic begins in the middle",
        "we log its value for the classifier",
        "red is a color, and what we read is text",
        "here k means the number of results in NDCG",
        "see P. 99 of the book",
        "choose plan A. B tests nothing",
        "a, b, test",
        "an F-1 visa",
        "the deep end, and the cat boosts my mood",
        "we face the problem of overfitting",
        "the map shows page 99",
        "a transformer for the bird's eye view",
        "there is a distilled BERT for it",
    ],
)
def test_ordinary_english_stays(text: str) -> None:
    assert written(text) == text


def test_a_word_of_the_trade_counts_up_to_eight_words_away() -> None:
    between = " ".join(["so"] * (NEAR - 1))
    assert written(f"embedding {between} bird").endswith("BERT")
    assert written(f"bird {between} embedding").startswith("BERT")
    assert written(f"embedding so {between} bird").endswith("bird")


@pytest.mark.parametrize(
    ("heard", "term"),
    [
        ('"ex g boost," he said', '"XGBoost," he said'),
        ("ex g boost's trees", "XGBoost's trees"),
        ("(n d c g).", "(NDCG)."),
        ("Soft max is last", "Softmax is last"),
    ],
)
def test_what_stands_around_a_term_stays(heard: str, term: str) -> None:
    assert written(heard) == term


def test_a_term_has_the_time_of_its_words_and_the_doubt_of_the_least_sure() -> None:
    words = [
        Word(1.0, 1.2, "so", 0.9),
        Word(1.2, 1.5, "ex", 0.8),
        Word(1.6, 1.7, "g", 0.3),
        Word(1.7, 2.1, "boost,", 0.7),
    ]
    assert correct(words) == (words[0], Word(1.2, 2.1, "XGBoost,", 0.3))


def test_words_shared_by_form_and_term_keep_their_own_times() -> None:
    words = said("an a b test")
    assert correct(words) == (words[0], Word(0.5, 1.4, "A/B", 0.9), words[3])


def test_no_words_are_no_words() -> None:
    assert correct([]) == ()


@given(talks(ORDINARY))
def test_ordinary_words_are_never_touched(words: list[Word]) -> None:
    assert correct(words) == tuple(words)


@given(talks(ORDINARY + FORMS * 6 + TRADE * 6))
def test_correcting_twice_changes_nothing_more(words: list[Word]) -> None:
    once = correct(words)
    assert correct(once) == once


@given(talks(ORDINARY + FORMS * 6 + TRADE * 6))
def test_every_word_is_an_old_one_or_a_term_in_the_place_of_some(words: list[Word]) -> None:
    at = 0
    for word in correct(words):
        taken = next(size for size in range(1, len(words) - at + 1) if words[at + size - 1].end == word.end)
        covered = words[at : at + taken]
        assert word == covered[0] or (
            (word.start, word.probability) == (covered[0].start, min(one.probability for one in covered))
            and (re.search(r"[A-Z/-]", word.text) or word.text.startswith(PLAIN))
        )
        at += taken
    assert at == len(words)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("[heard", "is not TOML"),
        ("[herd]", "unknown part 'herd'"),
        ("context = 3", "list of words as 'context'"),
        ('[heard]\nAUC = "a uc"', "list of words as 'AUC'"),
        ('[heard]\nAUC = ["--"]', "list of words as 'AUC'"),
        ('[heard]\nAUC = ["auk"]\nAUK = []', "both 'AUC' and 'AUK'"),
        ('[heard]\nBERT = []\n[heard_near]\nBird = ["bert"]', "both 'BERT' and 'Bird'"),
        ('[heard]\n"log loss" = ["lock lost"]', "one word of 'log loss' only"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(table: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "terms.toml"
    path.write_text(table)
    with pytest.raises(BrokenTerms, match=why):
        load(path)


def test_every_term_of_the_table_stays_as_it_is_written() -> None:
    terms = load(TABLE)
    for rewrite in [*terms.heard.values(), *terms.near.values()]:
        assert written(f"embedding {rewrite.term}") == f"embedding {rewrite.term}"


def test_no_form_that_is_always_put_right_is_a_single_ordinary_word() -> None:
    assert not set(ORDINARY) & set(load(TABLE).heard)


def test_a_spoken_term_is_written_as_what_it_is(speak: Callable[[str], np.ndarray]) -> None:
    samples = speak("I would train XGBoost and then LightGBM.")
    found = Transcriber("base").transcribe(Segment(0.0, len(samples) / 16_000, samples))
    assert "XGBoost" in found.text
    assert "LightGBM" in found.text
    assert found.text == " ".join(word.text for word in found.words)
