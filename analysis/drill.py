"""What is judged when only a part of the interview is practised."""

from collections.abc import Sequence
from dataclasses import replace

from analysis.report import Finding
from analysis.rules import topic_rules
from prompts.frameworks import Framework
from prompts.vocabulary import STAGES, FindingCode, Stage

_HOW_IT_WAS_SAID: frozenset[FindingCode] = frozenset({"rambling_fillers", "hedging", "pace", "long_silence"})
_NEEDS_WHAT_CAME_BEFORE: frozenset[FindingCode] = frozenset({"premature_modeling", "no_clarifying_questions"})


def narrowed(framework: Framework) -> Framework:
    """The framework with what a drill of it can cover; a whole framework as it is."""
    if framework.drill is None:
        return framework
    expects = {
        level: tuple(topic for topic in topics if topic_rules()[topic].stage == framework.drill)
        for level, topics in framework.expects.items()
    }
    return replace(framework, expects=expects)


def fitting(findings: Sequence[Finding], framework: Framework) -> tuple[Finding, ...]:
    """The findings that a drill can be blamed for; of a whole interview all."""
    if framework.drill is None:
        return tuple(findings)
    if framework.drill == "probes":
        return tuple(finding for finding in findings if finding.code in _HOW_IT_WAS_SAID)
    excused = _NEEDS_WHAT_CAME_BEFORE if framework.drill != "problem" else frozenset()
    return tuple(f for f in findings if f.stage in (None, framework.drill) and f.code not in excused)


def judged_stages(framework: Framework) -> tuple[Stage, ...]:
    """The stages that get points."""
    if framework.drill is None:
        return STAGES
    return tuple(stage for stage in STAGES if stage == framework.drill)
