"""A report in the form a person or a program wants it."""

from typing import Literal, get_args

from analysis.report import Report

Format = Literal["text", "json", "markdown", "html", "srt", "vtt", "chapters", "metadata", "audacity"]
"""`chapters` and `metadata` are the WebVTT tracks that go beside the captions of `vtt`: stages and findings."""

FORMATS: tuple[Format, ...] = get_args(Format)


def render(report: Report, format: Format) -> str:
    """The report as text in one of FORMATS, ending with a line break unless it is empty."""
    from analysis.render import audacity, html, markdown, subtitles, text
    from analysis.report_json import to_json

    match format:
        case "text":
            return text.render(report)
        case "json":
            return to_json(report) + "\n"
        case "markdown":
            return markdown.render(report)
        case "html":
            return html.render(report)
        case "srt":
            return subtitles.srt(report.utterances)
        case "vtt":
            return subtitles.vtt(report.utterances)
        case "chapters":
            return subtitles.chapters(report)
        case "metadata":
            return subtitles.metadata(report)
        case "audacity":
            return audacity.render(report)
