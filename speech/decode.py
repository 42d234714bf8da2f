"""Audio files in, 16 kHz mono out, safely: a file decides nothing but its own sound.

FFmpeg opens whatever it recognises: playlists that name other files of this machine, session descriptions that
open sockets, a few megabytes that unfold into days. So the kind of file is recognised here, only that reader and
only audio decoders are allowed, no protocol is, and length and time are capped while decoding.
"""

import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from prompts.errors import UserError
from speech.containers import CODECS, declared_seconds, reader_for
from speech.frames import SAMPLE_RATE, Float32, Frame, Int16, to_float, to_pcm16

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream
    from av.container import InputContainer

MAX_SECONDS = 4 * 3600
BUDGET_SECONDS = 240.0
"""Time decoding itself may take; four hours take 20 to 35 s of one core of a small machine."""

_FRAME_SAMPLES = SAMPLE_RATE // 2
_GAP_SECONDS = 0.05
_LONGEST_GAP_SECONDS = 60.0
_TOLD_SECONDS = 0.2
_MAX_DAMAGED_IN_A_ROW = 1000

_FIX = "Give a recording in WAV, FLAC, Ogg, Opus, MP3, M4A, MP4, WebM or MKV"


class UndecodableAudio(UserError):
    """A file that cannot be used as a recording; the message says which and why."""


@dataclass(slots=True)
class Decoding:
    """What a running decode has found out about its file so far.

    declared_seconds: length the file claims, None where it claims none. seconds: length decoded until now.
    damaged_packets: pieces that could not be decoded and are silence in the result. filled: second and length of each
    silence that stands for sound the file has lost.
    """

    declared_seconds: float | None = None
    seconds: float = 0.0
    damaged_packets: int = 0
    filled: list[tuple[float, float]] = field(default_factory=list)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about the file; complete once decoding has ended."""
        found = []
        if self.declared_seconds is not None and self.seconds < self.declared_seconds - 1:
            found.append(
                f"The file claims {_clock(self.declared_seconds)} but only {_clock(self.seconds)} could be decoded: "
                "it was cut off or is damaged."
            )
        if self.damaged_packets:
            pieces = "1 damaged piece" if self.damaged_packets == 1 else f"{self.damaged_packets} damaged pieces"
            found.append(f"{pieces} of the file left out.")
        if (lost := sum(seconds for _, seconds in self.filled)) >= _TOLD_SECONDS:
            found.append(
                f"{lost:.1f} s of sound are missing in the file (first at {_clock(self.filled[0][0])}): silence stands for them."
            )
        return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A whole file's sound.

    samples: float32 mono, 16 kHz. damaged_packets, declared_seconds, notes: see `Decoding`.
    """

    samples: Float32
    damaged_packets: int
    declared_seconds: float | None
    notes: tuple[str, ...]


def decode(source: Path | BinaryIO, max_seconds: float = MAX_SECONDS) -> Decoded:
    """Decode a whole audio file; a damaged or cut-off one gives what is there, with a note.

    source: a path or a seekable binary file. max_seconds: longest recording taken, in seconds.
    Raises UndecodableAudio for a file that is missing, empty, not audio, without a decodable sound, or too long.
    """
    found = Decoding()
    # Gathered as int16: an hour is 115 MB until the one conversion at the end.
    pieces = [to_pcm16(frame.samples) for frame in iter_frames(source, max_seconds, found)]
    samples = to_float(np.concatenate(pieces))
    return Decoded(samples, found.damaged_packets, found.declared_seconds, found.notes)


