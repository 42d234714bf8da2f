"""What people are shown and what other programs are given: complete, true to the report, and harmless."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import analysis.render.html as html_module
from analysis.render import FORMATS, Format, render
from analysis.render.delivery import delivery_lines
from analysis.render.layout import markers
from analysis.render.markdown import escape
from analysis.render.spans import actual_spans, planned_spans
from analysis.render.subtitles import srt, vtt
from analysis.render.transcript import TranscriptFormat, render_transcript
from analysis.render.wording import clean, clock, moment
from analysis.report import Pause, Report
from analysis.transcript_formats import parse_transcript
from speech.transcript import Utterance, Word
from tests.analysis.sample_report import PREMATURE, reports, sample

HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07 \x9b2J\r\b</style><script>alert(1)</script> <img src=x onerror=alert(2)> "
    "\" onload='x' {{ 7*7 }} [a](http://evil.example) `code` | cell\n\n# heading\n\n1\n00:00:01,000 --> 00:00:02,000 "
    "\u202eabc\u2069 &amp; \ud800 end"
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(reports(), st.sampled_from(FORMATS))
def test_any_report_can_be_rendered(report: Report, format: Format) -> None:
    text = render(report, format)
    assert not text or text.endswith("\n")
    text.encode()


@pytest.mark.parametrize("format", FORMATS)
def test_a_report_without_anything_in_it_can_be_rendered(format: Format) -> None:
    nothing = replace(sample(), utterances=(), stages=(), findings=(), notes=())
    assert (render(nothing, format) or "\n").endswith("\n")


@pytest.mark.parametrize("format", [format for format in FORMATS if format != "json"])
def test_nothing_said_can_move_a_terminals_cursor_or_turn_text_around(format: Format) -> None:
    text = render(sample(HOSTILE), format)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)


@given(st.text())
@example("0\r\x1a 0")
def test_cleaned_text_is_one_line_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert "\n" not in cleaned and "\x1b" not in cleaned
    assert clean(cleaned) == cleaned


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_cleaning_leaves_ordinary_text_alone(text: str) -> None:
    assert clean(text) == text


def test_times_read_like_a_stopwatch() -> None:
    assert (clock(0), clock(65), clock(3725), clock(-20)) == ("0:00", "1:05", "1:02:05", "-0:20")


def test_a_moment_never_points_behind_what_it_names() -> None:
    assert (clock(7.97), moment(7.97)) == ("0:08", "0:07")


class TestText:
    def test_what_to_do_comes_before_what_went_wrong_and_that_before_figures(self) -> None:
        text = render(sample(), "text")
        order = ["What to do next time", "Findings", "Time", "Topics", "Delivery", "Score", "Notes"]
        positions = [text.index(f"\n{heading}") for heading in order]
        assert positions == sorted(positions)

    def test_every_finding_has_its_second_quote_advice_and_source(self) -> None:
        text = " ".join(render(sample(), "text").split())
        for finding in sample().findings:
            assert f"{moment(finding.start)} {finding.message}" in text
            assert finding.source in text
        assert f'"{PREMATURE}"' in text

    def test_the_same_advice_is_given_once(self) -> None:
        text = render(sample(), "text")
        first = text.split("Findings")[0]
        assert first.count('Say "a model" and carry on.') == 1
        assert "2. Keep five minutes for serving." in first

    def test_planned_and_actual_times_and_their_difference_are_shown(self) -> None:
        assert re.search(r"Data +0:20 +1:05 +\+0:45 +50\n", render(sample(), "text"))

    def test_topics_are_shown_with_the_second_they_were_covered(self) -> None:
        text = render(sample(), "text")
        assert "labels (0:30)" in text
        assert re.search(r"Not heard: .*baseline", text)

    def test_how_it_was_said_stands_beside_what_is_usual(self) -> None:
        text = " ".join(render(sample(), "text").split())
        assert (
            "148 words per minute while speaking (usual: 125 to 190, Somebody 1999), from 96 at 1:00 to 148 at 0:00"
            in text
        )
        assert "2.7 hedges in 100 words (our limit: 1): i guess 1." in text
        assert "Longest talk without the interviewer or checking in: 2:05 at 0:05." in text
        assert "Long pauses (our limit: 0:20): 0:09 (20 s), 0:50 (7 s, announced)." in text
        assert "What stands out: hedges (nobody counted), longest pause (time to think)." in text

    def test_of_many_pauses_the_longest_are_shown(self) -> None:
        pauses = tuple(Pause(60.0 * minute, 60.0 * minute + 6 + minute) for minute in range(20))
        text = render(replace(sample(), delivery=replace(sample().delivery, long_pauses=pauses)), "text")
        assert "12:00 (18 s)" in text and "19:00 (25 s) and 12 more." in " ".join(text.split())
        assert "11:00 (17 s)" not in text

    def test_lines_fit_the_width(self) -> None:
        assert max(map(len, render(sample(), "text").splitlines())) <= 88


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


class TestHtml:
    def test_text_of_the_talk_cannot_become_markup(self) -> None:
        # The same page but for its words; the quote is what is said, and both are in it.
        hostile, harmless = Page(render(sample(HOSTILE), "html")), Page(render(sample(), "html"))
        assert hostile.tags == harmless.tags
        assert [name for name, _ in hostile.attributes] == [name for name, _ in harmless.attributes]
        assert "<script>alert(1)</script>" in hostile.text

    def test_the_page_loads_nothing_and_runs_nothing(self) -> None:
        page = Page(render(sample(), "html"))
        assert not {"script", "link", "iframe", "object", "img", "base", "form"} & set(page.tags)
        assert all(value.startswith("#") for name, value in page.attributes if name in ("href", "src"))
        assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]
        assert not re.search(r"url\(|@import", page.text)
        policy = next(value for name, value in page.attributes if value.startswith("default-src"))
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy

    def test_every_link_leads_somewhere(self) -> None:
        page = Page(render(sample(), "html"))
        places = {value for name, value in page.attributes if name == "id"}
        links = {value.removeprefix("#") for name, value in page.attributes if name == "href"}
        assert {"f1", "u1", "u2"} <= links
        assert links <= places

    def test_a_topic_that_was_missed_leads_to_its_finding(self) -> None:
        assert '<li class="absent"><a href="#f3">a baseline</a>: not heard</li>' in render(sample(), "html")
        unnamed = replace(sample(), findings=sample().findings[:2])
        assert '<li class="absent">a baseline: not heard</li>' in render(unnamed, "html")

    def test_a_finding_is_marked_where_it_happened(self) -> None:
        assert f"<mark>{PREMATURE}</mark>" in render(sample(), "html")

    def test_the_transcript_lies_in_bands_of_its_stages(self) -> None:
        bands = re.findall(r'<div class="band (\w+)">.*?<div class="said (\w+)"', render(sample(), "html"), re.DOTALL)
        assert bands == [("other", "interviewer"), ("modeling", "candidate"), ("data", "candidate")]

    def test_a_bar_of_the_time_line_shows_as_much_of_its_label_as_it_has_room_for(self) -> None:
        page = render(sample(), "html")
        bars = re.findall(r'width="([\d.]+)%" height="26"><title>([^<]+)</title>.*?</svg>', page)
        shown = re.findall(r'height="26"><title>[^<]+</title><rect[^>]+>(?:<text[^>]+>([^<]*)</text>)?</svg>', page)
        assert len(bars) == len(shown) > 6
        assert all(len(text) / 120 <= float(width) / 100 for (width, _), text in zip(bars, shown, strict=True))
        assert "Modeling 0:20" in shown
        assert "High-level design 0:20" not in shown

    def test_findings_that_would_hide_each_other_on_the_time_line_are_one_marker(self) -> None:
        premature, production, baseline = sample().findings
        near = replace(sample(), findings=(baseline, replace(premature, start=39.0), production))
        shown = re.findall(r'<a class="marker (\w+)" href="#(\w+)"><title>([^<]*)</title>(.*?)</a>', render(near, "html"), re.DOTALL)  # fmt: skip
        assert [(severity, link) for severity, link, _, _ in shown] == [("fault", "f1"), ("fault", "f3")]
        assert shown[0][2].splitlines() == [f"0:40 {baseline.message}", f"0:39 {premature.message}"]
        assert [re.findall(r">(\d+)<", shape) for *_, shape in shown] == [["2"], []]

    @given(reports())
    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    def test_every_finding_has_a_marker(self, report: Report) -> None:
        found = tuple(markers(report))
        assert sorted(number for marker in found for number in marker.numbers) == [
            number for number, _ in enumerate(report.findings, start=1)
        ]
        assert all(before.x < after.x for before, after in pairwise(found))

    @pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
    def test_all_text_has_the_contrast_of_wcag_aa(self, scheme: int) -> None:
        style = Path(html_module.__file__).with_name("report.css").read_text()
        light, dark = (dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in style.split(":root")[1:3])
        colours = light if scheme == 0 else {**light, **dark}
        pairs = [(name, "sheet") for name in ("text", "muted", "link", "fault", "warning", "info", "good")]
        pairs += [(name, "page") for name in ("text", "muted")] + [("mark-text", "mark")]
        stages = ("problem", "high_level", "data", "modeling", "production", "wrap_up", "other")
        pairs += [("on-stage", stage) for stage in stages]
        poor = {pair for pair in pairs if contrast(*(colours[name] for name in pair)) < 4.5}
        assert not poor


def contrast(first: str, second: str) -> float:
    """Contrast ratio as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


