"""A live session: the prompt is spoken, the answer recorded and written down while it is given, the end judged.

Threads: the interviewer speaks, his mind decides what to say, the capturer records, the listener cuts, the writer-down
recognises.
Each sends what it finds to the one that runs the session, which alone writes the log and talks to the view.
"""

import contextlib
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.report import Report
from assistant import replay
from assistant.clock import SessionClock
from assistant.events import (
    Event,
    InterviewerInterrupted,
    InterviewerSpoke,
    Noted,
    NoteWritten,
    Reason,
    SessionEnded,
    WordsHeard,
)
from assistant.greeting import greeting
from assistant.interviewer import Interviewer
from assistant.keeping import KeptEvents
from assistant.keeping_up import KeepingUp
from assistant.listening import Listening
from assistant.live_state import LiveState, View
from assistant.log import LogUnwritable, SessionLog
from assistant.note_taking import NoteTaking
from assistant.own_words import own_words
from assistant.partner import Moment, Partner
from assistant.quick_questions import QUESTION_SECONDS
from assistant.recognising import RECORDED_TO_ITS_END, Later
from assistant.session_setup import SessionSetup
from assistant.situation import Line, Said
from assistant.sources import Source
from assistant.stage_now import StageNow, stage_now
from assistant.store import Store
from assistant.writing_down import WritingDown
from prompts.frameworks import get_framework
from prompts.problems import get_problem
from speech.player import Player
from speech.recorder import check_space
from speech.recording import RAW
from speech.transcriber import Recogniser
from speech.voice import Voice

_TICK_SECONDS = 0.1
_QUIET_AT_THE_END_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class _Shown:
    text: str


class _WrittenDown:
    """The writer-down has written down everything."""


