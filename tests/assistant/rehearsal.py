"""Whole sessions without their waiting: a scripted candidate, the real session, and a clock that is turned by hand."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from analysis.render.wording import clock as clock_time
from analysis.report import Report
from assistant import partner, runner
from assistant.clock import SessionClock
from assistant.events import Event, Input, InterviewerSpoke, Noted, WordsHeard
from assistant.language_model import LanguageModel
from assistant.live_state import LiveState
from assistant.policy import next_line
from assistant.runner import SessionRunner
from assistant.session_setup import SessionSetup
from assistant.situation import Line as Proposal
from assistant.situation import Situation
from assistant.sources import Line
from assistant.store import Store
from prompts.vocabulary import Level, Strictness
from speech.frames import Frame
from speech.track import Gap
from tests.assistant.script import Performance, Script, paused

_PATIENCE_SECONDS = 120.0
_STEP = 1.0
_ASKED_SECONDS = 6.0


@dataclass(slots=True)
class Rehearsal:
    """A session that was held. events: its log."""

    events: list[Event]
    report: Report
    situations: int = 0
    lines: list[InterviewerSpoke] = field(init=False)
    heard: list[WordsHeard] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = [event for event in self.events if isinstance(event, InterviewerSpoke)]
        self.heard = [event for event in self.events if isinstance(event, WordsHeard)]

    def by(self, rule: str) -> list[InterviewerSpoke]:
        """The interviewer's lines of a rule."""
        return [line for line in self.lines if line.rule == rule]

    def transcript(self) -> str:
        """Both sides, to be read."""
        rows = []
        both: list[InterviewerSpoke | WordsHeard] = [*self.lines, *self.heard]
        for event in sorted(both, key=lambda event: event.at):
            who = f"  I ({event.rule})" if isinstance(event, InterviewerSpoke) else "C"
            rows.append(f"{clock_time(event.at)} {who}: {event.text}")
        return "\n".join(rows)


class _Candidate:
    """A source that speaks a script; every second of silence is seen by the interviewer's mind before the next one."""

    kind: Input = "live"
    interactive = True
    paced = False
    trouble: str | None = None
    notes: tuple[str, ...] = ()

    def __init__(self, script: Script, clock: SessionClock) -> None:
        self._script = script
        self._clock = clock
        self._performance = Performance(script)
        self._changed = threading.Condition()
        self._looked: tuple[float, bool, bool] = (-1.0, False, False)
        self._shown: list[str] = []
        self._rule = ""
        self._last_words = ""
        self._ticked = 0.0
        self._failed = False
        self._stopped = False
        self.situations = 0

    # What the session tells.

    def saw(self, situation: Situation, line: Proposal | None) -> None:
        with self._changed:
            self._looked = situation.now, situation.settled, line is None
            self._rule = line.rule if line else self._rule
            self.situations += 1
            self._changed.notify_all()

    def tick(self, state: LiveState) -> None:
        with self._changed:
            self._last_words, self._ticked = state.last_words, state.elapsed
            self._changed.notify_all()

    def line(self, text: str) -> None:
        with self._changed:
            self._shown.append(text)
            self._failed = self._failed or text.startswith("The interviewer cannot follow")
            self._changed.notify_all()

    # The source.

    def open(self, origin: float) -> None:
        pass

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def close(self) -> None:
        pass

    def items(self, start: float) -> Iterator[Frame | Gap | Line]:
        self._until(lambda: len(self._shown) == 1, "the prompt")
        said = list(self._performance.reaction("prompt", self._shown[0]))
        while not self._stopped:
            if not said:
                if self._performance.over:
                    if (rule := self._silence(_STEP)) is not None:
                        said = self._performance.replies(*rule, [])
                    if self._clock.now() > 60 * self._script.minutes:
                        # Whether it is over is for the session to say, at every second.
                        self._until(lambda: self._ticked >= self._clock.now(), "a tick")
                    continue
                said = [self._performance.next()]
            pause, text = paused(said.pop(0), self._script.pause)
            rule = self._silence(pause)
            if rule is not None:
                said = self._performance.replies(
                    *rule, [f"({pause}) {text}" if pause > self._script.pause else text, *said]
                )
                continue
            begin = self._clock.now()
            end = begin + len(text.split()) * 60 / self._script.pace
            # Known from the first word on; but while somebody speaks, nobody may say anything about it.
            yield Line(begin, end, text)
            self._until(lambda: self._last_words == text, text)  # noqa: B023
            while not self._stopped and (now := self._clock.now()) < end:
                self._clock.reach(min(now + 5 * _STEP, end))
                self._look()
            if text.endswith("?") and (rule := self._silence(_ASKED_SECONDS)) is not None:
                said = self._performance.replies(*rule, said)

    def _silence(self, seconds: float) -> tuple[str, str] | None:
        """Let time pass; rule and text of what the interviewer says meanwhile, which ends it."""
        until = self._clock.now() + seconds
        while not self._stopped and (now := self._clock.now()) < until:
            self._clock.reach(min(now + _STEP, until))
            if (spoken := self._look()) is not None:
                return spoken
        return None

    def _look(self) -> tuple[str, str] | None:
        """Wait until the interviewer's mind has seen this moment; what was said about it."""
        before, now = len(self._shown), self._clock.now()
        with self._changed:
            self._looked = (-1.0, False, False)
        self._until(lambda: self._looked[0] >= now and self._looked[1], "a look")
        if self._looked[2]:
            return None
        self._until(lambda: len(self._shown) > before, "a line")
        self._until(lambda: self._looked[2], "silence after it")
        return self._rule, self._shown[-1]

    def _until(self, true: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        with self._changed:
            while not true() and not self._stopped:
                assert not self._failed, self._shown
                assert time.monotonic() < end, f"waited for {what} at {self._clock.now()}"
                self._changed.wait(0.2)


class _Named(Store):
    """A store whose next session has a name of ours, because the wordings go by it."""

    def new_id(self) -> str:
        return "20260302-100000-aaaa"


def rehearse(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    script: Script,
    strictness: Strictness = "realistic",
    level: Level = "senior",
    nudges: bool = True,
    framework: str = "six-stage",
    model: LanguageModel | None = None,
) -> Rehearsal:
    """Hold the whole session with this candidate."""
    clock = SessionClock(paced=False)
    candidate = _Candidate(script, clock)

    def watched(situation: Situation) -> Proposal | None:
        line = next_line(situation)
        candidate.saw(situation, line)
        return line

    monkeypatch.setattr(runner, "SessionClock", lambda paced: clock)
    monkeypatch.setattr(partner, "next_line", watched)
    monkeypatch.setattr(partner, "_LOOK_SECONDS", 0.0005)
    setup = SessionSetup(
        script.problem,
        framework,
        level,
        script.minutes * 60,
        mute=True,
        strictness=strictness,
        nudges=nudges,
        model=model,
    )
    store = _Named(folder)
    session = SessionRunner(store, setup, candidate, None, (), candidate)
    report = session.run()
    notes = [event.text for event in store.events(session.id) if isinstance(event, Noted)]
    assert not notes, notes
    return Rehearsal(store.events(session.id), report, candidate.situations)
