"""Files made to do harm: recordings of every format and problems, damaged at random in the ways that they are read."""

import random
import struct
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from speech.decode import decode
from tests.speech.test_decode import FORMATS, encoded, tone

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)


@cache
def talk(seconds: float, start: float = 12.0) -> np.ndarray:
    """Spoken words out of the bundled recording: float32 mono, 16 kHz."""
    samples = decode(ROOT / "demo" / "answer.opus").samples
    return samples[round(start * 16_000) : round((start + seconds) * 16_000)]


@cache
def originals() -> tuple[tuple[str, bytes], ...]:
    """(ending, file) of a tone in every format, of two seconds of speech in some, and of each file in the corpus."""
    made = [(name, encoded(tone(0.6), name, codec, rate)) for name, codec, rate in FORMATS]
    made += [(name, encoded(talk(2.0), name, codec, rate)) for name, codec, rate in FORMATS[::6]]
    return (*made, *((path.suffix[1:], path.read_bytes()) for path in sorted((CORPUS / "media").iterdir())))


def mutant(dice: random.Random) -> tuple[str, bytes]:
    """A file's name and content."""
    ending, original = dice.choice(originals())
    data = bytearray(original)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        damage(data, dice, [content for _, content in originals()])
    name = dice.choice(
        (f"talk.{ending}", f"talk.{dice.choice(FORMATS)[0]}", "talk", "talk.m3u8", "a" * 300, "\u202etxt.wav")
    )
    return name, bytes(data)


def damage(data: bytearray, dice: random.Random, others: Sequence[bytes]) -> None:
    """Change something about it. others: whose ends it may be given."""
    if not data:
        data += dice.randbytes(20)
        return
    # Headers decide most, and take up least.
    at = dice.randrange(min(len(data), dice.choice((64, 512, len(data)))))
    match dice.randrange(8):
        case 0:
            data[at] ^= 1 << dice.randrange(8)
        case 1:
            piece = dice.randbytes(dice.choice((1, 4, 40, 400)))
            data[at : at + len(piece)] = piece
        case 2:
            del data[at : at + dice.choice((1, 3, 16, 500))]
        case 3:
            data[at:at] = data[max(0, at - dice.choice((4, 64, 4000))) : at]
        case 4:
            # A length, count or rate at the edge of its type, in either byte order.
            form = dice.choice(("<I", ">I", "<H", ">H", "<Q", ">Q"))
            number = dice.choice(_EDGES) & ((1 << 8 * struct.calcsize(form)) - 1)
            data[at : at + struct.calcsize(form)] = struct.pack(form, number)
        case 5:
            del data[max(1, at) :]
        case 6:
            other = dice.choice(others)
            data[at:] = other[dice.randrange(len(other)) :]
        case 7:
            piece = bytes(dice.choice((16, 700)))
            data[at : at + len(piece)] = piece


def form(dice: random.Random, name: str, content: bytes) -> tuple[str, bytes]:
    """A form with such a file as one finds it: mostly sound, sometimes not. Its content type and its bytes."""
    boundary = dice.choice(("b", "-" * 70, "----WebKitFormBoundary7MA4YWxkTrZu0gW"))
    shown = name.encode("utf-8").replace(b'"', b"%22")
    head = b'Content-Disposition: form-data; name="file"; filename="%s"\r\nContent-Type: audio/wav' % shown
    parts = [(head, content)]
    line = b"\r\n"
    for _ in range(dice.choice((0,) * 8 + (1, 2))):
        match dice.randrange(12):
            case 0:
                parts.append((b'Content-Disposition: form-data; name="problem"', dice.randbytes(9)))
            case 1:
                parts.append((head, content[:50]))
            case 2:
                parts.append((b"Content-Disposition: form-data; name=" + b'"' * dice.randrange(4), b"x"))
            case 3:
                parts = [(b"Content-Disposition: form-data; filename*=utf-16''%ff%fe; name=file", content)]
            case 4:
                parts += [(b'Content-Disposition: form-data; name="x%d"' % n, b"") for n in range(200)]
            case 5:
                parts = [(head + b"\r\nX-Long: " + b"a" * 20_000, content)]
            case 6:
                parts = [(head + b"\r\nContent-Transfer-Encoding: base64", content)]
            case 7:
                parts = [(head + b"; charset=%s" % dice.choice((b"utf-7", b"no-such", b"\xff")), content)]
            case 8:
                parts = [(head, b"--" + boundary.encode() + b"\r\n" + content)]
            case 9:
                line = dice.choice((b"\n", b"\r", b""))
            case 10:
                parts = [(b"", content)]
            case 11:
                parts = [(head.replace(b"file", b"file\x00"), content)]
    mark = b"--" + boundary.encode()
    body = b"".join(mark + line + head + line * 2 + part + line for head, part in parts)
    body += dice.choice((mark + b"--" + line,) * 20 + (b"", mark, mark + b"--junk"))
    stated = dice.choice((boundary,) * 30 + ("other", "", f'"{boundary}"', "\x01", "b" * 300))
    return f"multipart/form-data; boundary={stated}", body


def forms(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """So many forms, always the same ones for a seed."""
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        yield form(dice, *mutant(dice))


_KEYS = ('"\\u001b[2J\\n"', '"facts[0]"', '""', '"a.b"', "a.b.c", "'['", "__proto__", '"\\u202e"', "id", "facts")
_VALUES = (
    "0", "-1", "inf", "nan", "true", "[]", "{}", '""', '" "', "[[[]]]", "[1, 'a', {}]", "{ a.b = 1 }", "1979-05-27T07:32:00Z",
    "99:99", "0x7fffffffffffffffffff", '"\\u0000"', '"\\ud800"', '"\\U0001F600"', "'\u202e'", '"""', "[" * 500, "9" * 3000,
)  # fmt: skip


@cache
def problem_files() -> tuple[bytes, ...]:
    """The problems of the corpus."""
    return tuple(path.read_bytes() for path in sorted((CORPUS / "problems").iterdir()))


def problem_file(dice: random.Random) -> bytes:
    """One of them, damaged as bytes or as what is written in it."""
    original = dice.choice(problem_files())
    if dice.randrange(3) == 0:
        data = bytearray(original)
        for _ in range(dice.choice((1, 2, 4))):
            damage(data, dice, problem_files())
        return bytes(data)
    lines = original.decode("utf-8").split("\n")
    for _ in range(dice.choice((0, 1, 1, 2, 4))):
        at = dice.randrange(len(lines))
        key, assigns, value = lines[at].partition(" = ")
        match dice.randrange(6):
            case 0:
                del lines[at]
                lines = lines or [""]
            case 1:
                lines.insert(at, dice.choice(lines))
            case 2 if assigns:
                lines[at] = f"{key} = {dice.choice(_VALUES)}"
            case 3 if assigns:
                lines[at] = f"{dice.choice(_KEYS)} = {value}"
            case 4:
                lines.insert(at, f"[[{dice.choice(_KEYS)}]]" if dice.randrange(2) else f"[{dice.choice(_KEYS)}]")
            case _:
                lines.insert(at, f"{dice.choice(_KEYS)} = {dice.choice(_VALUES)}")
    return "\n".join(lines).encode("utf-8")