class TestMarkdown:
    @given(st.text())
    def test_escaped_text_reads_as_it_was_wherever_it_stands(self, text: str) -> None:
        for before in ("", "> ", "- ", "1. ", "### ", "**0:07** "):
            tokens = MarkdownIt("commonmark").enable("table").parse(f"{before}{escape(text)}\n\nend")
            inline = [child for token in tokens for child in token.children or ()]
            assert {child.type for child in inline} <= {"text", "text_special", "strong_open", "strong_close"}
        shown = "".join(child.content for child in inline)
        assert shown == f"0:07 {clean(text)}".strip() + "end"

    def test_a_hostile_talk_leaves_the_document_as_it_was(self) -> None:
        def shape(report: Report) -> list[str]:
            tokens = MarkdownIt("commonmark").enable("table").parse(render(report, "markdown"))
            return [token.type for token in tokens]

        assert shape(sample(HOSTILE)) == shape(sample())

    def test_the_transcript_is_in_it(self) -> None:
        assert f"**0:05** {PREMATURE}" in render(sample(), "markdown")


words = st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1, max_size=8).map(
    lambda said: " ".join(["so", *said])
)


@st.composite
def transcripts(draw: st.DrawFn) -> tuple[Utterance, ...]:
    """Utterances one after the other, their times in whole milliseconds."""
    at, made = 0, []
    for number in range(draw(st.integers(1, 5))):
        start = at + draw(st.integers(0, 5_000_000))
        at = start + draw(st.integers(1, 60_000))
        speaker = draw(st.sampled_from(["candidate", "interviewer"]))
        made.append(Utterance(number, start / 1000, at / 1000, speaker, draw(words)))  # type: ignore[arg-type]
    return tuple(made)