def iter_frames(
    source: Path | BinaryIO,
    max_seconds: float = MAX_SECONDS,
    found: Decoding | None = None,
    budget_seconds: float = BUDGET_SECONDS,
) -> Iterator[Frame]:
    """Decode a file piece by piece: int16 frames of half a second, without gaps, the first at second 0.

    source, max_seconds, errors: as for `decode`. found: filled in while decoding.
    budget_seconds: time the decoding itself (not the caller between two frames) may take.
    """
    found = Decoding() if found is None else found
    with opened(source) as (file, name):
        waiting: list[Int16] = []
        held = sent = 0
        for samples in _within(_decoded(file, name, max_seconds, found), name, budget_seconds):
            waiting.append(samples)
            held += len(samples)
            if held >= _FRAME_SAMPLES:
                yield Frame(sent / SAMPLE_RATE, np.concatenate(waiting))
                sent, held, waiting = sent + held, 0, []
        if held:
            yield Frame(sent / SAMPLE_RATE, np.concatenate(waiting))
        if not sent + held:
            raise UndecodableAudio(f"{name} is cut off or damaged: there is no sound in it that can be decoded", _FIX)


@contextmanager
def opened(source: Path | BinaryIO) -> Iterator[tuple[BinaryIO, str]]:
    """A source as a file at its beginning, and what to call it. Raises UndecodableAudio."""
    if not isinstance(source, Path):
        source.seek(0)
        yield source, "The recording"
        return
    try:
        # A folder, a pipe or a device would fail oddly or block for ever.
        if not stat.S_ISREG(source.stat().st_mode):
            raise UndecodableAudio(f"{source} is not a file", "Give the path of an audio file")
        file = source.open("rb")
    except FileNotFoundError as error:
        raise UndecodableAudio(f"There is no file {source}", "Check the path") from error
    except OSError as error:
        raise UndecodableAudio(f"{source} cannot be read ({error.strerror})", "Check the file's permissions") from error
    with file:
        yield file, source.name


def _within(pieces: Iterator[Int16], name: str, budget_seconds: float) -> Iterator[Int16]:
    """The same pieces, stopped when producing them (not using them) has taken too long."""
    spent = 0.0
    while True:
        began = time.monotonic()
        piece = next(pieces, None)
        spent += time.monotonic() - began
        if piece is None:
            return
        if spent > budget_seconds:
            raise UndecodableAudio(
                f"{name} takes too long to decode", "Convert it to WAV or FLAC, or cut it into shorter recordings"
            )
        yield piece


def _decoded(file: BinaryIO, name: str, max_seconds: float, found: Decoding) -> Iterator[Int16]:
    """Samples (int16 mono 16 kHz) as the packets hold them, silence where packets are missing."""
    with audio_in(file, name) as (container, stream):
        found.declared_seconds = declared_seconds(container, stream, file)
        if found.declared_seconds is not None and found.declared_seconds > max_seconds:
            raise too_long(name, found.declared_seconds, max_seconds)
        written = 0
        origin: float | None = None
        for start, samples in _resampled(_packets(container, stream, found), found):
            if start is not None:
                origin = start if origin is None else origin
                missing = _missing(start - origin, written, found.declared_seconds)
                if missing:
                    # Silence in place of what was lost keeps every later time right.
                    found.filled.append((written / SAMPLE_RATE, missing / SAMPLE_RATE))
                    written += missing
                    for at in range(0, missing, _FRAME_SAMPLES):
                        yield np.zeros(min(_FRAME_SAMPLES, missing - at), np.int16)
            written += len(samples)
            found.seconds = written / SAMPLE_RATE
            if found.seconds > max_seconds:
                raise too_long(name, None, max_seconds)
            yield samples


@contextmanager
def audio_in(file: BinaryIO, name: str) -> Iterator[tuple["InputContainer", "AudioStream"]]:
    """An opened file's container and first sound. Raises UndecodableAudio."""
    import av

    head = file.read(16)
    file.seek(0)
    if not head:
        raise UndecodableAudio(f"{name} is empty", "Give a file with a recording in it")
    reader = reader_for(head)
    if reader is None:
        raise UndecodableAudio(f"{name} is not an audio file this program knows", _FIX)
    unreadable = UndecodableAudio(f"{name} is cut off or damaged: it cannot be decoded", _FIX)
    options = {"format_whitelist": reader, "protocol_whitelist": "", "codec_whitelist": ",".join(CODECS)}
    try:
        container = av.open(
            file, mode="r", format=reader.partition(",")[0], options=options, metadata_errors="ignore", timeout=(10, 10)
        )
    except Exception as error:  # libraries raise a dozen unrelated classes on mutated headers
        raise unreadable from error
    with container:
        yield container, _audio_stream(container, name)


