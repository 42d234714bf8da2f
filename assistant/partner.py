"""The interviewer's mind in a running session: understands what is said and asks the policy, in a thread of its own."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from analysis.talk import Talk
from assistant import replay
from assistant.answers import fact_asked_for
from assistant.events import Event, InterviewerInterrupted, InterviewerSpoke, WordsHeard
from assistant.language_model import WORDED_BY_MODEL, LanguageModel, worded_reason
from assistant.policy import next_line
from assistant.situation import Line, Said, Situation
from assistant.stage_now import StageNow, stage_of
from prompts.frameworks import Framework
from prompts.problems import Problem
from prompts.vocabulary import Level, Strictness

_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Role:
    """What the interviewer is in a session. typed: the answers come from the keyboard. seed: chooses the wordings.

    model: may word his follow-up questions.
    """

    framework: Framework
    level: Level
    planned_seconds: float
    problem: Problem | None
    strictness: Strictness
    nudges: bool
    typed: bool
    seed: str
    model: LanguageModel | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """What the session looks like now. events: so far. The rest is as in `situation.Situation`."""

    now: float
    quiet_seconds: float
    settled: bool
    events: Sequence[Event]
    said: tuple[Said, ...]


class Partner:
    """Asks the policy a few times a second; `run` is one thread's work.

    look: gives the present moment. propose: takes a line to say; none is proposed again before `taken`. tell_stage: takes
    the stage the candidate is on, whenever there are new words.
    complain: takes why what is said cannot be understood; the interviewer then only says the time.
    """

    def __init__(
        self,
        role: Role,
        look: Callable[[], Moment],
        propose: Callable[[Line], None],
        tell_stage: Callable[[StageNow], None],
        complain: Callable[[str], None],
    ) -> None:
        self._role = role
        self._look = look
        self._propose = propose
        self._tell_stage = tell_stage
        self._complain = complain
        self._understands = True
        self._talk: Talk | None = None
        self._worded: dict[str, Line] = {}
        self._understood: tuple[Event, ...] = ()
        self._stopping = threading.Event()
        self._taken = threading.Event()

    def stop(self) -> None:
        """End soon; any thread may call it."""
        self._stopping.set()

    def taken(self) -> None:
        """The line proposed last was said or dropped."""
        self._taken.set()

    def run(self) -> None:
        """Listen and propose until `stop`. Never raises."""
        self._learn_facts()
        while not self._stopping.wait(_LOOK_SECONDS):
            line = self._line()
            if line is not None:
                self._taken.clear()
                self._propose(line)
                while not self._stopping.is_set() and not self._taken.wait(_LOOK_SECONDS):
                    pass

    def _learn_facts(self) -> None:
        """Meet all that the facts are asked by while the prompt is spoken: then the first question is answered at once."""
        problem = self._role.problem
        if problem is not None:
            # What is amiss is said when there is a question.
            with contextlib.suppress(Exception):
                fact_asked_for(problem.prompt, problem.facts)

    def _line(self) -> Line | None:
        if self._understands:
            try:
                # Understanding takes a moment, in which the session goes on.
                self._understand(self._look())
                line = next_line(self._situation(self._look()))
                return None if line is None else self._in_the_models_words(line)
            except Exception as error:  # what the interviewer adds is a help, not the session
                self._understands, self._talk = False, None
                self._complain(f"The interviewer cannot follow what you say ({error}) and tells you the time alone.")
        return next_line(self._situation(self._look()))

    def _in_the_models_words(self, line: Line) -> Line:
        """A follow-up as the language model puts it, if there is one and it can be trusted; else the line as it is."""
        role, talk = self._role, self._talk
        if line.rule != "probe" or role.model is None or role.problem is None or talk is None:
            return line
        said = [talk.utterances[row].text for row in talk.candidate()]
        text = role.model.follow_up(line.text, role.problem, said)
        if text is None:
            return line
        self._worded[text] = line
        reason = worded_reason(line.reason, role.model.name, line.text)
        return replace(line, text=text, rule=WORDED_BY_MODEL, reason=reason)

    def _counted(self, said: Said) -> Said:
        """A line as the policy counts it: what the model worded is the built-in question."""
        line = self._worded.get(said.text)
        return said if line is None else replace(said, rule=line.rule, text=f"{said.text} {line.text}")

    def _understand(self, moment: Moment) -> None:
        from analysis.talk import understand

        spoken = _spoken(moment.events)
        if spoken == self._understood:
            return
        role = self._role
        said = replay.utterances(spoken, judged=True)
        self._talk = understand(said, role.framework, role.level, role.planned_seconds, moment.now, online=True)
        self._understood = spoken
        if stage := stage_of(self._talk):
            self._tell_stage(stage)

    def _situation(self, moment: Moment) -> Situation:
        role = self._role
        spoken = _spoken(moment.events)
        return Situation(
            now=moment.now,
            planned_seconds=role.planned_seconds,
            quiet_seconds=moment.quiet_seconds,
            settled=moment.settled and spoken == self._understood,
            talk=self._talk,
            problem=role.problem,
            said=tuple(map(self._counted, moment.said)),
            strictness=role.strictness,
            level=role.level,
            nudges=role.nudges,
            typed=role.typed,
            seed=role.seed,
            drill=role.framework.drill,
        )


def _spoken(events: Iterable[Event]) -> tuple[Event, ...]:
    """What was said, and where a line was broken off: its rest was not heard."""
    return tuple(event for event in events if isinstance(event, WordsHeard | InterviewerSpoke | InterviewerInterrupted))
