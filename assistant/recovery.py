"""Ends what a crash left: what is on disk but was not written down yet is written down and judged, then compressed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from assistant import replay
from assistant.as_heard import as_heard
from assistant.events import Event, InterviewerSpoke, Noted, SessionEnded, SessionStarted, WordsHeard
from assistant.ids import UnknownSession
from assistant.interviewer import ECHO_SECONDS
from assistant.log import SessionLog, SessionRunning, read_log
from assistant.recognising import RECORDED_TO_ITS_END, recognise
from assistant.store import Store
from prompts.errors import UserError
from speech.endpointer import Endpointer
from speech.foreground import Foreground
from speech.frames import SAMPLE_RATE, Frame, Int16, Segment
from speech.recording import NotCompressed, Recording
from speech.transcriber import Recogniser, in_context

_STEP = SAMPLE_RATE // 10
_JUST_BEGUN = timedelta(minutes=1)


def finish_left_over(store: Store, transcriber_factory: Callable[[], Recogniser], say: Callable[[str], None]) -> None:
    """Before a new session: end what a crash left, as far as that is possible now. Arguments as for `recover`.

    Sessions in which nothing has happened are left alone: a page may be about to fill them. Never raises UserError.
    """
    try:
        recover(store, transcriber_factory, say, also_empty=False)
    except UserError as error:
        say(f"An earlier session could not be finished: {error}")


def compress_all(store: Store, say: Callable[[str], None]) -> None:
    """Compress the recording of every session that is over. say: takes a line about each that could not be."""
    for id in store.uncompressed():
        try:
            store.compress(id)
        except (NotCompressed, UnknownSession) as error:
            say(str(error))


def recover(
    store: Store,
    transcriber_factory: Callable[[], Recogniser],
    say: Callable[[str], None],
    also_empty: bool = True,
) -> list[str]:
    """End every session that never ended and that no process is running; gives the ids of those that now have.

    Recordings that were not compressed, or not to the end, are then compressed.
    transcriber_factory: called once, and only if there is sound to write down. say: takes a line about each session.
    also_empty: end those, too, in which nothing has happened. A session whose log has lost its beginning is said and left as it is. Raises what transcriber_factory raises and
    what `Store.finish` raises; then the rest is recovered next time.
    """
    recovered: list[str] = []
    loaded: list[Recogniser] = []

    def transcriber() -> Recogniser:
        if not loaded:
            loaded.append(transcriber_factory())
        return loaded[0]

    for summary in store.unfinished():
        try:
            if not _end(store, summary.id, transcriber, say, also_empty):
                continue
            report = store.finish(summary.id, "recovered")
        except SessionRunning:
            continue
        except replay.DamagedSession as error:
            say(f"{summary.id}: {error}")
        else:
            recovered.append(summary.id)
            minutes, seconds = divmod(round(report.session.duration_seconds), 60)
            say(f"{summary.id}: recovered, {minutes}:{seconds:02d} min, {len(report.findings)} findings.")
    compress_all(store, say)
    return recovered


def _end(
    store: Store, id: str, transcriber: Callable[[], Recogniser], say: Callable[[str], None], also_empty: bool
) -> bool:
    """Write down what is missing, and that the session ended; whether there was anything to do."""
    folder = store.folder(id)
    with SessionLog(folder) as log:
        events = read_log(folder)
        audio = store.recording(id)
        if audio is None and (_may_be_starting(events) if also_empty else len(events) == 1):
            return False
        ended = max(map(replay.end_of, as_heard(events)))
        if audio is not None:
            start = replay.recorded_from(events)
            ended = max(ended, start + audio.seconds)
            say(f"{id}: writing down what was said last")
            recogniser = transcriber()
            last: WordsHeard | None = None
            for segment in _segments(_unheard(audio, start, events)):
                for heard in recognise(in_context(segment, last), recogniser):
                    log.append(heard)
                    last = heard if isinstance(heard, WordsHeard) else last
        whole = any(isinstance(event, Noted) and event.text == RECORDED_TO_ITS_END for event in events)
        log.append(SessionEnded(ended, "finished" if whole else "recovered"))
    return True


def _may_be_starting(events: Sequence[Event]) -> bool:
    """Whether this looks like a session that some process is about to take over rather than a dead one."""
    if len(events) != 1 or not isinstance(events[0], SessionStarted):
        return False
    begun = datetime.fromisoformat(events[0].started_at)
    return abs(datetime.now().astimezone() - begun) < _JUST_BEGUN


def _segments(frames: Iterable[Frame]) -> Iterator[Segment]:
    endpointer = Endpointer(foreground=Foreground())
    for frame in frames:
        yield from endpointer.feed(frame)
    yield from endpointer.flush()


def _unheard(audio: Recording, start: float, events: Sequence[Event]) -> Iterator[Frame]:
    """The recording from the last words that were written down on, without what the interviewer said aloud.

    start: second of the session at which the recording begins.
    """
    known = max((event.end for event in events if isinstance(event, WordsHeard)), default=start)
    voices = [(e.at, e.end + ECHO_SECONDS) for e in as_heard(events) if isinstance(e, InterviewerSpoke) and e.aloud]
    position = max(0, round((known - start) * SAMPLE_RATE))
    for samples in _steps(audio.pieces(position)):
        frame = Frame(start + position / SAMPLE_RATE, samples)
        if not any(begin < frame.end and frame.start < end for begin, end in voices):
            yield frame
        position += len(samples)


def _steps(pieces: Iterable[Int16]) -> Iterator[Int16]:
    for piece in pieces:
        for at in range(0, len(piece), _STEP):
            yield piece[at : at + _STEP]
