"""An Audacity label track (File > Import > Labels): transcript, stages and findings over the recording.

One label a line: start and end in seconds and the text, separated by tabs.
"""

from analysis.render.spans import actual_spans
from analysis.render.wording import STAGE_NAMES, clean
from analysis.report import Report


def render(report: Report) -> str:
    """All labels in the order of time; where they start together, stages come first and findings last."""
    labels = [(span.start, 0, span.end, f"STAGE {STAGE_NAMES[span.stage]}") for span in actual_spans(report)]
    for utterance in report.utterances:
        name = "Interviewer: " if utterance.speaker == "interviewer" else ""
        labels.append((utterance.start, 1, utterance.end, name + clean(utterance.text)))
    for finding in report.findings:
        labels.append((finding.start, 2, finding.end, f"{finding.severity.upper()} {clean(finding.message)}"))
    return "".join(f"{start:.6f}\t{max(start, end):.6f}\t{text}\n" for start, _, end, text in sorted(labels))
