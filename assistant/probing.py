"""Which of a problem's probes fit what was said: about a stage that was passed over, or about what was said last."""

from collections.abc import Mapping, Sequence

from analysis.taken_alone import topics_of
from analysis.talk import Talk
from assistant.situation import Situation
from prompts.problems import Problem
from prompts.vocabulary import TOPICS, Stage, Topic

_RECENT = 8
_NEAR_PROBE = 0.3
_ANSWERED_PROBE = 0.5
"""Cosines: what a probe must have to do with what was said, and from where on it has been answered."""

_PROBE_TOPIC = 0.2
"""Probability from which a probe asks for a topic of its stage: whoever has covered it is not asked for it."""

_PROBES_A_STAGE = 2


def open_probes(situation: Situation, talk: Talk, problem: Problem, stage: Stage) -> Mapping[str, frozenset[Topic]]:
    """A stage's probes that nobody has asked yet and whose topics have not been covered, with these topics.

    None when enough were asked.
    """
    from analysis.rules import topic_rules

    every = problem.probes.get(stage, ())
    asked = {probe for probe in every if any(probe in said.text for said in situation.said)}
    most = _PROBES_A_STAGE * (2 if situation.strictness == "coaching" else 1)
    if len(asked) >= most:
        return {}
    probes = [probe for probe in every if probe not in asked]
    homes: set[Stage] = {stage, "production"} if stage == "modeling" else {stage}
    own = {topic for topic in TOPICS if topic_rules()[topic].stage in homes}
    about = [topics & own for topics in topics_of(probes, _PROBE_TOPIC)]
    return {
        probe: topics
        for probe, topics in zip(probes, about, strict=True)
        if not any(talk.covered(topic) for topic in topics)
    }


def nearest(probes: Sequence[str], talk: Talk, own: Sequence[int]) -> str | None:
    """The probe that has most to do with what was said last, unless it was answered."""
    from analysis.embedding import embed

    if not probes:
        return None
    cosines = embed(probes) @ embed([talk.utterances[row].text for row in own]).T
    near = cosines[:, -_RECENT:].max(axis=1)
    fitting = [
        (float(closeness), probe)
        for closeness, nearest, probe in zip(near, cosines.max(axis=1), probes, strict=True)
        if closeness >= _NEAR_PROBE and nearest < _ANSWERED_PROBE
    ]
    return max(fitting)[1] if fitting else None


def passed_over(talk: Talk, stage: Stage) -> list[Stage]:
    """The framework's stages before this one that the candidate has not been in."""
    order = list(dict.fromkeys(step.stage for step in talk.framework.steps))
    return [earlier for earlier in order[: order.index(stage)] if earlier not in talk.labels] if stage in order else []
