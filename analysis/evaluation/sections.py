"""What the evaluation prints, one section a question, as markdown."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from analysis.evaluation import crossval
from analysis.evaluation.ablations import CUES_ONLY, EMBEDDING_ONLY, NO_CONTEXT, NO_WORDS, WORDS_ONLY
from analysis.evaluation.calibration import expected_calibration_error, reliability
from analysis.evaluation.course import Course, course
from analysis.evaluation.crossval import HeldOut
from analysis.evaluation.delay import WANTED_SECONDS, delays
from analysis.evaluation.finding_hits import (
    Judged,
    finding_hits,
    glaring_topic_hits,
    in_place,
    is_clean,
    mistakes,
    name_of,
)
from analysis.evaluation.hits import Hits
from analysis.evaluation.measures import accuracy, confusion, macro_f1, stage_f1
from analysis.evaluation.segmentation import boundary_errors, mean_pk, mean_window_diff, stages_found
from analysis.evaluation.tables import figure, table
from analysis.evaluation.topic_hits import topic_hits
from prompts.vocabulary import LEVELS, STAGE_LABELS

_WAYS = (
    *(CUES_ONLY, EMBEDDING_ONLY, WORDS_ONLY, NO_WORDS, NO_CONTEXT, crossval.NO_DECODER, crossval.NO_DURATIONS),
    *(crossval.KEYWORDS, crossval.PROTOTYPE),
)


def sections(held_out: Sequence[HeldOut]) -> Iterator[str]:
    """Every section, in the order it is printed. Guides have stages, but nobody talks in them who could be judged."""
    guides = [one for one in held_out if one.written.session.kind == "guide"]
    held_out = [one for one in held_out if one.written.session.kind != "guide"]
    written = [one.written for one in held_out]
    spoken = [(one.written, one.spoken) for one in held_out if one.spoken is not None]
    conditions = {"as written": written, "simulated recognition": [one.simulated for one in held_out]}
    twins = {"as written": [own for own, _ in spoken], "spoken and recognised": [heard for _, heard in spoken]}
    yield "## Stages\n\n" + _ways(held_out)
    yield _by_stage(_courses(written))
    yield "### Confidence\n\n" + _confidence(held_out)
    if guides:
        yield "### In guides\n\n" + _ways(guides)
    live = {
        "as written": [one.online for one in held_out],
        "spoken and recognised": [one.spoken_online for one in held_out if one.spoken_online is not None],
    }
    yield "### While the session runs\n\n" + _online(live)
    yield "## Topics\n\n" + _topics(written)
    yield "## Findings\n\n" + _findings(conditions)
    yield _clean(written)
    yield _mistakes(written)
    yield "## After recognition\n\n" + _conditions(conditions, f"All {len(written)} sessions")
    if spoken:
        yield _conditions(twins, f"The {len(spoken)} that were really spoken")
        yield _findings(twins)
    yield "## By kind and level\n\n" + _by_kind_and_level(written)


def unseen_sections(written: Sequence[Judged], simulated: Sequence[Judged], online: Sequence[Course]) -> Iterator[str]:
    """What the shipped classifiers make of sessions that they never saw."""
    conditions = {"as written": list(written), "simulated recognition": list(simulated)}
    yield _conditions(conditions, f"{len(written)} sessions")
    yield _by_stage(_courses(written))
    yield _online({"as written": online})
    yield _findings(conditions)
    yield _clean(written)
    yield _mistakes(written)


def document_sections(judged: Sequence[Judged]) -> Iterator[str]:
    """The stages of written documents, whole and one by one."""
    courses = _courses(judged)
    rows = [[f"all {len(courses)}", *_stage_figures(courses)]]
    rows += [[one.session.name, *_stage_figures([of])] for one, of in zip(judged, courses, strict=True)]
    yield table(["document", *_STAGE_HEADER], rows)
    yield _by_stage(courses)


def _courses(judged: Sequence[Judged]) -> list[Course]:
    return [course(one.session, one.talk) for one in judged]


def _stage_figures(courses: Sequence[Course]) -> list[str]:
    """macro-F1, accuracy, three figures of boundary error, Pk, WindowDiff."""
    errors = [error for one in courses for error in boundary_errors(one)] or [float("nan")]
    return [
        figure(macro_f1(courses), 3),
        figure(accuracy(courses), 3),
        figure(float(np.median(errors)), 1),
        figure(float(np.mean(errors)), 1),
        figure(float(np.percentile(errors, 90)), 1),
        figure(mean_pk(courses), 3),
        figure(mean_window_diff(courses), 3),
    ]


_STAGE_HEADER = (
    *("macro-F1", "accuracy", "boundary error, s: median", "mean", "90 %"),
    *("Pk", "WindowDiff"),
)


def _ways(held_out: Sequence[HeldOut]) -> str:
    own = _courses([one.written for one in held_out])
    ways = {"the analyzer": own, "the analyzer, online": [one.online for one in held_out]}
    for way in _WAYS:
        ways[way] = [course(one.written.session, one.written.talk, one.other_ways[way]) for one in held_out]
    true, both, extra = (sum(counts) for counts in zip(*(stages_found(one) for one in own), strict=True))
    return (
        table(("stages by", *_STAGE_HEADER), ([name, *_stage_figures(courses)] for name, courses in ways.items()))
        + "\n\nBoundary error: seconds between the true and the given beginning of each stage that both have. The analyzer"
        f" found {both} of {true} stages and {extra} that are not there."
    )


def _by_stage(courses: Sequence[Course]) -> str:
    minutes = confusion(courses)
    rows = (
        [
            truth,
            figure(stage_f1(courses, truth)),
            *(figure(minutes.get((truth, given), 0.0), 0) for given in STAGE_LABELS),
        ]
        for truth in STAGE_LABELS
    )
    return table(("true stage", "F1", *STAGE_LABELS), rows) + "\n\nColumns: minutes by the stage given."


def _confidence(held_out: Sequence[HeldOut]) -> str:
    forms = {
        "as written": _courses([one.written for one in held_out]),
        "online": [one.online for one in held_out],
        "simulated recognition": _courses([one.simulated for one in held_out]),
        "spoken and recognised": _courses([one.spoken for one in held_out if one.spoken is not None]),
    }
    errors = ((name, figure(expected_calibration_error(reliability(one)), 3)) for name, one in forms.items() if one)
    bins = (
        (f"{one.low:.1f} to {one.high:.1f}", str(one.count), figure(one.confidence), figure(one.right))
        for one in reliability(forms["as written"])
    )
    return (
        table(("labels", "expected calibration error"), errors)
        + "\n\n"
        + table(("confidence", "utterances", "mean confidence", "share right"), bins)
    )


def _online(forms: Mapping[str, Sequence[Course]]) -> str:
    rows = [[name, *_delay_figures(courses)] for name, courses in forms.items() if courses]
    header = ("stage changes", "speech until known, s: median", "90 %", f"within {WANTED_SECONDS:.0f} s", "never known")
    return table(("utterances", "macro-F1", "seconds each, mean", *header), rows)


def _delay_figures(courses: Sequence[Course]) -> list[str]:
    each = [seconds for one in courses for seconds in one.speech]
    found = [delay for one in courses for delay in delays(one)] or [float("nan")]
    # Of the values themselves, since some are infinite.
    middle, late = (float(np.percentile(found, share, method="inverted_cdf")) for share in (50, 90))
    soon = sum(delay <= WANTED_SECONDS for delay in found) / len(found)
    return [
        figure(macro_f1(courses), 3),
        figure(float(np.mean(each)), 1),
        str(len(found)),
        figure(middle, 1),
        figure(late, 1),
        figure(soon),
        str(sum(map(np.isinf, found))),
    ]


def _topics(judged: Sequence[Judged]) -> str:
    hits = topic_hits((one.session, one.talk) for one in judged)
    rows = [[topic, *_with_f1(said), *_with_f1(covered)] for topic, (said, covered) in hits.items()]
    each = [list(some) for some in zip(*hits.values(), strict=True)]
    rows.append(["**micro**", *(cell for some in each for cell in _with_f1(sum(some, Hits())))])
    rows.append(["**mean**", *(cell for some in each for cell in _mean(some))])
    header = [cell for unit in ("utterances", "sessions") for cell in (f"{unit}: there", "precision", "recall", "F1")]
    return table(("topic", *header), rows)


def _with_f1(hits: Hits) -> list[str]:
    return [str(hits.there), figure(hits.precision()), figure(hits.recall()), figure(hits.f1())]


def _mean(some: Sequence[Hits]) -> list[str]:
    measures: tuple[Callable[[Hits], float], ...] = (Hits.precision, Hits.recall, Hits.f1)
    known = [[value for one in some if not np.isnan(value := measure(one))] for measure in measures]
    return ["", *(figure(float(np.mean(values)) if values else float("nan")) for values in known)]


def _findings(conditions: dict[str, list[Judged]]) -> str:
    by_condition = {name: finding_hits(judged) for name, judged in conditions.items()}
    codes = list(dict.fromkeys(code for hits in by_condition.values() for code in hits))
    first = next(iter(conditions.values()))
    rows = []
    for code in codes:
        near, marked = in_place(first, code)
        some = [hits.get(code, Hits()) for hits in by_condition.values()]
        rows.append([code, *_cells(some), f"{near} of {marked}" if marked else ""])
    every = [list(hits.values()) for hits in by_condition.values()]
    rest = [[hits[code] for code in hits if code != "missed_topic"] for hits in by_condition.values()]
    rows.append(["**micro**", *_cells([sum(some, Hits()) for some in every]), ""])
    rows.append(["**micro, without missed_topic**", *_cells([sum(some, Hits()) for some in rest]), ""])
    glaring = [glaring_topic_hits(judged) for judged in conditions.values()]
    named = [cell for hits in glaring for cell in ("", str(hits.there), "", figure(hits.recall()))]
    rows.append(["missed_topic, those labelled", *named, ""])
    header = [cell for name in conditions for cell in (f"{name}: raised", "there", "precision", "recall")]
    return (
        table(("finding", *header, "in place"), rows)
        + "\n\nIn place: of the right ones whose labels mark an utterance, how many lie within a minute of it"
        f" ({next(iter(conditions))}). A missed topic is right when no utterance carries it."
    )


def _cells(some: Sequence[Hits]) -> list[str]:
    return [
        cell
        for hits in some
        for cell in (str(hits.raised), str(hits.there), figure(hits.precision()), figure(hits.recall()))
    ]


def _clean(judged: Sequence[Judged]) -> str:
    clean = [one for one in judged if is_clean(one.session)]
    raised = [(one.session.name, finding) for one in clean for finding in one.findings]
    faults = [f"{name_of(finding)} in {name}" for name, finding in raised if finding.severity == "fault"]
    warnings = sum(finding.severity == "warning" for _, finding in raised)
    return (
        f"{len(clean)} sessions are labelled with no finding. Raised in them as `fault`: {len(faults)}"
        + (f" ({', '.join(faults)})" if faults else "")
        + f"; as `warning`: {warnings}."
    )


def _mistakes(judged: Sequence[Judged]) -> str:
    rows = ([name, ", ".join(wrong), ", ".join(overlooked)] for name, wrong, overlooked in mistakes(judged))
    return table(("finding", "wrongly raised in", "overlooked in"), rows)


def _conditions(conditions: dict[str, list[Judged]], title: str) -> str:
    rows = []
    for name, judged in conditions.items():
        courses = _courses(judged)
        error = expected_calibration_error(reliability(courses))
        rows.append([name, *_stage_figures(courses), figure(error, 3), *_overall(judged)])
    return table((title, *_STAGE_HEADER, "calibration error", *_OVERALL_HEADER), rows)


_OVERALL_HEADER = ("topics: micro-F1", "findings: precision", "recall", "precision without missed_topic", "recall")


def _overall(judged: Sequence[Judged]) -> list[str]:
    by_code = finding_hits(judged)
    every = sum(by_code.values(), Hits())
    rest = sum((hits for code, hits in by_code.items() if code != "missed_topic"), Hits())
    topics = sum((said for said, _ in topic_hits((one.session, one.talk) for one in judged).values()), Hits())
    return [
        figure(topics.f1()),
        figure(every.precision()),
        figure(every.recall()),
        figure(rest.precision()),
        figure(rest.recall()),
    ]


def _by_kind_and_level(judged: Sequence[Judged]) -> str:
    parts = {kind: [one for one in judged if one.session.kind == kind] for kind in ("spoken", "written")}
    parts |= {level: [one for one in judged if one.session.level == level] for level in LEVELS}
    rows = (
        [name, str(len(some)), *_stage_figures(_courses(some)), *_overall(some)] for name, some in parts.items() if some
    )
    return table(("sessions", "number", *_STAGE_HEADER, *_OVERALL_HEADER), rows)
