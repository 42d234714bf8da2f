"""Events as a session writes them, for tests that need one."""

from collections.abc import Iterable
from pathlib import Path

from hypothesis import strategies as st

from assistant.events import (
    AudioGap,
    AudioStarted,
    Event,
    InterviewerInterrupted,
    InterviewerSpoke,
    Noted,
    SessionEnded,
    SessionStarted,
    WordsHeard,
)
from assistant.log import SessionLog
from assistant.store import Store
from prompts.vocabulary import LEVELS
from speech.transcript import Word

seconds = st.floats(0, 1e6)
words = st.builds(Word, seconds, seconds, st.text(), st.floats(0, 1))
any_event: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        SessionStarted,
        seconds,
        st.text(),
        st.none() | st.text(),
        st.text(),
        st.sampled_from(LEVELS),
        seconds,
        st.text(),
        st.sampled_from(["mic", "file", "typed", "upload", "live"]),
        st.none() | st.text(),
    ),
    st.builds(AudioStarted, seconds),
    st.builds(AudioGap, seconds, seconds, st.text()),
    st.builds(InterviewerSpoke, seconds, seconds, st.text(), st.text(), st.booleans()),
    st.builds(InterviewerInterrupted, seconds, seconds, seconds, st.text()),
    st.builds(WordsHeard, seconds, seconds, st.lists(words, max_size=3).map(tuple), st.text()),
    st.builds(Noted, seconds, st.text()),
    st.builds(SessionEnded, seconds, st.sampled_from(["finished", "interrupted", "recovered"])),
)


def started(id: str, started_at: str = "2026-03-02T10:00:00+01:00", problem: str | None = "feed") -> SessionStarted:
    """The first event of a ten-minute session."""
    return SessionStarted(0.0, id, problem, "six-stage", "senior", 600.0, started_at, "file", "tiny.en")


def heard(text: str, at: float, pace: float = 0.4) -> WordsHeard:
    """The words of a text, one every `pace` seconds from second `at` on."""
    said = text.split()
    timed = tuple(Word(at + i * pace, at + (i + 1) * pace, word, 0.9) for i, word in enumerate(said))
    return WordsHeard(at, timed[-1].end, timed, text)


def keep(store: Store, events: Iterable[Event] = (), id: str | None = None, begun: SessionStarted | None = None) -> str:
    """A session in the store with these events after its first; gives its id."""
    first = begun or started(id or store.new_id())
    folder: Path = store.create(first)
    with SessionLog(folder) as log:
        for event in events:
            log.append(event)
    return first.id
