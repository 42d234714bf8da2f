import io
import itertools
import os
import resource
import subprocess
import sys
import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.decode import Decoding, UndecodableAudio, decode, iter_frames
from speech.frames import to_pcm16
from speech.recorder import write_wav

RATE = 16_000
# container, codec, rate the codec wants
FORMATS = [
    ("wav", "pcm_s16le", 44_100),
    ("wav", "pcm_f32le", 48_000),
    ("aiff", "pcm_s16be", 44_100),
    ("flac", "flac", 16_000),
    ("ogg", "libopus", 48_000),
    ("mp3", "libmp3lame", 44_100),
    ("mp4", "aac", 44_100),
    ("mov", "aac", 48_000),
    ("adts", "aac", 16_000),
    ("webm", "libopus", 48_000),
    ("matroska", "flac", 16_000),
    ("caf", "pcm_s16le", 16_000),
    ("au", "pcm_s16be", 16_000),
    ("asf", "wmav2", 44_100),
]


class Written(io.BytesIO):
    """As a pipe: what writes into it cannot go back and tell the length."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:
        raise io.UnsupportedOperation


def encoded(
    samples: np.ndarray, container: str, codec: str, rate: int = RATE, layout: str = "mono", told: bool = True
) -> bytes:
    """told: whether the file says how long it is."""
    target = io.BytesIO() if told else Written()
    with av.open(target, "w", format=container) as output:
        stream = cast(av.AudioStream, output.add_stream(codec, rate=rate, layout=layout))
        if not codec.startswith("pcm"):
            stream.bit_rate = 96_000
        frame = av.AudioFrame.from_ndarray(to_pcm16(samples)[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate)
        queue = av.audio.fifo.AudioFifo()
        for resampled in [*resampler.resample(frame), *resampler.resample(None)]:
            resampled.pts = None
            queue.write(resampled)
        written = 0
        while piece := queue.read(stream.codec_context.frame_size or 1024, partial=True):
            piece.pts, piece.time_base = written, Fraction(1, rate)
            written += piece.samples
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return target.getvalue()


def tone(seconds: float) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def beeps(seconds: int) -> np.ndarray:
    """A beep in the first tenth of every second, so that times can be read off the sound."""
    sound = tone(seconds)
    sound[np.arange(len(sound)) % RATE >= RATE // 10] = 0
    return sound


def loudness(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0


@pytest.mark.parametrize(("container", "codec", "rate"), FORMATS)
def test_every_common_format_becomes_16_khz_mono(container: str, codec: str, rate: int) -> None:
    found = decode(io.BytesIO(encoded(tone(3), container, codec, rate)))
    assert found.samples.dtype == np.float32
    assert abs(len(found.samples) / RATE - 3) < 0.15
    assert abs(loudness(found.samples[RATE : 2 * RATE]) - 0.3 / 2**0.5) < 0.02
    assert found.damaged_packets == 0
    assert found.notes == ()


def test_the_sound_of_a_wav_file_is_unchanged(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(1))
    assert np.array_equal(to_pcm16(decode(tmp_path / "a.wav").samples), to_pcm16(tone(1)))


def test_8_khz_stereo_telephone_sound() -> None:
    found = decode(io.BytesIO(encoded(tone(3), "wav", "pcm_mulaw", 8000, "stereo")))
    assert abs(len(found.samples) / RATE - 3) < 0.05
    assert loudness(found.samples) > 0.15


def test_the_sound_of_a_video_is_taken_without_decoding_its_pictures() -> None:
    target = io.BytesIO()
    with av.open(target, "w", format="matroska") as output:
        video = output.add_stream("mpeg4", rate=5, width=64, height=64)
        audio = output.add_stream("flac", rate=RATE, layout="mono")
        picture = av.VideoFrame(64, 64, "yuv420p")
        picture.pts = 0
        output.mux(video.encode(picture))
        sound = av.AudioFrame.from_ndarray(to_pcm16(tone(0.2))[np.newaxis], format="s16", layout="mono")
        sound.sample_rate, sound.pts = RATE, 0
        output.mux(audio.encode(sound))
        for stream in (video, audio):
            output.mux(stream.encode(None))
    assert len(decode(target).samples) == round(0.2 * RATE)


def test_silence_is_sound() -> None:
    found = decode(io.BytesIO(encoded(np.zeros(RATE, np.float32), "flac", "flac")))
    assert not found.samples.any()
    assert len(found.samples) == RATE


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda at: at, "There is no file"),
        (lambda at: at.mkdir(), "is not a file"),
        (lambda at: os.mkfifo(at), "is not a file"),
        (lambda at: at.write_bytes(b""), "is empty"),
        (lambda at: at.write_bytes(b"RI"), "is not an audio file"),
        (lambda at: at.write_text("dear diary, today I practised"), "is not an audio file"),
        (lambda at: at.write_text("dear diary", encoding="utf-16"), "is not an audio file"),
        (lambda at: at.write_bytes(b"%PDF-1.7 and so on, page after page"), "is not an audio file"),
        (lambda at: at.write_bytes(b"PK\x03\x04" + bytes(100)), "is not an audio file"),
        (lambda at: at.write_bytes(bytes(5000)), "is not an audio file"),
        (lambda at: at.write_bytes(b"fLaC" + bytes(5000)), "cut off or damaged"),
        (lambda at: at.write_bytes(b"ID3\x04" + bytes(5000)), "cut off or damaged"),
        (lambda at: at.write_bytes(encoded(tone(1), "wav", "pcm_s16le")[:44]), "cut off or damaged"),
        (lambda at: at.write_bytes(encoded(tone(9), "mp4", "aac")[:9000]), "cut off or damaged"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(tmp_path: Path, make: Callable[[Path], object], says: str) -> None:
    path = tmp_path / "talk.wav"
    make(path)
    with pytest.raises(UndecodableAudio, match=says) as refusal:
        decode(path)
    assert "talk.wav" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_without_read_permission(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        # Root reads everything; the same refusal comes from another account.
        code = "import os,sys,av;from speech.decode import decode;from pathlib import Path;os.setuid(65534);decode(Path(sys.argv[1]))"
    else:
        code = "import sys;from speech.decode import decode;from pathlib import Path;decode(Path(sys.argv[1]))"
    path = tmp_path / "talk.wav"
    write_wav(path, tone(1))
    path.chmod(0)
    for folder in (tmp_path, tmp_path.parent):
        folder.chmod(0o755)
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=Path.cwd())
    assert "UndecodableAudio" in run.stderr


@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile 'secret.wav'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.wav\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        "<?xml version='1.0'?><MPD><Period><BaseURL>secret.wav</BaseURL></Period></MPD>",
    ],
)
@pytest.mark.parametrize("suffix", [".wav", ".m3u8", ".sdp", ".ffconcat"])
def test_playlists_and_session_descriptions_open_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, suffix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_wav(tmp_path / "secret.wav", tone(1))
    path = tmp_path / f"upload{suffix}"
    path.write_text(text)
    for source in (path, io.BytesIO(text.encode())):
        with pytest.raises(UndecodableAudio, match="is not an audio file"):
            decode(source)


def test_a_playlist_dressed_up_as_audio_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_wav(tmp_path / "secret.wav", tone(1))
    with pytest.raises(UndecodableAudio):
        decode(io.BytesIO(b"ID3\x04\x00\x00\x00\x00\x00\x00ffconcat version 1.0\nfile 'secret.wav'\n"))


@pytest.mark.parametrize(
    ("container", "codec"), [("wav", "pcm_s16le"), ("flac", "flac"), ("ogg", "libopus"), ("mp3", "libmp3lame")]
)
def test_a_file_that_was_cut_off_gives_its_beginning_and_a_note(container: str, codec: str) -> None:
    whole = encoded(beeps(20), container, codec, 48_000)
    found = decode(io.BytesIO(whole[: len(whole) // 2]))
    assert 8 < len(found.samples) / RATE < 12
    if container != "ogg":  # Ogg declares no length
        assert any("cut off" in note for note in found.notes)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("flac", "flac"), ("mp4", "aac"), ("mp3", "libmp3lame"), ("ogg", "libopus"), ("webm", "libopus")],
)
def test_damage_in_the_middle_keeps_the_rest_at_its_time(container: str, codec: str) -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, 20 * RATE).astype(np.float32)
    data = bytearray(encoded(beeps(20) + noise, container, codec, 48_000))
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(b ^ 0x5A for b in data[middle : middle + 400])
    found = decode(io.BytesIO(bytes(data)))
    assert abs(len(found.samples) / RATE - 20) < 0.3
    for second in (2, 5, 15, 18):
        beep, pause = (
            found.samples[second * RATE :][: RATE // 10],
            found.samples[second * RATE + RATE // 2 :][: RATE // 4],
        )
        assert loudness(beep) > 5 * loudness(pause)


def test_a_change_of_sample_rate_inside_a_file() -> None:
    data = encoded(tone(2), "mp3", "libmp3lame", 44_100) + encoded(tone(2), "mp3", "libmp3lame", 24_000)
    assert decode(io.BytesIO(data)).samples.size > 3 * RATE


def test_too_long_is_refused_before_decoding_where_the_file_says_so() -> None:
    with pytest.raises(UndecodableAudio, match=r"0:20 long; the longest recording taken is 0:10"):
        decode(io.BytesIO(encoded(tone(20), "flac", "flac")), max_seconds=10)


def test_too_long_is_noticed_while_decoding_where_the_file_hides_it() -> None:
    data = bytearray(encoded(tone(20), "flac", "flac"))
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    seconds = 0.0
    with pytest.raises(UndecodableAudio, match="too long"):
        for frame in iter_frames(io.BytesIO(bytes(data)), max_seconds=10):
            seconds = frame.end
    assert seconds <= 10


def test_decoding_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(UndecodableAudio, match="takes too long"):
        list(iter_frames(io.BytesIO(encoded(tone(20), "flac", "flac")), budget_seconds=0.0))


def test_a_wav_stream_without_a_length_is_read_to_its_end() -> None:
    data = bytearray(encoded(tone(3), "wav", "pcm_s16le"))
    at = data.index(b"data") + 4
    data[at : at + 4] = data[4:8] = b"\xff\xff\xff\x7f"
    found = decode(io.BytesIO(bytes(data)))
    assert len(found.samples) == 3 * RATE
    assert found.notes == ()


def test_frames_follow_each_other_without_gaps() -> None:
    found = Decoding()
    frames = list(iter_frames(io.BytesIO(encoded(tone(7.3), "ogg", "libopus", 48_000)), found=found))
    assert frames[0].start == 0
    for one, next_one in itertools.pairwise(frames):
        assert next_one.start == one.end
    assert found.seconds == frames[-1].end


def test_an_hour_is_streamed_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "hour.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        for _ in range(60):
            file.writeframesraw(bytes(60 * RATE * 2))
    code = (
        "import sys,resource;from pathlib import Path;from speech.decode import iter_frames;import av,numpy\n"
        "before=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(sum(len(f.samples) for f in iter_frames(Path(sys.argv[1]))),"
        "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss-before)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    samples, grown = map(int, run.stdout.split())
    assert samples == 3600 * RATE
    assert grown * (1 if sys.platform == "darwin" else 1024) < 50_000_000
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 0


ORIGINALS = [encoded(beeps(2), container, codec, rate) for container, codec, rate in FORMATS]


@settings(max_examples=300)
@given(
    original=st.sampled_from(ORIGINALS),
    damage=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=40)), max_size=6),
    keep=st.floats(0.01, 1),
)
def test_any_mutated_file_is_decoded_or_refused_in_one_line(
    original: bytes, damage: list[tuple[float, bytes]], keep: float
) -> None:
    data = bytearray(original[: max(1, int(len(original) * keep))])
    for where, what in damage:
        at = int(where * len(data))
        data[at : at + len(what)] = what
    try:
        found = decode(io.BytesIO(bytes(data)), max_seconds=60)
    except UndecodableAudio as refusal:
        assert "\n" not in str(refusal)
    else:
        assert 0 < len(found.samples) <= 60 * RATE
        assert np.isfinite(found.samples).all()
