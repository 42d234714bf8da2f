"""Labelled sessions spoken by a synthetic voice and written down by the recogniser, as the product would hear them.

`python -m analysis.training.spoken SESSION…` speaks the candidate's utterances of each named session at their own
times (later where the one before takes longer), lets the interviewer's turns pass in silence, has the sound recognised
the way every recording is, told the terms of the problem where the product has one of that name, and writes
`spoken/NAME.json`. Needs the voice (`pip install vivavoce[voice]`). What needs sound runs in a process of its own, so
that nothing here imports it.

The labels stay in the session. A recognised utterance has the stage that it overlaps most; topics and findings of a
labelled utterance go to the recognised one that its midpoint lies in.
"""

import json
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.training.sessions import Gold, LabelledSession, load_sessions
from analysis.training.word_errors import word_error_rate
from analysis.utterances import utterances_from_words
from prompts.problems import load_problems
from prompts.vocabulary import STAGE_LABELS, StageLabel
from speech.transcript import Utterance, Word

FOLDER = Path(__file__).parent
MODEL = "base"
VOICE = "heart"
SLOWEST, FASTEST = 0.9, 1.15
"""Bounds of the voice's speed, which differs from session to session."""


class SpokenFormatError(ValueError):
    """A spoken session that cannot be read, or is of another version of its session; the message names the file."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a labelled utterance is in the sound: seconds, and its index in the session."""

    start: float
    end: float
    index: int


@dataclass(frozen=True, slots=True)
class SpokenSession:
    """What was recognised of a session, the interviewer's turns among it, and where its utterances really are.

    speed: of the voice, 1.0 its own. word_error_rate: as `word_errors` counts.
    """

    session: str
    voice: str
    speed: float
    model: str
    word_error_rate: float
    utterances: tuple[Utterance, ...]
    truth: tuple[Span, ...]