class SessionRunner:
    """One session from the prompt to the report.

    store: where it is kept. source: what is listened to. transcriber: None for typed answers; `Later` where there is none to be had.
    voices: the interviewer's, in the order to try them; none: prompts are shown.
    """

    def __init__(
        self,
        store: Store,
        setup: SessionSetup,
        source: Source,
        transcriber: Recogniser | None,
        voices: Sequence[Voice],
        view: View,
    ) -> None:
        self._store = store
        self._setup = setup
        self._source = source
        self._transcriber = transcriber
        self._voices = () if setup.mute else tuple(voices)
        self._view = view
        self._framework = get_framework(setup.framework)
        self._framework.plan(setup.planned_seconds)
        self.id = store.new_id()
        problem = None if setup.problem is None else get_problem(setup.problem)
        self._prompt = None if problem is None else greeting(problem, self._framework, setup.planned_seconds, self.id)
        self._inbox: queue.Queue[Event | _Shown | StageNow | Line | _WrittenDown] = queue.Queue()
        self._reason: Reason = "finished"
        self._stopping = False
        self._interviewer: Interviewer | None = None
        self._stage: StageNow | None = None
        self._tells_stage = True
        self._last_words = ""
        self._later = transcriber if isinstance(transcriber, Later) else None
        self._message: str | None = None if self._later is None else self._later.remark
        self._said: tuple[Said, ...] = ()
        self._notes = NoteTaking(self._inbox.put)

    def note(self, text: str, at: float | None = None) -> NoteWritten | None:
        """As `NoteTaking.note`."""
        return self._notes.note(text, at)

    def stop(self, reason: Reason = "interrupted") -> None:
        """End the session gracefully: what was said is still written down and judged. For any thread or signal."""
        if not self._stopping:
            self._stopping = True
            self._reason = reason
            self._source.stop()
            if self._interviewer is not None:
                self._interviewer.stop()

    def run(self) -> Report:
        """Run the session to its end and judge it, as far as there are words yet.

        What fails on the way is shown and noted in the report, never raised. Raises UserError only for what keeps a
        session from beginning (no source, no room, no folder) or from being judged; KeyboardInterrupt leaves an
        unfinished session, which `recovery.recover` ends.
        """
        check_space(self._store.root)
        self._clock = SessionClock(self._source.paced)
        self._source.open(self._clock.origin)
        try:
            started = self._setup.started(self.id, self._source.kind, self._transcriber)
            folder = self._store.create(started)
            with SessionLog(folder) as log:
                self._events = KeptEvents(log, started)
                self._interviewer = Interviewer(
                    self._voices,
                    self._clock,
                    self._inbox.put,
                    lambda text: self._inbox.put(_Shown(text)),
                    None if self._setup.mute else Player(self._setup.loudspeaker),
                )
                self._listening = Listening(self._source, folder / RAW, self._clock, self._interviewer, self._inbox.put)
                self._writing_down = WritingDown(
                    self._listening,
                    self._transcriber,
                    self._source.paced,
                    self._written_down,
                    lambda text: self._inbox.put(_Shown(text)),
                )
                self._keeping_up = KeepingUp(
                    self._listening,
                    self._writing_down,
                    self._transcriber.model_id
                    if self._transcriber and not self._later and self._source.paced
                    else None,
                    lambda text: self._inbox.put(_Shown(text)),
                )
                self._partner = Partner(
                    self._setup.role(self.id, typed=self._source.kind == "typed"),
                    self._moment,
                    self._inbox.put,
                    self._inbox.put,
                    lambda text: self._inbox.put(_Shown(text)),
                )
                self._run(self._interviewer)
        finally:
            self._source.stop()
            if self._interviewer is not None:
                self._interviewer.stop()
            self._source.close()
        if self._later is not None or not self._events.written:
            return replay.report(self._events.all)
        return self._store.finish(self.id, self._reason)

    def _run(self, interviewer: Interviewer) -> None:
        if self._prompt is not None:
            interviewer.say(self._prompt, "prompt")
        threads = [
            threading.Thread(target=self._listening.run, daemon=True, name="listening"),
            threading.Thread(target=self._write_down, daemon=True, name="writing down"),
        ]
        # A recording hears nobody.
        if self._source.interactive:
            threads.append(threading.Thread(target=self._partner.run, daemon=True, name="partner"))
        for thread in threads:
            thread.start()
        if self._stopping:
            # Asked to stop before there was anybody to tell.
            self._source.stop()
            interviewer.stop()
        written_down = False
        self._notes.begin(self._clock)
        while not written_down:
            with contextlib.suppress(queue.Empty):
                message = self._inbox.get(timeout=_TICK_SECONDS)
                written_down = isinstance(message, _WrittenDown)
                self._take(message)
            self._end_when_over(interviewer)
            self._keeping_up.look()
            self._view.tick(self._state())
        self._partner.stop()
        self._keeping_up.stop()
        for thread in threads:
            thread.join()
        self._notes.end()
        self._take_last_notes()
        ended = self._clock.now() if self._listening.ended_at is None else self._listening.ended_at
        if self._later is not None:
            # Without its end, the log is one to be recovered.
            self._take(Noted(ended, RECORDED_TO_ITS_END))
        else:
            self._take(SessionEnded(ended, self._reason))

    def _take_last_notes(self) -> None:
        """Keep the notes that came in while everything else ended."""
        while not self._inbox.empty():
            message = self._inbox.get()
            if isinstance(message, NoteWritten):
                self._take(message)

    def _take(self, message: Event | _Shown | StageNow | Line | _WrittenDown) -> None:
        match message:
            case _WrittenDown():
                return
            case _Shown(text):
                self._view.line(text)
                return
            case StageNow():
                self._stage = message
                return
            case Line():
                self._say(message)
                return
            case InterviewerSpoke(text=text):
                self._view.line(text)
            case InterviewerInterrupted(text=""):
                # Nobody heard it; it may be said later.
                self._said = self._said[:-1]
            case WordsHeard():
                own = own_words(message, self._events.all)
                if own is None:
                    return
                message, self._last_words = own, own.text
            case Noted(text=text):
                self._view.line(text)
                self._message = text
        self._keep(message)

    def _keep(self, event: Event) -> None:
        before = self._events.written
        try:
            self._events.append(event)
        except LogUnwritable as error:
            self._message = str(error)
            if before:
                self._view.line(f"{error} The session goes on; what cannot be saved is kept in memory.")

    def _state(self) -> LiveState:
        stage = self._stage
        # In a drill of questions the time of each is what counts.
        asked = next((said.at for said in reversed(self._said) if said.rule == "quick_fire"), None)
        question = None if asked is None else max(0.0, self._clock.now() - asked)
        return LiveState(
            elapsed=self._clock.now() if self._listening.ended_at is None else self._listening.ended_at,
            planned=self._setup.planned_seconds,
            stage=stage.stage if stage else None,
            stage_seconds=question if question is not None else stage.spent[stage.stage] if stage else 0.0,
            stage_planned=QUESTION_SECONDS if question is not None else stage.planned if stage else 0.0,
            stages=stage.spent if stage else {},
            last_words=self._last_words,
            partial=self._keeping_up.partial,
            level_db=self._listening.level_db,
            speaking=self._listening.speaking,
            behind_seconds=max(0.0, self._listening.queued_seconds - self._writing_down.done_seconds),
            message=self._source.trouble or self._keeping_up.remark or self._message,
        )

    def _moment(self) -> Moment:
        """What the interviewer's mind goes by; called by its thread."""
        settled = (
            self._inbox.empty()
            and self._listening.open_segment() is None
            and self._listening.segments.empty()
            and self._listening.queued_seconds <= self._writing_down.done_seconds
        )
        return Moment(self._clock.now(), self._quiet_seconds(), settled, self._events.all, self._said)

    def _quiet_seconds(self) -> float:
        """Seconds since anybody was last heard; 0 while somebody speaks."""
        assert self._interviewer is not None
        if self._listening.speaking or self._interviewer.busy:
            return 0.0
        return max(0.0, self._clock.now() - max(self._listening.quiet_since, self._interviewer.until))

    def _say(self, line: Line) -> None:
        """Say what the interviewer's mind came to, unless somebody speaks by now."""
        assert self._interviewer is not None
        overtaken = line.aloud and self._quiet_seconds() <= 0
        if not overtaken and not self._interviewer.busy and not self._stopping:
            self._said = (*self._said, Said(line.rule, self._clock.now(), line.text, line.cause))
            self._interviewer.say(line.text, line.rule, line.aloud, line.reason)
        self._partner.taken()

    def _end_when_over(self, interviewer: Interviewer) -> None:
        """End a session whose time is up, once nobody speaks any more."""
        told = any(said.rule == "time_up" for said in self._said)
        over = self._clock.now() - max(self._setup.planned_seconds, self._listening.quiet_since, interviewer.until)
        if told and self._source.kind != "typed" and over > _QUIET_AT_THE_END_SECONDS and not self._stopping:
            self.stop("finished")

    def _write_down(self) -> None:
        """The writer-down's thread."""
        try:
            self._writing_down.run()
        finally:
            self._inbox.put(_WrittenDown())

    def _written_down(self, heard: WordsHeard | Noted, newest: bool) -> None:
        self._inbox.put(heard)
        # Who is listened to by the interviewer's mind is understood there.
        if isinstance(heard, WordsHeard) and self._tells_stage and newest and not self._source.interactive:
            self._understand(heard)

    def _understand(self, latest: WordsHeard) -> None:
        planned = self._setup.planned_seconds
        try:
            # The latest words may have reached the log by now.
            events = dict.fromkeys((*self._events.all, latest))
            stage = stage_now(events, self._framework, self._setup.level, planned, self._clock.now())
        except Exception as error:  # the stage on the screen is a help, not the session
            self._tells_stage = False
            self._inbox.put(_Shown(f"The stage cannot be told while you speak ({error}); the report will say."))
        else:
            if stage is not None:
                self._inbox.put(stage)
