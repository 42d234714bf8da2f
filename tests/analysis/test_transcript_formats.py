"""Transcripts that people bring along: read in every known format, refused in one line that names the place."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.transcript_formats import BadTranscript, Transcript, parse_transcript, parse_transcript_json
from speech.transcript import Utterance, Word

SRT = """1
00:00:01,000 --> 00:00:03,500
Interviewer: Design a home feed.

2
00:00:04,000 --> 00:00:06,000
- Candidate: <i>Who</i> are
the users?

3
00:00:06,000 --> 00:00:08,000
I assume everybody.
"""
VTT = """WEBVTT

NOTE made by hand

intro
00:01.000 --> 00:03.500
<v Interviewer>Design a home feed.</v>

00:04.000 --> 00:06.000 align:start
<v.loud Candidate>Who are the users?</v>

00:06.000 --> 00:08.000
<v Anna>I assume everybody.
"""
TXT = """Interviewer: Design a home feed.

Candidate: Who are the users? I assume everybody.
interviewer > Right.
So we rank posts.
"""
SAID = [
    (1.0, 3.5, "interviewer", "Design a home feed."),
    (4.0, 6.0, "candidate", "Who are the users?"),
    (6.0, 8.0, "candidate", "I assume everybody."),
]


def rows(transcript: Transcript) -> list[tuple[float, float, str, str]]:
    return [(u.start, u.end, u.speaker, u.text) for u in transcript.utterances]


def parse(document: object) -> Transcript:
    return parse_transcript(json.dumps(document).encode())


def utterance(**changes: Any) -> dict[str, Any]:
    return {"start": 1.0, "end": 2.0, "speaker": "candidate", "text": "hello"} | changes


def test_our_own_json_keeps_times_speakers_and_words() -> None:
    words = [{"start": 1.0, "end": 1.4, "text": "hello", "probability": 0.5}]
    transcript = parse({"utterances": [utterance(words=words), utterance(start=3, end=4, speaker="interviewer")]})
    assert transcript.utterances == (
        Utterance(0, 1.0, 2.0, "candidate", "hello", (Word(1.0, 1.4, "hello", 0.5),)),
        Utterance(1, 3.0, 4.0, "interviewer", "hello"),
    )
    assert transcript.notes == ()


def test_a_missing_speaker_is_the_candidate_and_extra_keys_are_ignored() -> None:
    document = {"utterances": [{"start": 0, "end": 1, "text": "hi", "mood": "good"}], "version": 7}
    assert rows(parse(document)) == [(0.0, 1.0, "candidate", "hi")]


def test_whisper_segments_with_their_leading_spaces() -> None:
    segment = {
        "id": 0, "seek": 0, "start": 0.0, "end": 2.0, "text": " We rank posts.", "tokens": [1], "avg_logprob": -0.2,
        "words": [{"word": " We", "start": 0.0, "end": 0.4, "probability": 0.9}],
    }  # fmt: skip
    (found,) = parse({"text": " We rank posts.", "segments": [segment], "language": "en"}).utterances
    assert found.text == "We rank posts."
    assert found.words == (Word(0.0, 0.4, "We", 0.9),)


def test_whisperx_segments_with_speakers_scores_and_unaligned_words() -> None:
    segment = {
        "start": 0.0, "end": 2.0, "text": " 30 of them", "speaker": "SPEAKER_01",
        "words": [{"word": "30"}, {"word": "of", "start": 0.5, "end": 0.7, "score": 0.8}, {"word": "them"}],
    }  # fmt: skip
    (found,) = parse({"segments": [segment], "word_segments": []}).utterances
    assert found.speaker == "candidate"
    assert found.words == (Word(0.5, 0.7, "of", 0.8),)


def test_a_bare_list_of_segments_is_read() -> None:
    assert rows(parse([utterance()])) == [(1.0, 2.0, "candidate", "hello")]


@pytest.mark.parametrize(
    ("content", "name"),
    [(SRT, "talk.srt"), (SRT, ""), (VTT, "talk.vtt"), (VTT, ""), (SRT.replace("\n", "\r\n"), "TALK.SRT")],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_subtitles_name_their_speakers(content: str, name: str, mark: str) -> None:
    assert rows(parse_transcript((mark + content).encode(), name)) == SAID


def test_plain_text_gets_estimated_times_and_says_so() -> None:
    transcript = parse_transcript(TXT.encode(), "talk.txt")
    assert [(u.speaker, u.text) for u in transcript.utterances] == [
        ("interviewer", "Design a home feed."),
        ("candidate", "Who are the users?"),
        ("candidate", "I assume everybody."),
        ("interviewer", "Right."),
        ("candidate", "So we rank posts."),
    ]
    assert transcript.utterances[-1].end == pytest.approx(16 * 60 / 150)
    assert any("estimated" in note for note in transcript.notes)


def test_plain_text_may_start_with_a_time_in_brackets() -> None:
    assert parse_transcript(b"[00:12] hello there", "talk.txt").utterances


@pytest.mark.parametrize(
    "content",
    [
        "[00:00] Interviewer: Design a feed.\n[00:04] Candidate: Who are the users?\n[01:10] Let me draw.",
        "(0:00) Interviewer: Design a feed.\n(0:04) Who are the\nusers?\n\n(1:10) Let me draw.",
        "00:00:00 - Interviewer: Design a feed.\n00:00:04 - Candidate: Who are the users?\n00:01:10 - Let me draw.",
        "[00:00.000 --> 00:03.500] Interviewer: Design a feed.\n[00:04 --> 00:05] Who are the users?\n[1:10] Let me draw.",
    ],
)
def test_text_with_times_keeps_them(content: str) -> None:
    found = parse_transcript(content.encode(), "talk.txt")
    assert found.notes == ()
    assert [(u.start, u.speaker, u.text) for u in found.utterances] == [
        (0.0, "interviewer", "Design a feed."),
        (4.0, "candidate", "Who are the users?"),
        (70.0, "candidate", "Let me draw."),
    ]
    assert all(u.start < u.end <= u.start + 4 for u in found.utterances)


def test_a_time_in_passing_is_no_timestamp() -> None:
    content = b"10:30 in the morning is when most orders come.\nSo we cache.\nAnd we retrain at night."
    found = parse_transcript(content, "talk.txt")
    assert found.utterances[0].text.startswith("10:30 in the morning")
    assert "estimated" in found.notes[0]


def test_lines_said_fast_end_where_the_next_one_begins() -> None:
    found = parse_transcript(b"[00:00] one two three four five six\n[00:01] seven", "talk.txt")
    assert found.utterances[0].end == 1.0


def test_utterances_out_of_order_are_sorted_and_it_is_said() -> None:
    transcript = parse({"utterances": [utterance(start=5, end=6, text="b"), utterance(text="a"), utterance(text=" ")]})
    assert [(u.id, u.text) for u in transcript.utterances] == [(0, "a"), (1, "b")]
    assert any("order" in note for note in transcript.notes)


def test_one_speaker_speaking_twice_at_once_is_noted() -> None:
    transcript = parse({"utterances": [utterance(start=0, end=9), utterance(start=2, end=4)]})
    assert any("overlap" in note for note in transcript.notes)


@pytest.mark.parametrize("document", [{"utterances": []}, {"segments": []}, {"segments": [], "text": ""}])
def test_nobody_speaking_is_a_transcript(document: object) -> None:
    assert parse(document).utterances == ()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"text": None}, r"utterances\[1\]\.text is not"),
        ({"text": 3}, r"utterances\[1\]\.text is not"),
        ({"text": "a \ud800 b"}, r"utterances\[1\]\.text holds half"),
        ({"start": "1"}, r"utterances\[1\]\.start is not a number"),
        ({"start": None}, r"utterances\[1\]\.start is not a number"),
        ({"start": True}, r"utterances\[1\]\.start is not a number"),
        ({"start": -1}, r"utterances\[1\]\.start is not between"),
        ({"end": float("nan")}, r"utterances\[1\]\.end is not between"),
        ({"end": float("inf")}, r"utterances\[1\]\.end is not between"),
        ({"end": 10**400}, r"utterances\[1\]\.end is not between"),
        ({"end": 90_000}, r"utterances\[1\]\.end is not between"),
        ({"end": 0.5}, r"utterances\[1\] ends before"),
        ({"speaker": 7}, r"utterances\[1\]\.speaker is not"),
        ({"words": {"a": 1}}, r"utterances\[1\]\.words is not a list"),
        ({"words": ["hello"]}, r"utterances\[1\]\.words\[0\] is not"),
        ({"words": [{"start": 1, "end": 2}]}, r"utterances\[1\]\.words\[0\]\.text is not"),
        ({"words": [{"start": 1, "end": 2, "text": "\udc00"}]}, r"utterances\[1\]\.words\[0\]\.text holds half"),
        ({"words": [{"start": "x", "end": 2, "text": "a"}]}, r"utterances\[1\]\.words\[0\]\.start is not"),
        ({"words": [{"start": 2, "end": 1, "text": "a"}]}, r"utterances\[1\]\.words\[0\] ends before"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadTranscript, match=place) as caught:
        parse({"utterances": [utterance(), utterance(**change)]})
    str(caught.value).encode()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "", "empty"),
        (b" \n\t", "talk.txt", "empty"),
        (b"\xff\xfe\x00h", "", "UTF-8"),
        (b"\x1f\x8b\x08\x00ab", "", "UTF-8|control"),
        (b"%PDF-1.4\x00\x01", "", "control"),
        (b'{"utterances":[', "", r"line 1, column 16"),
        (b"hello", "talk.json", r"line 1, column 1"),
        (b"[" * 200_000, "", "JSON"),
        (b"[" + b"1" * 5000 + b"]", "", "JSON"),
        (b"3", "talk.json", "not an object"),
        (b"{}", "", "neither"),
        (b'{"utterances":{}}', "", "neither"),
        (b"[3]", "", r"segments\[0\] is not an object"),
        (b"hello", "talk.srt", "SRT file holds no captions"),
        (b"hello", "talk.vtt", "VTT file holds no captions"),
        (b"WEBVTT\n", "", "VTT file holds no captions"),
        (b"1\n99:00:00,000 --> 99:00:02,000\nlate\n\n2\n00:00:01,000 --> 00:00:02,000\nearly\n", "", "more than a day"),
        (b"a" * 20_000_001, "", "over 20 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(content: bytes, name: str, says: str) -> None:
    with pytest.raises(BadTranscript, match=says) as caught:
        parse_transcript(content, name)
    assert "\n" not in str(caught.value) and caught.value.fix


NAMES = st.sampled_from(["", "a.json", "a.srt", "a.vtt", "a.txt"])
TOKENS = st.sampled_from(
    [
        *("WEBVTT", "\n", "\n\n", "1\n", "00:00:01,000", "00:00:01.000", " --> ", "99:59:59,999", "9" * 30, "<v ", ">"),
        *(
            "Interviewer:",
            "<i>",
            "{\\an8}",
            "hello",
            "{",
            "}",
            "[",
            '"utterances":',
            '"text":',
            '"start":',
            "1e999",
            "NaN",
        ),
        *("\ufeff", "\x00", "\u2028", "&lt;", "NOTE", "STYLE", "\ud7ff", "-", "\r"),
    ]
)


def check(content: bytes, name: str) -> None:
    """A transcript whose utterances are in order and can be written down, or BadTranscript."""
    try:
        transcript = parse_transcript(content, name)
    except BadTranscript:
        return
    starts = [u.start for u in transcript.utterances]
    assert starts == sorted(starts)
    assert [u.id for u in transcript.utterances] == list(range(len(starts)))
    assert all(u.start <= u.end and u.text.strip() for u in transcript.utterances)
    json.dumps([u.text for u in transcript.utterances], ensure_ascii=False).encode()


@settings(max_examples=200)
@given(st.binary(max_size=200), NAMES)
def test_any_bytes_are_a_transcript_or_refused(content: bytes, name: str) -> None:
    check(content, name)


@settings(max_examples=200)
@given(st.lists(TOKENS, max_size=25), NAMES)
def test_anything_that_looks_like_a_transcript_is_one_or_refused(tokens: list[str], name: str) -> None:
    check("".join(tokens).encode(), name)


VALUES = st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(), max_size=5)
ROWS = st.dictionaries(
    st.sampled_from(["start", "end", "text", "speaker", "words", "word", "probability", "score"]),
    VALUES
    | st.sampled_from([0, 1, 2.5, "hello"])
    | st.lists(
        st.dictionaries(st.sampled_from(["start", "end", "text"]), st.sampled_from([0, 1, "a", None])), max_size=2
    ),
)


@settings(max_examples=200)
@given(
    st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3))
    | st.fixed_dictionaries({"utterances": st.lists(ROWS, max_size=3)})
)
def test_any_json_is_a_transcript_or_refused(document: object) -> None:
    try:
        transcript = parse_transcript_json(document)
    except BadTranscript as error:
        str(error).encode()
    else:
        json.dumps(rows(transcript), ensure_ascii=False).encode()


def test_tags_that_never_end_are_only_text() -> None:
    content = "WEBVTT\n\n00:00.000 --> 00:01.000\n" + "<v interviewer " * 30_000 + "we rank posts\n"
    (utterance,) = parse_transcript(content.encode(), "talk.vtt").utterances
    assert utterance.text.endswith("interviewer we rank posts") and "<" not in utterance.text


@pytest.mark.hostile
def test_more_than_anybody_says_is_refused_before_it_is_judged() -> None:
    with pytest.raises(BadTranscript, match="100,000 words"):
        parse_transcript(b"word " * 100_001, "talk.txt")