def _audio_stream(container: "InputContainer", name: str) -> "AudioStream":
    if not container.streams.audio:
        raise UndecodableAudio(f"{name} holds no sound", "Give a file with an audio track")
    stream = container.streams.audio[0]
    try:
        codec, rate, channels = stream.codec_context.name, stream.codec_context.sample_rate, stream.channels
    except Exception as error:  # a stream whose codec is unknown has no context at all
        raise UndecodableAudio(f"{name} holds sound in a form this program cannot decode", _FIX) from error
    if codec not in CODECS or not 4000 <= rate <= 384_000 or not 1 <= channels <= 16:
        raise UndecodableAudio(f"{name} holds sound in a form this program cannot decode", _FIX)
    return stream


def _packets(container: "InputContainer", stream: "AudioStream", found: Decoding) -> Iterator["AudioFrame"]:
    """Decoded frames in order; what cannot be decoded is counted and left out."""
    in_a_row = 0
    while in_a_row < _MAX_DAMAGED_IN_A_ROW:
        try:
            for packet in container.demux(stream):
                try:
                    frames = packet.decode()
                except EOFError:
                    return
                except Exception:  # as above; one bad packet must not end the recording
                    found.damaged_packets += 1
                    in_a_row += 1
                    if in_a_row >= _MAX_DAMAGED_IN_A_ROW:
                        return
                    continue
                for frame in frames:
                    in_a_row = 0
                    yield frame
            return
        except EOFError:
            return
        except Exception:
            # PyAV's generator is finished after an error, the file is not: ask for a new one.
            found.damaged_packets += 1
            in_a_row += 1


def _resampled(frames: Iterator["AudioFrame"], found: Decoding) -> Iterator[tuple[float | None, Int16]]:
    """(start in seconds on the file's own clock, samples) for every frame."""
    from av import AudioResampler

    resampler: AudioResampler | None = None
    form: tuple[str, str, int] | None = None

    def drained() -> Iterator[tuple[float | None, Int16]]:
        if resampler is not None:
            for rest in resampler.resample(None):
                yield None, _samples(rest)

    for frame in frames:
        start = frame.time
        if form != (frame.format.name, frame.layout.name, frame.sample_rate):
            # Some files change rate or channels on the way, which one resampler refuses.
            yield from drained()
            form = (frame.format.name, frame.layout.name, frame.sample_rate)
            resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        frame.pts = None
        assert resampler is not None
        try:
            pieces = resampler.resample(frame)
        except Exception:  # a damaged header inside the file gives its sound a form that cannot be
            found.damaged_packets += 1
            form = resampler = None
            continue
        for piece in pieces:
            yield start, _samples(piece)
            start = None
    yield from drained()


def _samples(frame: "AudioFrame") -> Int16:
    return frame.to_ndarray().reshape(-1).astype(np.int16, copy=False)


def _missing(at_seconds: float, written: int, declared_seconds: float | None) -> int:
    """Samples lost before a frame that belongs at `at_seconds`, when `written` samples came before it."""
    gap = at_seconds - written / SAMPLE_RATE
    # A damaged time stamp may point anywhere; only a likely one is believed.
    believable = at_seconds < declared_seconds + 1 if declared_seconds is not None else gap < _LONGEST_GAP_SECONDS
    return round(gap * SAMPLE_RATE) if gap > _GAP_SECONDS and believable else 0


def too_long(name: str, seconds: float | None, max_seconds: float) -> UndecodableAudio:
    """What to say of a recording that is. seconds: its length, as far as known."""
    length = f"{_clock(seconds)} long" if seconds is not None else "too long"
    return UndecodableAudio(
        f"{name} is {length}; the longest recording taken is {_clock(max_seconds)}", "Cut it into shorter recordings"
    )


def _clock(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"
