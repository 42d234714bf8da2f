"""What a scripted candidate says, and how he answers the interviewer; who speaks it, and when, is not known here.

A script is a header of `key: value` lines, a line `---`, sections `== stage` with a line for what is said in one breath,
and reactions `> rule` (or `> rule: beginning of the interviewer's line`), which are said when that rule has spoken, each
time the next one. `(8)` before a line is silence in seconds. Header: problem, minutes, pace (words a minute), pause
(seconds between lines), and follows: whether the candidate goes on to the next section when asked to move on.
"""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("candidates")
"""Scripts for whole interviews."""

_REPLY_SECONDS = 1.5
_MOVES_ON = ("stage_ending", "wrap_up")


@dataclass(frozen=True, slots=True)
class Script:
    """What a candidate says. sections: by stage, in order. reactions: what to say to a rule's lines, each time the next."""

    problem: str
    minutes: float
    pace: float
    pause: float
    follows: bool
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    reactions: tuple[tuple[str, str, tuple[str, ...]], ...]

    def answers(self, rule: str) -> bool:
        """Whether there is something to say to a rule's lines."""
        return any(name == rule for name, _, _ in self.reactions)

    def every_line(self) -> list[str]:
        """Everything that may be said."""
        parts = [lines for _, lines in self.sections] + [lines for _, _, lines in self.reactions]
        return [paused(line, 0)[1] for lines in parts for line in lines]


def read_script(name: str, folder: Path = FOLDER) -> Script:
    """The script of this name."""
    head, body = (folder / f"{name}.txt").read_text(encoding="utf-8").split("\n---\n")
    header = dict(line.split(": ", 1) for line in head.splitlines() if not line.startswith("#"))
    sections: list[tuple[str, tuple[str, ...]]] = []
    reactions: list[tuple[str, str, tuple[str, ...]]] = []
    for part in re.split(r"^(?=== |> )", body, flags=re.MULTILINE):
        title, *lines = [line for line in part.splitlines() if line.strip()] or [""]
        if title.startswith("== "):
            sections.append((title[3:], tuple(lines)))
        elif title:
            rule, _, beginning = title[2:].partition(": ")
            reactions.append((rule, beginning, tuple(lines)))
    return Script(
        header["problem"],
        float(header["minutes"]),
        float(header["pace"]),
        float(header["pause"]),
        header["follows"] == "yes",
        tuple(sections),
        tuple(reactions),
    )


class Performance:
    """A script as it is spoken: what comes next, and what is said to the interviewer."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._waiting = [list(lines) for _, lines in script.sections]
        self._used: set[int] = set()

    @property
    def over(self) -> bool:
        """Whether everything that needs no question was said."""
        return not any(self._waiting)

    def next(self) -> str:
        """The next line of the script."""
        return next(section for section in self._waiting if section).pop(0)

    def replies(self, rule: str, text: str, rest: list[str]) -> list[str]:
        """What is said next, after the interviewer has spoken."""
        if rule in _MOVES_ON and self.script.follows and len(self._waiting) > 1:
            rest = []
            if rule == "wrap_up":
                self._waiting = self._waiting[-1:]
            else:
                del self._waiting[0]
        reply = self.reaction(rule, text)
        if reply:
            reply[0] = f"({_REPLY_SECONDS}) {paused(reply[0], 0)[1]}"
        elif rest:
            rest[0] = f"({_REPLY_SECONDS}) {paused(rest[0], 0)[1]}"
        return [*reply, *rest]

    def reaction(self, rule: str, text: str) -> list[str]:
        """What is said to this line of the interviewer, the next time nothing or something else."""
        fitting = [
            number
            for number, (name, beginning, _) in enumerate(self.script.reactions)
            if name == rule and text.startswith(beginning) and number not in self._used
        ]
        # What answers this very line is better than what answers any.
        fitting.sort(key=lambda number: -len(self.script.reactions[number][1]))
        if not fitting:
            return []
        self._used.add(fitting[0])
        return list(self.script.reactions[fitting[0]][2])


def paused(line: str, pause: float) -> tuple[float, str]:
    """Silence before a line in seconds, and the line. pause: the usual silence."""
    match = re.match(r"\((\d+(?:\.\d+)?)\) (.*)", line)
    return (float(match[1]), match[2]) if match else (pause, line)