@pytest.mark.parametrize("format", ["text", "markdown", "html"])
def test_delivery_reads_alike_everywhere(format: Format) -> None:
    page = render(sample(), format)
    shown = Page(page).text if format == "html" else page.replace("\\", "")
    for line in delivery_lines(sample().delivery):
        assert line in " ".join(shown.split())


class TestSubtitles:
    @given(transcripts(), st.sampled_from(["srt", "vtt", "json"]))
    def test_a_transcript_comes_back_as_it_was_written(
        self, said: tuple[Utterance, ...], format: TranscriptFormat
    ) -> None:
        written = render_transcript(said, format)
        assert parse_transcript(written.encode(), f"talk.{format}").utterances == said

    def test_json_keeps_the_words_times(self) -> None:
        said = (Utterance(0, 0.0, 1.0, "candidate", "so yes", (Word(0.0, 0.4, "so", 0.9), Word(0.5, 1.0, "yes", 0.8))),)
        assert parse_transcript(render_transcript(said, "json").encode(), "talk.json").utterances == said

    @pytest.mark.parametrize("render_captions", [srt, vtt])
    def test_no_text_can_end_its_caption(self, render_captions: object) -> None:
        assert callable(render_captions)
        text = render_captions((Utterance(0, 1.0, 2.0, "candidate", "a\n\n2\n00:00:05.000 --> 00:00:09.000\nb"),))
        assert text.count("-->") == 1

    def test_stages_are_chapters(self) -> None:
        chapters = render(sample(), "chapters")
        assert chapters.startswith("WEBVTT\n\n")
        assert "00:00:05.250 --> 00:00:30.000\nModeling\n" in chapters
        assert "00:00:30.000 --> 00:01:35.000\nData\n" in chapters

    def test_findings_are_metadata_cues_in_the_order_of_time(self) -> None:
        blocks = render(sample(), "metadata").strip().split("\n\n")[1:]
        cues = [json.loads(block.split("\n", 2)[2]) for block in blocks]
        assert [cue["code"] for cue in cues] == ["premature_modeling", "missed_topic", "missed_stage"]
        assert cues[0]["quote"] == PREMATURE
        # A cue that ends when it starts would never be shown.
        assert "00:01:35.000 --> 00:01:35.001" in blocks[2]


class TestAudacity:
    def test_transcript_stages_and_findings_are_labels(self) -> None:
        rows = [line.split("\t") for line in render(sample(), "audacity").splitlines()]
        assert ["5.250000", "30.000000", "STAGE Modeling"] in rows
        assert ["5.250000", "9.900000", PREMATURE] in rows
        assert ["0.500000", "4.000000", "Interviewer: Design a home feed."] in rows
        assert rows == sorted(rows, key=lambda row: float(row[0]))

    @given(reports())
    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    def test_every_label_has_three_fields_and_ends_no_earlier_than_it_starts(self, report: Report) -> None:
        for line in render(report, "audacity").splitlines():
            start, end, _ = line.split("\t")
            assert float(start) <= float(end)


class TestSpans:
    def test_pauses_and_the_interviewers_turns_belong_to_what_they_fall_in(self) -> None:
        assert [(span.stage, span.start, span.end) for span in actual_spans(sample())] == [
            ("other", 0.5, 5.25),
            ("modeling", 5.25, 30.0),
            ("data", 30.0, 95.0),
        ]

    def test_the_plan_has_no_gaps(self) -> None:
        spans = planned_spans(sample())
        assert spans[0].start == 0 and spans[-1].end == 120
        assert all(later.start == earlier.end for earlier, later in pairwise(spans))
