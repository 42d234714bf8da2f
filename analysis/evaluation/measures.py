"""Figures of merit: time-weighted macro-F1, boundary error, precision and recall."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.report import Finding
from analysis.talk import Talk
from analysis.training.sessions import LabelledSession
from prompts.vocabulary import STAGE_LABELS, StageLabel


@dataclass(frozen=True, slots=True)
class Labelled:
    """The candidate's utterances of some sessions: true label, given label, seconds each stands for."""

    truth: tuple[StageLabel, ...]
    given: tuple[StageLabel, ...]
    seconds: tuple[float, ...]

    def accuracy(self) -> float:
        """Share of the time with the right label."""
        right = sum(s for t, g, s in zip(self.truth, self.given, self.seconds, strict=True) if t == g)
        return right / sum(self.seconds)

    def f1(self, label: StageLabel) -> float:
        """Time-weighted F1 of one label; 0 where it never occurs."""
        both = sum(s for t, g, s in zip(self.truth, self.given, self.seconds, strict=True) if t == g == label)
        true = sum(s for t, s in zip(self.truth, self.seconds, strict=True) if t == label)
        given = sum(s for g, s in zip(self.given, self.seconds, strict=True) if g == label)
        return 2 * both / (true + given) if true + given else 0.0

    def macro_f1(self) -> float:
        """Mean F1 over all seven labels."""
        return float(np.mean([self.f1(label) for label in STAGE_LABELS]))

    def confusion(self) -> dict[tuple[StageLabel, StageLabel], float]:
        """Minutes by true and given label."""
        minutes: dict[tuple[StageLabel, StageLabel], float] = defaultdict(float)
        for truth, given, seconds in zip(self.truth, self.given, self.seconds, strict=True):
            minutes[truth, given] += seconds / 60
        return dict(minutes)


def labelled(pairs: Iterable[tuple[LabelledSession, Sequence[StageLabel | None], Talk]]) -> Labelled:
    """Collect sessions, the labels given to their utterances, and the talk that holds the times."""
    truth: list[StageLabel] = []
    given: list[StageLabel] = []
    seconds: list[float] = []
    for session, labels, talk in pairs:
        for gold, label, slot in zip(session.gold, labels, talk.seconds, strict=True):
            if gold.stage is not None and label is not None:
                truth.append(gold.stage)
                given.append(label)
                seconds.append(slot)
    return Labelled(tuple(truth), tuple(given), tuple(seconds))


def boundary_errors(session: LabelledSession, talk: Talk) -> list[float]:
    """Seconds from each stage's true beginning to where the analyzer puts it, for the stages both have."""
    true, given = [gold.stage for gold in session.gold], list(talk.labels)
    return [
        abs(talk.utterances[true.index(stage)].start - talk.utterances[given.index(stage)].start)
        for stage in set(true) & set(given) - {None, "other"}
    ]


def finding_name(finding: Finding) -> str:
    """A finding's name as labelled sessions write it: code, with its stage or topic where the code needs one."""
    if finding.code in ("missed_stage", "stage_overrun"):
        return f"{finding.code}/{finding.stage}"
    return f"{finding.code}/{finding.topic}" if finding.code == "missed_topic" else finding.code


@dataclass(frozen=True, slots=True)
class Hits:
    """How often a finding was right, wrong, and overlooked."""

    right: int
    wrong: int
    overlooked: int

    def precision(self) -> float:
        """Share of what was raised that is right; nan when nothing was."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else float("nan")

    def recall(self) -> float:
        """Share of what is there that was raised; nan when nothing is."""
        return self.right / (self.right + self.overlooked) if self.right + self.overlooked else float("nan")


def finding_hits(pairs: Iterable[tuple[LabelledSession, Sequence[Finding]]]) -> dict[str, Hits]:
    """Hits for every finding code, over sessions and their findings."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    overlooked: Counter[str] = Counter()
    for session, findings in pairs:
        truth = {*session.flaws, *(name for gold in session.gold for name in gold.findings)}
        raised = {finding_name(finding) for finding in findings}
        for names, counter in ((truth & raised, right), (raised - truth, wrong), (truth - raised, overlooked)):
            counter.update(name.partition("/")[0] for name in names)
    return {c: Hits(right[c], wrong[c], overlooked[c]) for c in sorted({*right, *wrong, *overlooked})}
