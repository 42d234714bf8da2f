"""Ends sessions that a crash left: what is on disk but was not written down yet is written down now, and judged."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from assistant import replay
from assistant.events import AudioStarted, Event, InterviewerSpoke, SessionEnded, SessionStarted, WordsHeard
from assistant.interviewer import ECHO_SECONDS
from assistant.log import SessionLog, SessionRunning, read_log
from assistant.recognising import Recogniser, recognise
from assistant.store import Store
from speech.endpointer import Endpointer
from speech.frames import SAMPLE_RATE, Frame, Segment, from_pcm16_bytes

_STEP_BYTES = 2 * SAMPLE_RATE // 10
_JUST_BEGUN = timedelta(minutes=1)


def recover(store: Store, transcriber_factory: Callable[[], Recogniser], say: Callable[[str], None]) -> list[str]:
    """End every session that never ended and that no process is running; gives the ids of those that now have.

    transcriber_factory: called once, and only if there is sound to write down. say: takes a line about each session.
    A session whose log has lost its beginning is said and left as it is. Raises what transcriber_factory raises and
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
            if not _end(store, summary.id, transcriber, say):
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
    return recovered


def _end(store: Store, id: str, transcriber: Callable[[], Recogniser], say: Callable[[str], None]) -> bool:
    """Write down what is missing, and that the session ended; whether there was anything to do."""
    folder = store.folder(id)
    with SessionLog(folder) as log:
        events = read_log(folder)
        audio = store.audio_path(id)
        if audio is None and _may_be_starting(events):
            return False
        ended = max(map(replay.end_of, events))
        if audio is not None:
            start = next((event.at for event in events if isinstance(event, AudioStarted)), 0.0)
            ended = max(ended, start + audio.stat().st_size // 2 / SAMPLE_RATE)
            say(f"{id}: writing down what was said last")
            recogniser = transcriber()
            for segment in _segments(_unheard(audio, start, events)):
                if heard := recognise(segment, recogniser):
                    log.append(heard)
        log.append(SessionEnded(ended, "recovered"))
    return True


def _may_be_starting(events: Sequence[Event]) -> bool:
    """Whether this looks like a session that some process is about to take over rather than a dead one."""
    if len(events) != 1 or not isinstance(events[0], SessionStarted):
        return False
    begun = datetime.fromisoformat(events[0].started_at)
    return abs(datetime.now().astimezone() - begun) < _JUST_BEGUN


def _segments(frames: Iterable[Frame]) -> Iterator[Segment]:
    endpointer = Endpointer()
    for frame in frames:
        yield from endpointer.feed(frame)
    yield from endpointer.flush()


def _unheard(audio: Path, start: float, events: Sequence[Event]) -> Iterator[Frame]:
    """The recording from the last words that were written down on, without what the interviewer said aloud.

    start: second of the session at which the recording begins.
    """
    known = max((event.end for event in events if isinstance(event, WordsHeard)), default=start)
    voices = [(e.at, e.end + ECHO_SECONDS) for e in events if isinstance(e, InterviewerSpoke) and e.aloud]
    position = max(0, round((known - start) * SAMPLE_RATE))
    with audio.open("rb") as file:
        file.seek(2 * position)
        while data := file.read(_STEP_BYTES):
            frame = Frame(start + position / SAMPLE_RATE, from_pcm16_bytes(data))
            if not any(begin < frame.end and frame.start < end for begin, end in voices):
                yield frame
            position += len(data) // 2
