"""An optional language model behind any OpenAI-compatible address: it may word follow-ups and give a second opinion.

Off unless `VIVA_LLM_ADDRESS` is set. What it says counts only if it quotes what was said and brings no number of its own,
and within a time limit; otherwise the built-in line is used. Nothing it says changes stages, findings or score.
"""

import ipaddress
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from prompts.errors import UserError
from prompts.problems import Problem

ADDRESS, MODEL, REMOTE = "VIVA_LLM_ADDRESS", "VIVA_LLM_MODEL", "VIVA_LLM_ALLOW_REMOTE"

FOLLOW_UP_SECONDS = 3.0
OPINION_SECONDS = 120.0
"""How long a follow-up and an opinion are waited for."""

_MOST_WORDS = 40
_MOST_BYTES = 200_000
_LEAST_QUOTE_WORDS = 3
_MOST_REMARKS = 5

_FOLLOW_UP = (
    "You interview a candidate in a machine learning system design interview. Ask the question you are given once more, "
    "in your words and about what the candidate has just said. Use no fact and no number that is not in the fact sheet or "
    'the transcript. Answer with JSON alone: {"quote": words of the candidate, verbatim, "question": one question}.'
)
_OPINION = (
    "You read the transcript of a machine learning system design interview. Name what was strongest and what was missing, "
    "for the candidate to learn from. Use no fact and no number that is not in the fact sheet or the transcript. Answer "
    'with JSON alone: {"remarks": [{"quote": words of the candidate, verbatim, "remark": one or two sentences}]}.'
)


WORDED_BY_MODEL = "probe_by_model"
"""The rule of a line that a language model worded."""

_INSTEAD_OF = " instead of: "


def worded_reason(reason: str, model: str, built_in: str) -> str:
    """Why a line was said that a model worded, for the log."""
    return f"{reason}; worded by the language model {model}{_INSTEAD_OF}{built_in}"


def built_in_line(rule: str, text: str, reason: str | None) -> str:
    """What a line stands for: the built-in question, where a model worded it. By that a session is judged."""
    return (reason or "").partition(_INSTEAD_OF)[2] or text if rule == WORDED_BY_MODEL else text


class AddressRefused(UserError):
    """An address that is no HTTP address, or not on this machine."""

    def __init__(self, address: str, why: str, fix: str) -> None:
        super().__init__(f"The language model's address {address!r} is not used: {why}", fix)


@dataclass(frozen=True, slots=True)
class Remark:
    """What the model says about something the candidate said."""

    quote: str
    remark: str


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """address: up to and with `/v1`. name: of the model, as its server calls it."""

    address: str
    name: str

    def follow_up(
        self, question: str, problem: Problem, said: Sequence[str], seconds: float = FOLLOW_UP_SECONDS
    ) -> str | None:
        """A built-in question in the model's words, quoting the candidate; None when there is none to be trusted in time."""
        asked = f"{_sheet(problem)}\n\nTranscript of the candidate:\n{_lines(said[-12:])}\n\nQuestion: {question}"
        found = self._ask(_FOLLOW_UP, asked, seconds)
        quote, text = _text(found, "quote"), _text(found, "question")
        if not text.endswith("?") or len(text.split()) > _MOST_WORDS or not _quotes(quote, said):
            return None
        return f"You said: “{quote}”. {text}" if _grounded(text, problem, [*said, question]) else None

    def opinion(self, problem: Problem, said: Sequence[str], seconds: float = OPINION_SECONDS) -> tuple[Remark, ...]:
        """Remarks on a whole interview; those that quote nothing that was said are left out."""
        found = self._ask(_OPINION, f"{_sheet(problem)}\n\nTranscript of the candidate:\n{_lines(said)}", seconds)
        remarks = found.get("remarks") if isinstance(found, dict) else None
        if not isinstance(remarks, list):
            return ()
        read = [Remark(_text(remark, "quote"), _text(remark, "remark")) for remark in remarks]
        sure = [one for one in read if one.remark and _quotes(one.quote, said) and _grounded(one.remark, problem, said)]
        return tuple(sure[:_MOST_REMARKS])

    def _ask(self, system: str, user: str, seconds: float) -> Any:
        """The JSON in the model's answer; None when none came in time, or none that is JSON."""
        import time

        import httpx

        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        body = {"model": self.name, "messages": messages, "temperature": 0.2, "stream": False}
        until, data = time.monotonic() + seconds, b""
        try:
            # No proxy and no redirect: it goes where the user said, and nowhere else.
            with (
                httpx.Client(trust_env=False, follow_redirects=False, timeout=seconds) as client,
                client.stream("POST", f"{self.address}/chat/completions", json=body) as response,
            ):
                response.raise_for_status()
                for piece in response.iter_bytes():
                    data += piece
                    if time.monotonic() > until or len(data) > _MOST_BYTES:
                        return None
            content = json.loads(data)["choices"][0]["message"]["content"]
            # Some wrap it into a block of code, some think aloud before.
            found = re.search(r"\{.*\}", content, re.DOTALL)
            return json.loads(found[0]) if found else None
        except (httpx.HTTPError, ValueError, LookupError, TypeError, RecursionError):
            return None


def chosen_model(environment: Mapping[str, str] = os.environ) -> LanguageModel | None:
    """The model the user has set; None without one. Raises AddressRefused."""
    address = environment.get(ADDRESS, "").strip().rstrip("/")
    if not address:
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        raise AddressRefused(
            address, "it is no HTTP address", f"Set {ADDRESS} to one such as http://127.0.0.1:11434/v1"
        )
    if not _on_this_machine(host) and environment.get(REMOTE) != "1":
        raise AddressRefused(
            address,
            "it is not on this machine",
            f"Set {REMOTE}=1 if what you say may be sent there, or unset {ADDRESS}",
        )
    return LanguageModel(address, environment.get(MODEL, "").strip() or "default")


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sheet(problem: Problem) -> str:
    return f"Problem: {problem.prompt}\n\nFact sheet:\n{_lines([fact.answer for fact in problem.facts])}"


def _lines(texts: Sequence[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _text(found: Any, key: str) -> str:
    value = found.get(key) if isinstance(found, dict) else None
    return " ".join(value.split()).strip("“”\"' ") if isinstance(value, str) else ""


def _plain(text: str) -> str:
    return f" {' '.join(re.findall(r'[a-z0-9]+', text.lower()))} "


def _quotes(quote: str, said: Sequence[str]) -> bool:
    """Whether these words were said, in this order."""
    return len(quote.split()) >= _LEAST_QUOTE_WORDS and any(_plain(quote) in _plain(text) for text in said)


def _grounded(text: str, problem: Problem, said: Sequence[str]) -> bool:
    """Whether every number in a text is in the fact sheet or was said."""
    known = _plain(" ".join([problem.prompt, *(fact.answer for fact in problem.facts), *said]))
    return all(f" {number} " in known for number in re.findall(r"\d+", text))
