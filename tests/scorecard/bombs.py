"""Small files that unfold into days."""

import gzip
import io
import struct
import wave
import zipfile
from collections.abc import Callable, Mapping


def _crc_table(polynomial: int, width: int) -> list[int]:
    top = 1 << (width - 1)
    table = []
    for byte in range(256):
        value = byte << (width - 8)
        for _ in range(8):
            value = (value << 1) ^ (polynomial if value & top else 0)
        table.append(value & ((1 << width) - 1))
    return table


_CRC8, _CRC16, _CRC32 = _crc_table(0x07, 8), _crc_table(0x8005, 16), _crc_table(0x04C11DB7, 32)


def _crc(data: bytes, table: list[int], width: int) -> int:
    value, mask = 0, (1 << width) - 1
    for byte in data:
        value = ((value << 8) & mask) ^ table[(value >> (width - 8)) ^ byte]
    return value


def flac(hours: float, told: bool) -> bytes:
    """Silence at 8 kHz in the fewest bytes RFC 9639 has for it: 14 for eight seconds. told: whether the header says how long."""
    block, rate = 65535, 8000
    frames = round(hours * 3600 * rate / block)
    total = frames * block if told else 0
    info = struct.pack(">HH", block, block) + bytes(6) + struct.pack(">Q", rate << 44 | 15 << 36 | total) + bytes(16)
    parts = [b"fLaC\x80\x00\x00\x22", info]
    for number in range(frames):
        # Fixed block size, 16 bits of size behind the number; mono; 16 bits; a constant subframe of 0.
        head = b"\xff\xf8\x74\x08" + chr(number).encode("utf-8", "surrogatepass") + struct.pack(">H", block - 1)
        frame = head + bytes([_crc(head, _CRC8, 8)]) + b"\x00\x00\x00"
        parts.append(frame + struct.pack(">H", _crc(frame, _CRC16, 16)))
    return b"".join(parts)


def opus(hours: float) -> bytes:
    """Silence as Opus packets of two bytes for 120 ms each (RFC 6716 and 7845); only its last page tells the length."""

    def page(flags: int, granule: int, number: int, packets: list[bytes]) -> bytes:
        lacing = bytes(len(packet) for packet in packets)
        head = b"OggS\x00" + struct.pack("<BqIII", flags, granule, 7, number, 0) + bytes([len(lacing)]) + lacing
        whole = head + b"".join(packets)
        return whole[:22] + struct.pack("<I", _crc(whole, _CRC32, 32)) + whole[26:]

    tags = b"OpusTags" + struct.pack("<I", 1) + b"x" + struct.pack("<I", 0)
    pages = [page(2, 0, 0, [b"OpusHead\x01\x01" + struct.pack("<HIhB", 0, 48_000, 0, 0)]), page(0, 0, 1, [tags])]
    # SILK, narrow band, 60 ms; two frames of no bytes at all, which is "nothing was sent".
    packet = bytes([3 << 3 | 1])
    count, step = round(hours * 3600 / 0.12 / 255), 255 * 5760
    pages += [page(4 if n == count - 1 else 0, (n + 1) * step, n + 2, [packet] * 255) for n in range(count)]
    return b"".join(pages)


def wav(seconds: float, channels: int, rate: int, claimed: int | None = None, width: int = 2) -> bytes:
    """Silence as a WAV file. claimed: bytes of sound that its header says are there. width: of a sample."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframesraw(bytes(round(seconds * rate) * channels * width))
    data = bytearray(target.getvalue())
    if claimed is not None:
        data[4:8] = data[40:44] = struct.pack("<I", claimed)
    return bytes(data)


def zipped() -> bytes:
    """200 MB of nothing in 200 kB."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("talk.wav", bytes(200_000_000))
    return target.getvalue()


BOMBS: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "24 h of FLAC": ("day.flac", lambda: flac(24, told=True)),
    "24 h of FLAC that hides its length": ("day.flac", lambda: flac(24, told=False)),
    "10 h of Opus": ("day.opus", lambda: opus(10)),
    "5 h of WAV at 4 kHz": ("day.wav", lambda: wav(5 * 3600, 1, 4000, width=1)),
    "10 s of WAV that claims 2 GB": ("talk.wav", lambda: wav(10, 2, 48_000, 0x7EFF_FFFF)),
    "8 channels at 192 kHz": ("talk.wav", lambda: wav(20, 8, 192_000)),
    "200 MB in a zip": ("talk.zip", zipped),
    "200 MB in a gzip": ("talk.wav", lambda: gzip.compress(bytes(200_000_000), 6)),
}
