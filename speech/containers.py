"""What kind of audio file this is, and how long it claims to be, read from its first bytes."""

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from av import AudioStream
    from av.container import InputContainer

# (offset, bytes there, FFmpeg's name of the reader). MP3 and AAC have no such bytes, see `reader_for`.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (8, b"WAVE", "wav"),
    (8, b"AIFF", "aiff"),
    (8, b"AIFC", "aiff"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"\x1aE\xdf\xa3", "matroska,webm"),
    (4, b"ftyp", "mov,mp4,m4a,3gp,3g2,mj2"),
    (0, b"caff", "caf"),
    (0, b".snd", "au"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "asf"),
    (0, b"ID3", "mp3"),
)
# fmt: off
CODECS = (
    "aac", "aac_fixed", "alac", "flac", "mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float", "opus",
    "libopus", "vorbis", "libvorbis", "speex", "libspeex", "ac3", "eac3", "amrnb", "amrwb", "wmav1", "wmav2",
    "wmapro", "pcm_s8", "pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be",
    "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be", "pcm_alaw", "pcm_mulaw", "adpcm_ms", "adpcm_ima_wav",
    "adpcm_ima_qt", "gsm_ms",
)
# fmt: on
"""The decoders a file may use. Keeps those of video and subtitles, the larger part of FFmpeg, away from it."""


def reader_for(head: bytes) -> str | None:
    """FFmpeg's name of the reader for a file that begins with these 16 bytes; None where it is no known audio."""
    for offset, signature, reader in _SIGNATURES:
        if head.startswith(signature, offset):
            return reader
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        layer = head[1] >> 1 & 3
        if layer == 0 and head[1] & 0xF6 == 0xF0:
            return "aac"
        # Layer I is ruled out because UTF-16 text begins like it and nothing else does.
        if layer in (1, 2) and head[1] >> 3 & 3 != 1 and head[2] >> 4 != 15 and head[2] >> 2 & 3 != 3:
            return "mp3"
    return None


def declared_seconds(container: "InputContainer", stream: "AudioStream", file: BinaryIO) -> float | None:
    """The length the file's header claims; None where FFmpeg would only guess one from the bit rate."""
    if stream.duration is not None and stream.time_base is not None:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        seconds = container.duration / 1e6
    else:
        return None
    if seconds <= 0 or container.format.name == "aac" or (container.format.name == "mp3" and not _has_length(file)):
        return None
    if container.format.name == "wav":
        # FFmpeg tells the length that is there, the header the length there should be.
        claimed, present = _riff_bytes(file)
        return seconds * claimed / present if claimed > present else seconds
    return seconds


def _riff_bytes(file: BinaryIO) -> tuple[int, int]:
    """Bytes a WAV file claims to have and has."""
    at = file.tell()
    present = file.seek(0, 2)
    file.seek(4)
    claimed = int.from_bytes(file.read(4), "little") + 8
    file.seek(at)
    # Written as a stream, a WAV claims the most its header can say.
    return (claimed if claimed < 0x7F00_0000 else 0), present


def _has_length(file: BinaryIO) -> bool:
    """Whether an MP3 file begins with a header that counts its frames."""
    at = file.tell()
    file.seek(0)
    head = file.read(10)
    tag = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
    file.seek(10 + tag if head.startswith(b"ID3") else 0)
    first = file.read(512)
    file.seek(at)
    return any(name in first for name in (b"Xing", b"Info", b"VBRI"))
