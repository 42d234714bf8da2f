"""Judges every labelled session with classifiers trained without its group: other problems, other styles of talk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.classifier import Classifiers
from analysis.conduct import Conduct
from analysis.decoder import decode
from analysis.evaluation.ablations import StageClassifier, columns, with_less, without_decoder
from analysis.evaluation.baselines import keyword_labels, prototype_labels, prototypes
from analysis.evaluation.course import Course, Labels, course
from analysis.evaluation.examples import Data, Gathered
from analysis.evaluation.finding_hits import Judged
from analysis.evaluation.judging import as_recognised, judged, understood
from analysis.headings import with_sections
from analysis.register import heard_as
from analysis.training.conduct import fit_conduct
from analysis.training.sessions import LabelledSession
from analysis.training.train import Examples, fit, session_examples
from prompts.vocabulary import StageLabel

NO_DECODER, NO_DURATIONS = "no decoder", "no duration prior"
KEYWORDS, PROTOTYPE = "keyword counting", "nearest prototype"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A session that was not trained on.

    written, simulated: as it is, and as if recognised. spoken: really spoken and recognised, where it was.
    online, spoken_online: as written and as spoken, labelled from the past only. other_ways: the stages given by
    baselines, and by the analyzer without one of its parts.
    """

    written: Judged
    simulated: Judged
    spoken: Judged | None
    online: Course
    spoken_online: Course | None
    other_ways: Mapping[str, Labels]


@dataclass(frozen=True, slots=True)
class _Trained:
    """What was trained without one group."""

    classifiers: Classifiers
    conduct: Conduct
    smaller: Mapping[str, StageClassifier]
    prototypes: NDArray[np.float32]

    def online(self, session: LabelledSession) -> Course:
        return course(session, understood(session, self.classifiers, online=True))

    def judged(self, session: LabelledSession) -> Judged:
        return judged(session, self.classifiers, self.conduct)


def cross_validate(data: Data, chosen: Sequence[str]) -> Iterator[HeldOut]:
    """Every session of the chosen groups, judged by classifiers that saw nothing of its group."""
    spoken = {session.name: session for session in data.spoken}
    gathered = Gathered(data)
    for group in chosen:
        trained = _train(gathered.without(group), gathered.documents_without(group), data.without(group))
        for session in data.sessions:
            if session.group != group:
                continue
            # Written and online in a row, because then the embeddings are still remembered.
            written, online = trained.judged(session), trained.online(session)
            said = spoken.get(session.name)
            yield HeldOut(
                written=written,
                simulated=trained.judged(as_recognised(session)),
                spoken=trained.judged(said) if said else None,
                online=online,
                spoken_online=trained.online(said) if said else None,
                other_ways=_other_ways(written, trained),
            )


def _train(examples: Examples, documents: Sequence[Examples], rest: Data) -> _Trained:
    return _Trained(
        fit(examples, documents),
        fit_conduct(rest.sessions, rest.details, rest.commitments, rest.interjections, rest.comparisons),
        {name: StageClassifier(examples, seen) for name, seen in columns().items()},
        prototypes(examples),
    )


def _other_ways(written: Judged, trained: _Trained) -> dict[str, Labels]:
    talk = written.talk
    own = talk.candidate()
    seconds = [talk.seconds[row] for row in own]
    plan = talk.framework.plan(max(talk.duration_seconds, 60.0))
    said = session_examples(written.session)
    hearing, more = heard_as(trained.classifiers, said.texts)
    seen = np.hstack([said.features, more])
    whole = with_sections(hearing.stages(seen, said.texts), said.texts, hearing)
    less = with_less(hearing, trained.smaller, seen, said.texts)
    ways: dict[str, Sequence[StageLabel]] = {
        name: decode(probabilities, seconds, plan).labels for name, probabilities in less.items()
    }
    ways[NO_DECODER] = without_decoder(whole)
    ways[NO_DURATIONS] = decode(whole, seconds, plan, durations=False).labels
    ways[KEYWORDS] = keyword_labels([talk.readings[row] for row in own])
    ways[PROTOTYPE] = prototype_labels(said.features, trained.prototypes)
    return {name: _in_rows(labels, own, len(talk.utterances)) for name, labels in ways.items()}


def _in_rows(labels: Sequence[StageLabel], own: Sequence[int], count: int) -> Labels:
    """Labels of the candidate's utterances put into their rows of the session."""
    rows: list[StageLabel | None] = [None] * count
    for row, label in zip(own, labels, strict=True):
        rows[row] = label
    return rows