def speak(session: LabelledSession) -> SpokenSession:
    """Have a session spoken and recognised; takes minutes. Raises CalledProcessError when either is impossible."""
    speed = round(random.Random(session.name).uniform(SLOWEST, FASTEST), 2)
    problem = load_problems().get(session.problem)
    request = {
        "lines": [
            {"start": said.start, "end": said.end, "text": said.text if said.speaker == "candidate" else None}
            for said in session.utterances
        ],
        "speed": speed,
        "model": MODEL,
        "hotwords": problem.vocabulary if problem else (),
    }
    answer = subprocess.run(
        [sys.executable, "-m", "speech.dictation_child"],
        input=json.dumps(request),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    heard = json.loads(answer.stdout)
    spans = [Span(round(start, 2), round(end, 2), index) for index, (start, end) in enumerate(heard["spans"])]
    said = [
        utterance
        for segment in heard["segments"]
        for utterance in utterances_from_words([Word(*word) for word in segment])
    ]
    truth = [span for span in spans if session.utterances[span.index].speaker == "candidate"]
    return SpokenSession(
        session=session.name,
        voice=VOICE,
        speed=speed,
        model=MODEL,
        word_error_rate=word_error_rate(
            [session.utterances[span.index].text for span in truth], [utterance.text for utterance in said]
        ),
        utterances=_in_order(
            [
                *said,
                *(
                    Utterance(0, span.start, span.end, "interviewer", session.utterances[span.index].text)
                    for span in spans
                    if session.utterances[span.index].speaker == "interviewer"
                ),
            ]
        ),
        truth=tuple(truth),
    )


def _in_order(utterances: Iterable[Utterance]) -> tuple[Utterance, ...]:
    rounded = [replace(said, start=round(said.start, 2), end=round(said.end, 2), words=()) for said in utterances]
    rounded.sort(key=lambda said: (said.start, said.end))
    return tuple(replace(said, id=number) for number, said in enumerate(rounded))


def to_json(spoken: SpokenSession, session: LabelledSession) -> str:
    """The file's text: one line an utterance. The stages are for the eye; readers take them from the session."""
    head = {
        "session": spoken.session,
        "voice": spoken.voice,
        "speed": spoken.speed,
        "model": spoken.model,
        "word_error_rate": spoken.word_error_rate,
    }
    rows: dict[str, list[Mapping[str, object]]] = {
        "utterances": [
            {"start": said.start, "end": said.end, "speaker": said.speaker, "text": said.text}
            for said in spoken.utterances
        ],
        "truth": [
            {"start": span.start, "end": span.end, "stage": session.gold[span.index].stage, "index": span.index}
            for span in spoken.truth
        ],
    }
    lists = [
        f'"{name}": [\n' + ",\n".join(json.dumps(row, ensure_ascii=False) for row in listed) + "\n]"
        for name, listed in rows.items()
    ]
    return json.dumps(head)[:-1] + ",\n" + ",\n".join(lists) + "}\n"


def parse_spoken(text: str, name: str) -> SpokenSession:
    """Read one file's text. Raises SpokenFormatError; name: the file's, for its message."""
    try:
        fields: dict[str, Any] = json.loads(text)
        spoken = SpokenSession(
            session=str(fields["session"]),
            voice=str(fields["voice"]),
            speed=float(fields["speed"]),
            model=str(fields["model"]),
            word_error_rate=float(fields["word_error_rate"]),
            utterances=tuple(
                Utterance(number, float(row["start"]), float(row["end"]), row["speaker"], str(row["text"]))
                for number, row in enumerate(fields["utterances"])
            ),
            truth=tuple(Span(float(row["start"]), float(row["end"]), int(row["index"])) for row in fields["truth"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise SpokenFormatError(f"{name}: {type(error).__name__}: {error}") from error
    spans: tuple[Utterance | Span, ...]
    for what, spans in (("utterances", spoken.utterances), ("truth", spoken.truth)):
        _check(bool(spans), name, f"no {what}")
        _check(all(0 <= span.start <= span.end for span in spans), name, f"{what} that end before they start")
        starts = [span.start for span in spans]
        _check(starts == sorted(starts), name, f"{what} out of order")
    speakers = {said.speaker for said in spoken.utterances}
    _check("candidate" in speakers, name, "no utterance of the candidate")
    _check(speakers <= {"candidate", "interviewer"}, name, f"unknown speaker among {sorted(speakers)}")
    return spoken


def _check(condition: bool, name: str, what: str) -> None:
    if not condition:
        raise SpokenFormatError(f"{name}: {what}")


def as_labelled(spoken: SpokenSession, session: LabelledSession) -> LabelledSession:
    """The session as it was heard: recognised utterances with the labels of what was really said; flaws stay.

    No topic or finding is lost: where a midpoint lies in no recognised utterance, the one with most overlap takes
    them, or else the nearest. Raises SpokenFormatError when the session's utterances are no longer those spoken.
    """
    mine = [index for index, gold in enumerate(session.gold) if gold.stage is not None]
    if [span.index for span in spoken.truth] != mine:
        raise SpokenFormatError(f"{spoken.session}: the session has changed; speak it again")
    heard = [index for index, said in enumerate(spoken.utterances) if said.speaker == "candidate"]
    shown: dict[int, list[Gold]] = defaultdict(list)
    for span in spoken.truth:
        shown[max(heard, key=lambda index: _nearness(spoken.utterances[index], span))].append(session.gold[span.index])
    gold = [
        Gold(
            _stage(said, spoken.truth, session.gold),
            tuple(dict.fromkeys(topic for one in shown[index] for topic in one.topics)),
            tuple(dict.fromkeys(finding for one in shown[index] for finding in one.findings)),
        )
        if said.speaker == "candidate"
        else Gold(None)
        for index, said in enumerate(spoken.utterances)
    ]
    return replace(session, utterances=spoken.utterances, gold=tuple(gold))


def _overlap(one: Utterance | Span, other: Utterance | Span) -> float:
    """Seconds both last; below zero, the seconds between them."""
    return min(one.end, other.end) - max(one.start, other.start)


def _nearness(said: Utterance, span: Span) -> tuple[bool, float]:
    middle = (span.start + span.end) / 2
    return said.start <= middle <= said.end, _overlap(said, span)


def _stage(said: Utterance, truth: Sequence[Span], gold: Sequence[Gold]) -> StageLabel | None:
    seconds: dict[StageLabel | None, float] = defaultdict(float)
    for span in truth:
        seconds[gold[span.index].stage] += max(0.0, _overlap(said, span))
    if not any(seconds.values()):
        # Heard where nothing was said: the recogniser's times are off by a little, or it made something up.
        return gold[max(truth, key=lambda span: _overlap(said, span)).index].stage
    return max(STAGE_LABELS, key=lambda stage: seconds[stage])


def load_spoken(folder: Path, sessions: Sequence[LabelledSession]) -> list[LabelledSession]:
    """Every `*.json` in a folder as a labelled session, ordered by name. sessions: the ones that were spoken.

    Raises SpokenFormatError.
    """
    known = {session.name: session for session in sessions}
    labelled = []
    for path in sorted(folder.glob("*.json")):
        spoken = parse_spoken(path.read_text(encoding="utf-8"), path.name)
        _check(spoken.session in known, path.name, f"there is no session {spoken.session!r}")
        labelled.append(as_labelled(spoken, known[spoken.session]))
    return labelled


def main(names: list[str]) -> int:
    """Speak the named sessions, one at a time, and keep what was recognised."""
    sessions = {session.name: session for session in load_sessions(FOLDER / "sessions")}
    if not names or not set(names) <= sessions.keys():
        print(f"Name sessions: {', '.join(sessions)}", file=sys.stderr)
        return 2
    (FOLDER / "spoken").mkdir(exist_ok=True)
    for name in names:
        try:
            spoken = speak(sessions[name])
        except subprocess.CalledProcessError:
            # The child has said why.
            return 1
        (FOLDER / "spoken" / f"{name}.json").write_text(to_json(spoken, sessions[name]), encoding="utf-8")
        print(f"{name}: speed {spoken.speed}, word error rate {spoken.word_error_rate:.3f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
