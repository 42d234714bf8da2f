"""What is practised and how, and what follows from it for the log and for the interviewer."""

from dataclasses import dataclass
from datetime import datetime

from assistant.events import Input, SessionStarted
from assistant.language_model import LanguageModel
from assistant.partner import Role
from prompts.frameworks import get_framework
from prompts.problems import get_problem
from prompts.vocabulary import Level, Strictness
from speech.transcriber import Recogniser


@dataclass(frozen=True, slots=True)
class SessionSetup:
    """What is practised. problem: None for a talk without a prompt. mute: prompts are shown, not spoken.

    loudspeaker: name of an output device; None is the system's default.
    strictness: how much the interviewer says. nudges: whether he brings back, hurries and helps. model: may word follow-ups.
    """

    problem: str | None
    framework: str
    level: Level
    planned_seconds: float
    mute: bool = False
    strictness: Strictness = "realistic"
    nudges: bool = True
    loudspeaker: str | None = None
    model: LanguageModel | None = None

    def started(self, id: str, input: Input, recogniser: Recogniser | None) -> SessionStarted:
        """The first event of a session that begins now. recogniser: None for typed answers."""
        return SessionStarted(
            at=0.0,
            id=id,
            problem=self.problem,
            framework=self.framework,
            level=self.level,
            planned_seconds=self.planned_seconds,
            started_at=datetime.now().astimezone().isoformat(timespec="seconds"),
            input=input,
            model=recogniser.model_id if recogniser else None,
            strictness=self.strictness,
            nudges=self.nudges,
        )

    def role(self, seed: str, *, typed: bool) -> Role:
        """What the interviewer's mind is to play. seed: which wordings it takes. typed: whether answers are."""
        return Role(
            framework=get_framework(self.framework),
            level=self.level,
            planned_seconds=self.planned_seconds,
            problem=None if self.problem is None else get_problem(self.problem),
            strictness=self.strictness,
            nudges=self.nudges,
            typed=typed,
            seed=seed,
            model=self.model,
        )
