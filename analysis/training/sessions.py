"""Labelled practice sessions: the plain-text format they are written in, and its reader.

A file is a header of `key: value` lines, a line `---`, and one line an utterance:

    C data [labels imbalance] !rabbit_hole | clicks would be our positives, maybe one in a hundred
    I | where do the labels come from
    = pause 25

`C` is the candidate, with stage, topics that this utterance covers by itself, and findings whose evidence it
is; `I` is the interviewer; `= pause` is silence in seconds. Header keys: problem, framework, level, minutes
(planned), style, kind, and flaws: findings that no single utterance shows, such as `missed_stage/production`. Kinds:
`spoken`; `written`, a design in prose; `guide`, a text about such interviews, which nobody could be blamed for. Times are derived from the number of words at `pace` words per minute (default 150).

`python -m analysis.training.sessions FILE…` checks files and prints what they hold.
"""

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from prompts.vocabulary import FINDING_CODES, LEVELS, STAGE_LABELS, STAGES, TOPICS, Level, StageLabel, Topic
from speech.transcript import Speaker, Utterance

_LINE = re.compile(r"C (?P<stage>\w+) \[(?P<topics>[\w ]*)\](?P<flags>(?: ![\w/]+)*) \| (?P<text>.+)")
_FRAMEWORKS = ("six-stage", "five-step", "business-first", "requirements-first")
KINDS = ("spoken", "written", "guide")
NO_PROBLEM = "guide"
"""In place of a problem, where a text is about none in particular."""

_GAP_SECONDS = 0.6


class SessionFormatError(ValueError):
    """A labelled session that cannot be read; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Gold:
    """The label of one utterance; `stage` is None for the interviewer."""

    stage: StageLabel | None
    topics: tuple[Topic, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelledSession:
    """A session with its labels; `group` is the folder it stands in, never split between train and test."""

    name: str
    group: str
    problem: str
    framework: str
    level: Level
    planned_seconds: float
    style: str
    kind: str
    utterances: tuple[Utterance, ...]
    gold: tuple[Gold, ...]
    flaws: tuple[str, ...]


def _check(condition: bool, where: str, what: str) -> None:
    if not condition:
        raise SessionFormatError(f"{where}: {what}")


def _check_flaw(flaw: str, where: str) -> None:
    code, _, detail = flaw.partition("/")
    _check(code in FINDING_CODES, where, f"unknown finding {code!r}")
    _check(not detail or detail in STAGES or detail in TOPICS, where, f"unknown stage or topic {detail!r}")


def parse_session(text: str, name: str, group: str) -> LabelledSession:
    """Read one labelled session.

    Raises SessionFormatError for anything outside the format.
    """
    head, separator, body = text.partition("\n---\n")
    _check(bool(separator), name, "no line '---' after the header")
    header: dict[str, str] = {}
    for line in head.splitlines():
        key, colon, value = line.partition(":")
        _check(bool(colon), name, f"header line {line!r} is not 'key: value'")
        header[key.strip()] = value.strip()
    for key in ("problem", "framework", "level", "minutes", "style", "kind"):
        _check(bool(header.get(key)), name, f"header lacks {key}")
    level = header["level"]
    _check(level in LEVELS, name, f"unknown level {level!r}")
    _check(header["framework"] in _FRAMEWORKS, name, f"unknown framework {header['framework']!r}")
    _check(header["kind"] in KINDS, name, f"unknown kind {header['kind']!r}")
    flaws = tuple(header.get("flaws", "").split())
    for flaw in flaws:
        _check_flaw(flaw, name)
    seconds_a_word = 60 / float(header.get("pace", "150"))
    clock = 0.0
    utterances: list[Utterance] = []
    gold: list[Gold] = []
    for number, line in enumerate(body.splitlines(), start=head.count("\n") + 3):
        where = f"{name}:{number}"
        if not line.strip():
            continue
        if line.startswith("= pause "):
            clock += float(line.removeprefix("= pause "))
            continue
        speaker: Speaker
        if line.startswith("I | "):
            speaker, spoken, label = "interviewer", line.removeprefix("I | "), Gold(None)
        else:
            match = _LINE.fullmatch(line.strip())
            _check(
                match is not None, where, f"not 'C stage [topics] !finding | text', 'I | text' or '= pause N': {line!r}"
            )
            assert match is not None
            stage, topics = match["stage"], tuple(match["topics"].split())
            _check(stage in STAGE_LABELS, where, f"unknown stage {stage!r}")
            for topic in topics:
                _check(topic in TOPICS, where, f"unknown topic {topic!r}")
            findings = tuple(flag.lstrip("!") for flag in match["flags"].split())
            for flaw in findings:
                _check_flaw(flaw, where)
            speaker, spoken = "candidate", match["text"]
            label = Gold(stage, topics, findings)  # type: ignore[arg-type]  # checked above
        end = clock + max(1, len(spoken.split())) * seconds_a_word
        utterances.append(Utterance(len(utterances), round(clock, 2), round(end, 2), speaker, spoken.strip()))
        gold.append(label)
        clock = end + _GAP_SECONDS
    _check(bool(utterances), name, "no utterances")
    return LabelledSession(
        name=name,
        group=group,
        problem=header["problem"],
        framework=header["framework"],
        level=level,  # type: ignore[arg-type]  # checked above
        planned_seconds=float(header["minutes"]) * 60,
        style=header["style"],
        kind=header["kind"],
        utterances=tuple(utterances),
        gold=tuple(gold),
        flaws=flaws,
    )


def load_sessions(folder: Path) -> list[LabelledSession]:
    """Every `*.session` below a folder, ordered by name."""
    return [
        parse_session(path.read_text(encoding="utf-8"), path.stem, path.parent.name)
        for path in sorted(folder.rglob("*.session"))
    ]


def main(arguments: list[str]) -> int:
    """Check the named files and print what each holds."""
    status = 0
    for argument in arguments:
        path = Path(argument)
        try:
            session = parse_session(path.read_text(encoding="utf-8"), path.stem, path.parent.name)
        except SessionFormatError as error:
            print(error)
            status = 1
            continue
        words = sum(len(utterance.text.split()) for utterance in session.utterances)
        stages = Counter(label.stage for label in session.gold if label.stage)
        minutes = session.utterances[-1].end / 60
        print(f"{session.name}: {len(session.utterances)} utterances, {words} words, {minutes:.1f} min, {dict(stages)}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
